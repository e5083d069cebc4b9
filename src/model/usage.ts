import { z } from 'zod'

/** What an answer cost. `costUsd` is null where no price is known. */
export const Usage = z.strictObject({
  inputTokens: z.int(),
  outputTokens: z.int(),
  costUsd: z.number().nullable(),
})
export type Usage = z.infer<typeof Usage>

/** Adds two usages; an unknown cost makes the sum unknown. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  }
}

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 }
