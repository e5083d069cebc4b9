import { z } from 'zod'
import { anyJson } from './contract.ts'

/** What inspectors are shown of a run. */

const ChartTransition = z.object({
  target: z
    .string()
    .optional()
    .describe('A sibling by its key, or any state by `#` and its id, or `#id.key` below it.'),
  guard: z.object({ type: z.string(), params: z.record(z.string(), anyJson).optional() }).optional(),
})

export const ChartState = z
  .object({
    id: z.string().optional(),
    description: z.string().optional(),
    type: z.enum(['final', 'parallel']).optional(),
    initial: z.string().optional(),
    get states() {
      return z.record(z.string(), ChartState).optional()
    },
    on: z.record(z.string(), z.array(ChartTransition)).optional(),
    always: z.array(ChartTransition).optional(),
    after: z.record(z.string(), z.array(ChartTransition)).optional(),
  })
  .meta({ id: 'ChartState', description: 'A state of an XState 5 machine config; `on.done` is what follows its end.' })

export const ChartAnswer = z
  .object({
    definition: ChartState,
    value: anyJson.describe('The states that the run is in, as XState writes it; null where it cannot be told.'),
    seq: z.int().describe('The last event of the run that the value holds.'),
  })
  .meta({ id: 'Chart' })
