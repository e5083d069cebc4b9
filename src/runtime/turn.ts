import type { TimerPurpose } from '../model/journal-event.ts'
import type { AttemptRequest, NewEvent } from './ports.ts'

/** What a run asks of the outside once its events are durable. */
export type Effect =
  | { readonly type: 'dispatch'; readonly request: AttemptRequest }
  | { readonly type: 'abort'; readonly path: string }
  | { readonly type: 'timer'; readonly path: string; readonly purpose?: TimerPurpose; readonly atMs: number }
  | { readonly type: 'settled' }

/** What follows from one input: events to write in one transaction, and effects to let go after it. */
export interface Turn {
  readonly events: readonly NewEvent[]
  readonly effects: readonly Effect[]
}
