import type { Awaited, JournalEvent, JournalEventBody } from '../model/journal-event.ts'
import { pointInTime } from '../model/point-in-time.ts'
import type { Work } from './ports.ts'

/** What work waits for, if it waits instead of being done; a time that cannot be read is not waited for. */
export function awaitedBy(work: Work, nowMs: number): Awaited | undefined {
  if (work.kind === 'ask') return { for: 'answer', question: work.question, assignees: [...work.assignees] }
  if (work.kind !== 'wait') return undefined
  if (work.event !== undefined) return { for: 'event', event: work.event }
  const untilMs = work.durationMs === undefined ? pointInTime(work.until ?? '') : nowMs + work.durationMs
  return untilMs === undefined ? undefined : { for: 'time', untilMs }
}

/** An event as the version of the journal that it is compared with would have had it. */
export function asWrittenBy({ v }: Pick<JournalEvent, 'v'>, body: JournalEventBody): JournalEventBody {
  if (v >= 2 || body.type !== 'attempt-started') return body
  const { waiting: _, ...known } = body
  return known
}
