import type { Program } from '../compiler/program.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import type { RunStatus } from '../runtime/status.ts'

/** Everything a trace is made of. `source` is the text of the workflow file, `sourcePath` its path in the repository. */
export interface TraceInput {
  readonly status: RunStatus
  readonly program: Program
  readonly events: readonly JournalEvent[]
  readonly source: string
  readonly sourcePath: string
}
