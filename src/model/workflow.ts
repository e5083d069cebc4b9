import { z } from 'zod'
import { Json } from './json.ts'
import { Limits, type Step } from './step.ts'

/** An input of a workflow: a JSON Schema, and the value it has when none is given. */
export const Input = z.strictObject({
  schema: z.record(z.string(), Json),
  default: Json.optional(),
  description: z.string().optional(),
})
export type Input = z.infer<typeof Input>

const Values = z.record(z.string(), Json)

/** What starts a workflow. `with` are inputs, with templates over `run.event`. */
export const Triggers = z.strictObject({
  /** Undefined: a commit does not start it. */
  commit: z
    .strictObject({
      branches: z.array(z.string()).optional(),
      paths: z.array(z.string()),
      each: z.boolean(),
      with: Values,
    })
    .optional(),
  schedules: z.array(
    z.strictObject({ cron: z.string(), timezone: z.string(), with: Values, catchUp: z.enum(['none', 'last', 'all']) }),
  ),
  webhook: z.strictObject({ secret: z.string(), with: Values, catchUp: z.enum(['none', 'last', 'all']) }).optional(),
})
export type Triggers = z.infer<typeof Triggers>

/** Runs of which one at a time may be live. `group` is a template. */
export const Concurrency = z.strictObject({
  group: z.string(),
  whenBusy: z.enum(['queue', 'skip', 'cancel-running']),
})
export type Concurrency = z.infer<typeof Concurrency>

const Head = z.strictObject({
  /** The path below `workflows/` without ending: the identity. */
  name: z.string(),
  title: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  inputs: z.record(z.string(), Input),
  /** Sets of inputs by name; a workflow without any has the case `default`. */
  cases: z.record(z.string(), Values),
  triggers: Triggers,
  limits: Limits.optional(),
  concurrency: Concurrency.optional(),
  outputs: Json.optional(),
})

/** A sound workflow: everything it names exists, everything it reads has settled when it is read. */
export type Workflow = z.infer<typeof Head> & { steps: Step[]; finally?: Step[] }
