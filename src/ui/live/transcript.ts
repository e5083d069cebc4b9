import type { ExecutionEvent } from '../../model/execution-event.ts'
import type { Run, Step } from '../api/answers.ts'

/** A piece of what the terminal shows. */
export interface Chunk {
  readonly kind: 'system' | 'agent' | 'tool' | 'error' | 'done'
  readonly timeMs: number
  readonly path?: string
  readonly text: string
  /** True for a piece of an answer that is still coming: pieces of one step belong on one line. */
  readonly isStreamed?: boolean
}

/** What an event adds to the terminal. */
export function chunkOf(event: ExecutionEvent): Chunk {
  const { path, content } = event
  const place = { timeMs: Math.round(event.timestamp * 1000), ...(path !== undefined && { path }) }
  switch (event.type) {
    case 'agent_thought':
      return { kind: 'agent', ...place, text: textOf(content), isStreamed: true }
    case 'step_started':
      return { kind: 'system', ...place, text: 'started' }
    case 'step_complete':
      return { kind: 'done', ...place, text: describeDone(event.model, event.host) }
    case 'step_failed':
    case 'error':
      return { kind: 'error', ...place, text: causeText(content) }
    case 'step_skipped':
      return { kind: 'system', ...place, text: 'skipped' }
    case 'tool_call':
    case 'tool_result':
      return { kind: 'tool', ...place, text: textOf(content) }
    case 'waiting':
      return { kind: 'system', ...place, text: waitingText(content) }
    case 'log':
      return { kind: 'system', ...place, text: textOf(content) }
    case 'job_started':
      return { kind: 'system', ...place, text: 'The run begins.' }
    case 'job_finished':
      return { kind: event.status === 'failed' ? 'error' : 'done', ...place, text: `The run has ${event.status}.` }
  }
}

/** What the terminal shows of a run that one has not watched: the same facts, in the order in which they came. */
export function transcriptOf(run: Run): Chunk[] {
  const chunks = [
    { kind: 'system' as const, timeMs: run.startedMs, text: 'The run begins.' },
    ...run.steps.flatMap(chunksOfStep),
  ]
  // The sort is stable: what came in one moment stays in its order.
  chunks.sort((a, b) => a.timeMs - b.timeMs)
  if (run.endedMs === undefined) return chunks
  const kind = run.status === 'failed' ? 'error' : 'done'
  return [...chunks, { kind, timeMs: run.endedMs, text: `The run has ${run.status}.` }]
}

function chunksOfStep({ path, status, startedMs, endedMs, attempts, error, output }: Step): Chunk[] {
  if (status === 'skipped') return [{ kind: 'system', path, timeMs: startedMs, text: 'skipped' }]
  const chunks: Chunk[] = [{ kind: 'system', path, timeMs: startedMs, text: 'started' }]
  for (const { attempt, failure, endedMs: failedMs, waiting, startedMs: waitedMs } of attempts) {
    if (waiting) chunks.push({ kind: 'system', path, timeMs: waitedMs, text: waitingText(waiting) })
    if (failure && failedMs !== undefined) {
      const text = `Attempt ${attempt} failed: ${failure.reason}: ${failure.message}`
      chunks.push({ kind: 'error', path, timeMs: failedMs, text })
    }
  }
  if (endedMs === undefined) return chunks
  const last = attempts.at(-1)
  if (status === 'succeeded' && last?.model !== undefined) {
    chunks.push({ kind: 'agent', path, timeMs: last.endedMs ?? endedMs, text: last.raw ?? textOf(output) })
  }
  if (status === 'failed' && last?.failure) return chunks
  if (status === 'failed') chunks.push({ kind: 'error', path, timeMs: endedMs, text: causeText(error) })
  else chunks.push({ kind: 'done', path, timeMs: endedMs, text: describeDone(last?.model, last?.host) })
  return chunks
}

function describeDone(model: string | undefined, host: string | undefined): string {
  const by = model === undefined ? '' : `  ${model}${host === undefined ? '' : ` @ ${host}`}`
  return `done${by}`
}

function waitingText(content: unknown): string {
  const waiting = content as { for?: string; question?: string; event?: string; untilMs?: number }
  if (waiting.for === 'answer') return `asks: ${waiting.question ?? ''}`
  if (waiting.for === 'event') return `waits for the event ${waiting.event ?? ''}`
  return 'waits for a time'
}

function causeText(content: unknown): string {
  const cause = content as { reason?: string; message?: string } | null | undefined
  return cause?.reason === undefined ? textOf(content) : `${cause.reason}: ${cause.message ?? ''}`
}

/** A text as it stands, anything else as JSON. */
export function textOf(content: unknown): string {
  return typeof content === 'string' ? content : (JSON.stringify(content) ?? '')
}
