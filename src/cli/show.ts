import type { Command } from 'commander'
import { canonicalJson } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { runSummary } from '../runtime/execution-event.ts'
import type { AttemptStatus, RunStatus, StepStatus } from '../runtime/status.ts'
import { asText } from '../trace/step-files.ts'
import { stepIdOf } from '../trace/step-order.ts'
import { visibleText } from '../model/visible-text.ts'
import { warnOfTroubles } from './daemon-health.ts'
import { formatTime } from './figures.ts'
import { painted } from './live-tree.ts'
import { type Paint, paintFor } from './paint.ts'
import { runFacts } from './run-facts.ts'
import { findRun, findStore, programOf, statusOf } from './stored-runs.ts'
import { stepLine, treeLines, whereOf } from './tree-lines.ts'
import { UsageError } from '../model/usage-error.ts'

interface ShowOptions {
  readonly step?: string
  readonly json?: boolean
}

/** Adds `orchestrate show` to the program. */
export function addShow(program: Command): void {
  program
    .command('show')
    .description('show a run, or one step of it')
    .argument('<run>', 'its id, the beginning of it, or latest')
    .option('--step <path>', 'what this step was asked and what came back, as draft or refine/2/judge')
    .option('--json', 'print one JSON document')
    .action(async (wanted: string, options: ShowOptions) => {
      using store = await findStore(process.cwd())
      const row = findRun(store, wanted)
      if (!store) return
      const status = statusOf(store, row.id)
      const paint = paintFor(process.stdout)
      const step = options.step === undefined ? undefined : findStep(status, options.step)
      if (options.json) process.stdout.write(`${JSON.stringify(step ?? runSummary(status), undefined, 2)}\n`)
      else if (step) process.stdout.write(stepText(step, paint))
      else {
        const columns = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY
        const lines = treeLines(programOf(store, status), status, { nowMs: Date.now(), columns, isExpanded: true })
        process.stdout.write(runText(status, lines, paint))
      }
      if (status.endedMs === undefined) await warnOfTroubles(process.cwd())
    })
}

/** A step by its path, or by its id: then the last of its turns. Throws `UsageError`. */
export function findStep({ steps }: RunStatus, wanted: string): StepStatus {
  const found = steps.get(wanted) ?? [...steps.values()].findLast(({ path }) => stepIdOf(path) === wanted)
  if (found) return found
  const near = nearest(wanted, steps.keys())
  const known = [...steps.keys()].slice(0, 20).join(', ')
  throw new UsageError(`The run has no step ${wanted}.`, near ? `Did you mean ${near}?` : `So far it has ${known}.`)
}

/** A run for people: the tree with every step, what it was given, what came out, where the trace is. */
export function runText(status: RunStatus, lines: readonly string[], paint: Paint): string {
  const { id, inputs, outputs } = status
  const facts = [`run ${id}`, ...runFacts(status, paint)]
  return [
    `${lines.map(line => painted(line, paint)).join('\n')}\n`,
    `${facts.join('\n')}\n`,
    ...(Object.keys(inputs).length > 0 ? [section('Inputs', asText(inputs), paint)] : []),
    ...(outputs === null ? [] : [section('Outputs', asText(outputs), paint)]),
  ].join('\n')
}

/** A step for people: its line, then each attempt with what was sent and what came back. */
export function stepText(step: StepStatus, paint: Paint): string {
  const several = step.attempts.length > 1
  return [
    `${painted(stepLine(step), paint)}\n`,
    ...step.attempts.flatMap((attempt, index) => attemptSections(attempt, several, index, step, paint)),
    ...(isNews(step) ? [section('Output', asText(step.output), paint)] : []),
  ].join('\n')
}

/** Whether the output is something else than the answer as it came. */
function isNews({ output, attempts }: StepStatus): boolean {
  if (output === null) return false
  const last = attempts.at(-1)
  const answer = last?.raw ?? last?.output
  if (typeof answer !== 'string' || typeof output === 'string') return canonicalJson(answer) !== canonicalJson(output)
  try {
    return canonicalJson(JSON.parse(answer)) !== canonicalJson(output)
  } catch {
    return true
  }
}

function attemptSections(
  attempt: AttemptStatus,
  several: boolean,
  index: number,
  step: StepStatus,
  paint: Paint,
): string[] {
  const { messages, failure, output, raw } = attempt
  // A later attempt is sent what the first was sent, unless it is told what was wrong.
  const isRepeat = index > 0 && JSON.stringify(messages) === JSON.stringify(step.attempts[index - 1]?.messages)
  const question = attempt.waiting?.for === 'answer' ? attempt.waiting.question : undefined
  const came = raw ?? (output === undefined ? undefined : asText(output))
  return [
    ...(several ? [`${paint('bold', `Attempt ${attempt.attempt}`)}  ${attemptFacts(attempt)}\n`] : []),
    ...(question === undefined ? [] : [section('Question', question, paint)]),
    ...(isRepeat ? [] : (messages ?? []).map(({ role, content }) => section(`Prompt (${role})`, content, paint))),
    ...(came === undefined ? [] : [section('Answer', came, paint)]),
    ...(failure ? [section(`Failure: ${failure.reason}`, failure.message, paint)] : []),
    ...(failure?.output === undefined ? [] : [section('It left', asText(failure.output), paint)]),
  ]
}

function attemptFacts(attempt: AttemptStatus): string {
  const { startedMs, endedMs } = attempt
  const where = whereOf({ attempts: [attempt] })
  return [where, endedMs === undefined ? '' : formatTime(endedMs - startedMs)].filter(part => part !== '').join('  ')
}

function section(title: string, text: string, paint: Paint): string {
  return `${paint('bold', title)}\n${visibleText(text.trimEnd()).replaceAll(/^(?=.)/gm, '  ')}\n`
}
