import type { Failure } from '../model/failure.ts'
import type { AttemptRequest } from './ports.ts'

/** The failure of an attempt whose time is over. */
export function lateFailure({ attempt, stepId }: AttemptRequest): Failure {
  return { reason: 'Timeout', message: `Attempt ${attempt} of \`${stepId}\` took longer than its timeout.` }
}
