/** The journal could not be written, as when the disk is full; nothing of the commit was written, and later it may be. */
export class JournalUnavailable extends Error {
  override readonly name: string = 'JournalUnavailable'

  constructor(cause: Error, what = 'the journal cannot be written') {
    super(`${what}: ${cause.message}`, { cause })
  }
}
