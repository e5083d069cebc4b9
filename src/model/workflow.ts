import { z } from 'zod'
import { Json } from './json.ts'
import type { Step } from './step.ts'

/** An input of a workflow: a JSON Schema, and the value it has when none is given. */
export const Input = z.strictObject({
  schema: z.record(z.string(), Json),
  default: Json.optional(),
  description: z.string().optional(),
})
export type Input = z.infer<typeof Input>

const Head = z.strictObject({
  /** The path below `workflows/` without ending: the identity. */
  name: z.string(),
  title: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  inputs: z.record(z.string(), Input),
  outputs: Json.optional(),
})

/** A sound workflow: everything it names exists, everything it reads has settled when it is read. */
export type Workflow = z.infer<typeof Head> & { steps: Step[] }
