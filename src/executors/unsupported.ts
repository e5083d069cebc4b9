import { StepFailure } from '../model/failure.ts'
import type { Executor } from '../runtime/ports.ts'

/** Refuses a step of a kind that this version checks and compiles, and cannot perform. */
export const unsupported: Executor = {
  execute: async ({ work }) => {
    const message = `This version cannot perform a step of the kind \`${work.kind}\` yet.`
    throw new StepFailure({ reason: 'Unsupported', message })
  },
}
