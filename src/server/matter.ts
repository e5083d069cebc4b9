import { z } from 'zod'
import type { JournalEvent } from '../model/journal-event.ts'

/** What a receiver elsewhere is told of. */
export const Matter = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(['succeeded', 'failed', 'cancelled', 'trace']),
    runId: z.string(),
    workflow: z.string(),
  }),
  z.strictObject({
    type: z.literal('waiting'),
    ...{ runId: z.string(), workflow: z.string(), path: z.string(), attempt: z.int() },
  }),
  z.strictObject({
    type: z.literal('host-down'),
    ...{ host: z.string(), condition: z.string(), message: z.string().optional(), sinceMs: z.number() },
  }),
])
export type Matter = z.infer<typeof Matter>

/** True for an event that somebody may want to be told of. */
export function isNews({ body }: JournalEvent): boolean {
  return body.type === 'run-settled' || (body.type === 'attempt-started' && body.waiting?.for === 'answer')
}

/** What an event of a workflow's run is to receivers: none, one, or more things. */
export function mattersOf(event: JournalEvent, workflow: string): Matter[] {
  const { runId, body } = event
  if (!isNews(event)) return []
  if (body.type === 'attempt-started') {
    return [{ type: 'waiting', runId, workflow, path: body.path, attempt: body.attempt }]
  }
  if (body.type !== 'run-settled') return []
  return [
    { type: body.status, runId, workflow },
    { type: 'trace', runId, workflow },
  ]
}
