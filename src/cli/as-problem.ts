import { GitFailure, type GitFailureReason } from '../git/git-failure.ts'
import { hasErrors } from '../model/diagnostic.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'
import { Problem } from '../server/problem.ts'

/** What a person, or a moment, can put right. */
const conflicts: readonly GitFailureReason[] = [
  'Contended',
  'UncommittedChanges',
  'CheckedOutElsewhere',
  'OperationInProgress',
  'DetachedHead',
]

/** What a person can put right is told over HTTP, too. */
export async function asProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UsageError) throw new Problem(400, 'BAD_REQUEST', error.message, error.hint)
    if (error instanceof GitFailure && conflicts.includes(error.reason))
      throw new Problem(409, 'CONFLICT', error.message)
    if (error instanceof GitFailure && error.reason === 'InvalidRefName')
      throw new Problem(400, 'BAD_REQUEST', error.message)
    if (error instanceof GitFailure && (error.reason === 'UnknownRevision' || error.reason === 'MissingObject'))
      throw new Problem(404, 'UNKNOWN_REVISION', error.message)
    if (error instanceof InvalidFiles && hasErrors(error.diagnostics)) {
      throw new Problem(422, 'INVALID', error.diagnostics.map(({ message }) => message).join(' '))
    }
    throw error
  }
}
