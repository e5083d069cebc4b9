import { z } from 'zod'
import { Json } from './json.ts'

/** Why an attempt did not succeed. The reason, never the message, decides whether to try again. */
export const FailureReason = z.enum([
  'Timeout',
  'HostUnreachable',
  'HostProtocol',
  'HostError',
  'RateLimited',
  'Unauthorized',
  'ModelNotFound',
  'RequestRejected',
  'NoHost',
  'InvalidOutput',
  'InvalidExpression',
  'CommandFailed',
  'CommandRefused',
  'Unexpected',
  'Unsupported',
  'BudgetExceeded',
  'ChildFailed',
  'Stopped',
])
export type FailureReason = z.infer<typeof FailureReason>

const terminal: ReadonlySet<FailureReason> = new Set([
  'Unauthorized',
  'ModelNotFound',
  'RequestRejected',
  'NoHost',
  'InvalidOutput',
  'InvalidExpression',
  'CommandRefused',
  'Unsupported',
  'BudgetExceeded',
  'Stopped',
])

/** One request to one host, kept in the trace whether it was answered or not. Milliseconds since the epoch. */
export const HostTry = z.strictObject({
  host: z.string(),
  model: z.string(),
  startedMs: z.number(),
  endedMs: z.number(),
  reason: FailureReason.optional(),
  message: z.string().optional(),
})
export type HostTry = z.infer<typeof HostTry>

/** A failure as it is journalled. `output` is what the step left before it failed, if anything. */
export const Failure = z.strictObject({
  reason: FailureReason,
  message: z.string(),
  output: Json.optional(),
  tries: z.array(HostTry).optional(),
})
export type Failure = z.infer<typeof Failure>

/** True when a further attempt cannot help. */
export function isTerminal(reason: FailureReason): boolean {
  return terminal.has(reason)
}

/** A step attempt that did not succeed. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure'
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}
