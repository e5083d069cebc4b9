/** Why git could not do what was asked. Callers decide by the reason, never by the message. */
export type GitFailureReason =
  | 'GitMissing'
  | 'NotARepository'
  | 'RepositoryRefused'
  | 'CommandFailed'
  | 'ProcessLost'
  | 'UnknownRevision'
  | 'MissingObject'
  | 'InvalidRefName'
  | 'RefNameTaken'
  | 'InvalidText'
  | 'BlobTooLarge'
  | 'UnsafePath'
  | 'Contended'
  | 'NoWorkTree'
  | 'DetachedHead'
  | 'OperationInProgress'
  | 'UncommittedTraces'
  | 'UncommittedChanges'
  | 'CheckedOutElsewhere'
  | 'NothingToLand'
  | 'FetchFailed'

/** Git could not do what was asked. The message says what is wrong and what to try. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure'
  readonly reason: GitFailureReason

  constructor(reason: GitFailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
