/** The journal could not be written, as when the disk is full; nothing of the commit was written, and later it may be. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable'

  constructor(cause: Error) {
    super(`the journal cannot be written: ${cause.message}`, { cause })
  }
}
