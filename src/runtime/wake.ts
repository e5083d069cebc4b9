import type { StoredRun } from './keeper-ports.ts'
import { Run } from './run.ts'

/** A run as its journal has it; what it waits for has never stopped. Throws `JournalMismatch`. */
export function wake(id: string, { created, loaded, events }: StoredRun): Run {
  const run = new Run(id, created, loaded)
  run.replay(events)
  return run
}

/** Whether something became durable, or the journal has refused it. */
export function isWritten(written: Promise<void>): Promise<boolean> {
  return written.then(
    () => true,
    () => false,
  )
}
