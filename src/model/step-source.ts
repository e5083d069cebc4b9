import { z } from 'zod'
import { AskSource, HttpSource, KiloSource, PromptSource, RunSource, WaitSource } from './leaf-source.ts'
import { Expression, ownFields, sharedFields, StepId, With } from './step-fields.ts'

/** The shape of a step as people write it, in YAML or Markdown. `step.ts` is what the checker makes of it. */

export const kindKeys = [
  ...['prompt', 'tool', 'run', 'http', 'kilo', 'ask', 'wait', 'set', 'workflow', 'use', 'code'],
  ...['parallel', 'switch', 'loop', 'each', 'steps'],
] as readonly Kind[]
export type Kind =
  | ('prompt' | 'tool' | 'run' | 'http' | 'kilo' | 'ask' | 'wait' | 'set' | 'workflow' | 'use' | 'code')
  | ('parallel' | 'switch' | 'loop' | 'each' | 'steps')

/** Lists of steps, at any depth; the type is spelled out because a schema cannot infer its own. */
const StepList: z.ZodType<StepSource[]> = z.lazy(() => z.array(StepSource))
const NonEmptyStepList: z.ZodType<StepSource[]> = z.lazy(() => z.array(StepSource).min(1, 'Give at least one step.'))
const OneStep: z.ZodType<StepSource> = z.lazy(() => StepSource)

const SwitchBranchSource = z.strictObject({
  when: Expression.optional().meta({ description: 'Taken when this is true; leave it out for the last branch.' }),
  steps: StepList.meta({ description: 'The steps of the branch.' }),
})

const LoopSource: z.ZodType<LoopSource> = z
  .strictObject({
    while: Expression.optional().meta({ description: 'Tested before each turn.', examples: ['index < inputs.rounds'] }),
    until: Expression.optional().meta({ description: 'Tested after each turn.', examples: ['steps.judge.output.ok'] }),
    max: z
      .int()
      .min(1)
      .max(10_000)
      .meta({ description: 'The most turns; to reach it is no failure.', examples: [5] }),
    steps: NonEmptyStepList.meta({ description: 'The steps of a turn.' }),
  })
  .meta({ description: 'Steps that are repeated, at most `max` times.' })

const EachSource: z.ZodType<EachSource> = z
  .strictObject({
    in: z
      .union([z.string(), z.array(z.json())])
      .meta({ description: 'A list: a CEL expression, or written out.', examples: ['steps.plan.output.parts'] }),
    as: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A name is a letter, then letters, digits and underscores.')
      .optional()
      .meta({ description: 'What the steps call the item.', default: 'item', examples: ['part'] }),
    parallel: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Items at once.', default: 16, examples: [4] }),
    steps: NonEmptyStepList.meta({ description: 'The steps for an item.' }),
  })
  .meta({ description: 'Steps that run for every item of a list; the output is the list of their outputs.' })

const OnErrorSource: z.ZodType<OnErrorSource | undefined> = z
  .union([
    z.enum(['fail', 'continue']),
    z.strictObject({ steps: NonEmptyStepList.meta({ description: 'Steps that run after the failure.' }) }),
  ])
  .optional()
  .meta({
    description:
      'What a failure does: fail the list, go on with a null output, or run a handler whose output stands in.',
    default: 'fail',
    examples: ['continue'],
  })

const StepFields = z.strictObject({
  id: StepId.optional(),
  prompt: PromptSource.optional(),
  tool: z
    .string()
    .regex(/^[\w-]+\.[\w.-]+$/, 'Name a server and a tool: `server.tool`.')
    .optional()
    .meta({ description: 'Calls one MCP tool, with `with` as arguments.', examples: ['files.read_file'] }),
  run: RunSource.optional(),
  http: HttpSource.optional(),
  kilo: KiloSource.optional(),
  ask: AskSource.optional(),
  wait: WaitSource.optional(),
  set: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: 'Computes values from expressions.', examples: [{ score: '${steps.a.output.x * 2}' }] }),
  workflow: z
    .string()
    .optional()
    .meta({ description: 'Runs another workflow as a child run with its own trace.', examples: ['review'] }),
  use: z
    .string()
    .optional()
    .meta({ description: 'Splices in a template of workflows/templates/.', examples: ['summarise'] }),
  code: z
    .string()
    .regex(/^[^#\s]+#[A-Za-z_$][\w$]*$/, 'Name a module and a function: `steps/score.ts#score`.')
    .optional()
    .meta({ description: 'Calls a function of a module in the workspace.', examples: ['steps/score.ts#score'] }),
  with: With.optional().meta({
    description: 'Values for the tool, workflow, template or function.',
    examples: [{ path: 'README.md' }],
  }),
  parallel: NonEmptyStepList.optional().meta({ description: 'Steps that run all at once.' }),
  switch: z
    .union([z.string(), z.boolean(), z.array(SwitchBranchSource).min(1)])
    .optional()
    .meta({
      description:
        'A CEL expression whose value chooses a case, or a list of branches of which the first match is taken.',
      examples: ['steps.triage.output.kind'],
    }),
  cases: z.record(z.string(), StepList).optional().meta({ description: 'The steps of each value of `switch`.' }),
  default: StepList.optional().meta({ description: 'The steps when no case matches.' }),
  loop: LoopSource.optional(),
  each: EachSource.optional(),
  steps: NonEmptyStepList.optional().meta({ description: 'A plain group of steps.' }),
  ...ownFields,
  ...sharedFields,
  'on-error': OnErrorSource,
  undo: OneStep.optional().meta({ description: 'A step that takes back what this one did, when the run fails.' }),
})

type Plain = z.infer<typeof StepFields>
type Recursive = 'parallel' | 'steps' | 'switch' | 'cases' | 'default' | 'loop' | 'each' | 'on-error' | 'undo'

/** A step as written: an id, exactly one kind key, and any common field. */
export interface StepSource extends Omit<Plain, Recursive> {
  parallel?: StepSource[] | undefined
  steps?: StepSource[] | undefined
  switch?: string | boolean | { when?: string | boolean | undefined; steps: StepSource[] }[] | undefined
  cases?: Record<string, StepSource[]> | undefined
  default?: StepSource[] | undefined
  loop?: LoopSource | undefined
  each?: EachSource | undefined
  'on-error'?: OnErrorSource | undefined
  undo?: StepSource | undefined
}
export type OnErrorSource = 'fail' | 'continue' | { steps: StepSource[] }
export interface LoopSource {
  while?: string | boolean | undefined
  until?: string | boolean | undefined
  max: number
  steps: StepSource[]
}
export interface EachSource {
  in: string | z.core.util.JSONType[]
  as?: string | undefined
  parallel?: number | undefined
  steps: StepSource[]
}

export const StepSource: z.ZodType<StepSource> = StepFields.meta({
  id: 'Step',
  description: 'A step: an id, exactly one kind key, and any common field.',
})

/** The names of the fields that a step may have. */
export const stepFieldNames: readonly string[] = Object.keys(StepFields.shape)
