import type { Program } from '../compiler/program.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import { canonicalJson } from '../model/json.ts'
import type { RunStatus, StepStatus } from '../runtime/status.ts'
import { renderReadme } from './readme.ts'
import { stepFiles, stepFolder } from './step-files.ts'
import { inOrder } from './step-order.ts'

/** Everything a trace is made of. `source` is the text of the workflow file, `sourcePath` its path in the repository. */
export interface TraceInput {
  readonly status: RunStatus
  readonly program: Program
  readonly events: readonly JournalEvent[]
  readonly source: string
  readonly sourcePath: string
}

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
    attempts: attempts.map(({ messages: _, output: __, raw: ___, failure: ____, ...facts }) => facts),
  }
}
