import { journalVersion } from '../model/journal-event.ts'
import { JournalUnavailable } from '../runtime/journal-unavailable.ts'

/** A run of this id has been created before; nothing of the commit was written. */
export class RunExists extends Error {
  override readonly name = 'RunExists'
  readonly runId: string

  constructor(runId: string) {
    super(`run ${runId} exists`)
    this.runId = runId
  }
}

/** An event was written by a newer Orchestrate and may mean what this one does not know. */
export class JournalTooNew extends Error {
  override readonly name = 'JournalTooNew'

  constructor(seq: number, version: number) {
    super(
      `event ${seq} was written by a newer Orchestrate (journal version ${version}, this one knows ${journalVersion})`,
    )
  }
}

/** The tables were made by a newer Orchestrate. */
export class StateTooNew extends Error {
  override readonly name = 'StateTooNew'

  constructor(version: number, known: number) {
    super(`the state was written by a newer Orchestrate (tables version ${version}, this one knows ${known})`)
  }
}

/** The database makes no sense: not the whole of it, or not any more. */
export class JournalDamaged extends JournalUnavailable {
  override readonly name: string = 'JournalDamaged'

  constructor(cause: Error) {
    super(cause, 'the journal is damaged')
  }
}

/** Result codes of SQLite (https://sqlite.org/rescode.html): the file makes no sense; what is to be written breaks a rule. */
const damaged = new Set([11, 26])
const refused = new Set([18, 19, 20, 25])

/** What an error of the database means. What is wrong with the ground may pass; what is wrong with an event does not. */
export function journalError(error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  // The lower byte is the kind; the rest tells more of it.
  const kind = Number(error.errcode) & 0xff
  if (damaged.has(kind)) return new JournalDamaged(error)
  return refused.has(kind) ? error : new JournalUnavailable(error)
}
