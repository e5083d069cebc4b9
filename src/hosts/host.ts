import type { HostKind } from '../model/configuration.ts'
import { type FailureReason, StepFailure } from '../model/failure.ts'
import type { Message } from '../model/journal-event.ts'
import type { Output, Sampling } from '../model/step.ts'
import type { z } from 'zod'

/** A model server with everything that is needed to ask it. */
export interface Host {
  readonly name: string
  /** The base URL, with /v1. */
  readonly url: string
  readonly kind: z.infer<typeof HostKind>
  /** The environment variable that holds the key; `key` is what it held, if anything. */
  readonly keyName?: string
  readonly key?: string
  /** Undefined: any. */
  readonly models?: readonly string[]
  readonly parallel: number
  /** USD per million tokens, [input, output], by the name the host has for a model. */
  readonly prices: Readonly<Record<string, readonly [number, number]>>
  /** Set where nothing is asked: answers are made up in this process after a delay. */
  readonly simulated?: { readonly delayMs: number }
}

/** One question to one host. */
export interface HostRequest {
  /** What the host calls the model. */
  readonly model: string
  readonly messages: readonly Message[]
  readonly sampling: Sampling
  /** The schema of an answer must describe an object: servers insist on that. */
  readonly format: Output
  readonly idempotencyKey: string
  /** The path of the step, for the host's log. */
  readonly step: string
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number
}

/** A whole answer. `usage` is missing where the host did not count. */
export interface Completion {
  readonly text: string
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number }
  readonly isSimulated: boolean
}

/** A request that a host did not answer. */
export class HostFailure extends StepFailure {
  /** How long the host wants to be left alone, in milliseconds, at most a minute. */
  readonly retryAfterMs: number | undefined

  constructor(reason: FailureReason, message: string, retryAfterMs?: number) {
    super({ reason, message })
    this.retryAfterMs = retryAfterMs
  }
}
