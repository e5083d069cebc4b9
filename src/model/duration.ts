import { z } from 'zod'

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time as people write it: `500ms`, `90s`, `1.5m`, `2h`, `1d`. */
export const Duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'Write a number and a unit: ms, s, m, h or d.')
  .meta({ description: 'A length of time: a number and ms, s, m, h or d.', examples: ['90s', '5m'] })

/** A length of time that is more than none. */
export const PositiveDuration = Duration.refine(
  text => !Duration.safeParse(text).success || durationMs(text) > 0,
  'Write more than 0.',
)

/** Milliseconds of a duration that `Duration` accepts. */
export function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (!match) throw new RangeError(`not a duration: ${text}`)
  return Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs])
}
