import { StepFailure } from '../model/failure.ts'
import type { SecretText } from '../runtime/ports.ts'

/** The value of a secret by its name; undefined where it has none. */
export type SecretValues = (name: string) => string | undefined

/** A text with its secrets in it, for the moment at which it leaves the daemon. Throws `StepFailure`. */
export function revealed(text: SecretText, valueOf: SecretValues): string {
  if (typeof text === 'string') return text
  return text.map(part => (typeof part === 'string' ? part : secretValue(part.secret, valueOf))).join('')
}

function secretValue(name: string, valueOf: SecretValues): string {
  const value = valueOf(name)
  if (value !== undefined) return value
  const remedy = 'List it under `secrets:` in orchestrate.yaml, and set it in the environment of the daemon.'
  throw new StepFailure({ reason: 'CommandRefused', message: `The secret ${name} has no value. ${remedy}` })
}
