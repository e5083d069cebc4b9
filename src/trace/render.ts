import { canonicalJson } from '../model/json.ts'
import type { StepStatus } from '../runtime/status.ts'
import { renderReadme } from './readme.ts'
import { stepFiles, stepFolder } from './step-files.ts'
import { inOrder } from './step-order.ts'
import type { TraceInput } from './trace-input.ts'

/**
 * The files of a trace, by their path below `runs/<workflow>/<case>/`.
 *
 * `README.md` and `steps/` are the same for every run with the same answers; what differs between such runs —
 * ids, times, hosts, cost — is in `run.json` and `journal.jsonl`.
 */
export function renderTrace(input: TraceInput): Map<string, string> {
  const { status, program, events } = input
  const files = new Map([
    ['README.md', renderReadme(input)],
    ['run.json', `${canonicalJson(volatileFacts(input), 2)}\n`],
    ['journal.jsonl', events.map(event => `${JSON.stringify(event)}\n`).join('')],
  ])
  for (const step of inOrder(status, program)) {
    for (const [name, text] of stepFiles(step, program)) files.set(`${stepFolder(step.path)}/${name}`, text)
  }
  return files
}

function volatileFacts({ status, sourcePath }: TraceInput): object {
  const { steps, outputs: _, error: __, trace: ___, ...facts } = status
  return { ...facts, sourcePath, steps: Object.fromEntries(steps.values().map(step => [step.path, stepFacts(step)])) }
}

function stepFacts({ startedMs, endedMs, attempts }: StepStatus): object {
  return {
    startedMs,
    endedMs,
    attempts: attempts.map(
      ({ messages: _messages, waiting: _waiting, output: _output, raw: _raw, failure: _failure, ...facts }) => facts,
    ),
  }
}
