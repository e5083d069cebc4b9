import { journalVersion } from '../model/journal-event.ts'

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
