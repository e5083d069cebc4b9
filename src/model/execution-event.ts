import { z } from 'zod'
import { SettledStatus } from './journal-event.ts'
import { Usage } from './usage.ts'

export const ExecutionEventType = z.enum([
  'job_started',
  'step_started',
  'agent_thought',
  'tool_call',
  'tool_result',
  'log',
  'step_complete',
  'step_failed',
  'step_skipped',
  'waiting',
  'job_finished',
  'error',
])
export type ExecutionEventType = z.infer<typeof ExecutionEventType>

/**
 * What the outside is told about a run: web socket, server-sent events and `--json`.
 *
 * `seq` is the journal's position, or half a one before it where an event tells two things, and grows from one to the next;
 * streamed text (`agent_thought`) repeats the last one. `timestamp` is in seconds.
 */
export const ExecutionEvent = z.strictObject({
  seq: z.number().multipleOf(0.5),
  runId: z.string(),
  type: ExecutionEventType,
  timestamp: z.number(),
  step_id: z.string().optional(),
  path: z.string().optional(),
  /** The output of `step_complete`, the cause of `step_failed`, the text of `agent_thought` and `log`, … */
  content: z.json(),
  attempt: z.int().optional(),
  status: SettledStatus.optional(),
  host: z.string().optional(),
  model: z.string().optional(),
  usage: Usage.optional(),
})
export type ExecutionEvent = z.infer<typeof ExecutionEvent>
