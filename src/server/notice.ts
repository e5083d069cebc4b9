import type { Json } from '../model/json.ts'
import { visibleText } from '../model/visible-text.ts'
import type { RunStatus } from '../runtime/status.ts'
import { toOtlp } from '../trace/otlp.ts'
import type { Redactor } from '../trace/redact.ts'
import type { Matter } from './matter.ts'
import type { Receiver } from './receiver.ts'

/** What notices are written from. */
export interface NoticeSources {
  readonly version: string
  /** Undefined for a run that is not in the journal any more. */
  status(runId: string): RunStatus | undefined
  redactor(): Redactor
}

/** Outputs whose JSON is longer are left out: whoever wants them asks for the run. */
const longestOutputs = 64 * 1024
/** Slack takes 3000 characters in a section. */
const longestText = 2800

/**
 * What a receiver is sent, as JSON without any secret that is known; undefined where there is nothing to tell any more. The
 * same matter is written in the same way each time.
 */
export function writeNotice(matter: Matter, format: Receiver['format'], sources: NoticeSources): string | undefined {
  const run = matter.type === 'host-down' ? undefined : sources.status(matter.runId)
  if (matter.type !== 'host-down' && !run) return undefined
  const written =
    matter.type === 'trace' && run
      ? toOtlp(run, { version: sources.version })
      : format === 'slack'
        ? slackMessage(matter, run)
        : { type: matter.type, ...facts(matter, run) }
  return JSON.stringify(sources.redactor().json(JSON.parse(JSON.stringify(written)) as Json))
}

function facts(matter: Matter, run: RunStatus | undefined): object {
  if (matter.type === 'host-down') {
    const { host, condition, message, sinceMs } = matter
    return { host: { name: host, condition, message, sinceMs } }
  }
  if (!run) return {}
  const { id, workflow, case: of, branch, revision, trigger, startedMs, endedMs, error, usage } = run
  const about = { id, workflow, case: of, branch, revision, trigger, startedMs }
  if (matter.type === 'waiting') return { run: about, step: { path: matter.path, ...questionOf(matter, run) } }
  const isLong = JSON.stringify(run.outputs).length > longestOutputs
  const outputs = isLong ? { areOutputsLeftOut: true } : { outputs: run.outputs }
  return { run: { ...about, status: run.phase, endedMs, ...outputs, error, usage } }
}

function questionOf(
  matter: Matter & { type: 'waiting' },
  { steps }: RunStatus,
): { readonly question?: string; readonly assignees?: readonly string[] } {
  const waiting = steps.get(matter.path)?.attempts.find(({ attempt }) => attempt === matter.attempt)?.waiting
  return waiting?.for === 'answer' ? { question: waiting.question, assignees: waiting.assignees } : {}
}

/** A message as incoming webhooks of Slack, Mattermost and others take it. */
function slackMessage(matter: Matter, run: RunStatus | undefined): object {
  const text = sentence(matter, run).slice(0, longestText)
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] }
}

function sentence(matter: Matter, run: RunStatus | undefined): string {
  if (matter.type === 'host-down') {
    const why = matter.message === undefined ? '' : `: ${plain(matter.message)}`
    return `:warning: Host *${plain(matter.host)}* is ${matter.condition}${why}`
  }
  const of = `*${plain(matter.workflow)}*${run?.branch === undefined ? '' : ` on ${plain(run.branch)}`}`
  if (matter.type === 'waiting') {
    const { question = '' } = run ? questionOf(matter, run) : {}
    return `:raised_hand: ${of} waits at ${plain(matter.path)}: ${plain(question)} (run ${matter.runId})`
  }
  const marks = { succeeded: ':white_check_mark:', failed: ':x:', cancelled: ':no_entry_sign:', trace: '' }
  const why = run?.error ? `: ${run.error.reason}: ${plain(run.error.message)}` : ''
  return `${marks[matter.type]} ${of} ${run?.phase ?? matter.type}${why} (run ${matter.runId})`
}

/** Text that calls nobody, links nowhere and hides nothing. */
function plain(text: string): string {
  return visibleText(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
