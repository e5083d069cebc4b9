import { z } from 'zod'
import { Duration } from './duration.ts'
import { FailureReason } from './failure.ts'
import { ValueSchema } from './value-schema.ts'

/** The shape of a step as people write it, in YAML or Markdown. `step.ts` is what the checker makes of it. */

export const stepIdPattern = /^[a-z][a-z0-9_]{0,63}$/

export const StepId = z
  .string()
  .regex(stepIdPattern, 'A step id is a lower-case letter, then letters, digits and underscores (at most 64).')
  .meta({ description: 'The name of the step, unique in the file.', examples: ['draft'] })

const Expression = z.union([z.string(), z.boolean()]).meta({ description: 'A CEL expression.' })
const Template = z.string().meta({ description: 'Text in which ${ … } is replaced by the value of a CEL expression.' })

export const RetrySource = z
  .union([
    z.int().min(0),
    z.strictObject({
      attempts: z.int().min(0).meta({ description: 'How many times to try again.', default: 2 }),
      backoff: Duration.optional().meta({ description: 'The first pause.', default: '2s' }),
      factor: z.number().min(1).optional().meta({ description: 'How much longer each pause is.', default: 2 }),
      max: Duration.optional().meta({ description: 'The longest pause.', default: '1m' }),
      jitter: z.number().min(0).max(1).optional().meta({ description: 'Random share of a pause.', default: 0.2 }),
      on: z.array(FailureReason).optional().meta({ description: 'Only these failures are tried again.' }),
    }),
  ])
  .meta({ description: 'How often, and after what pauses, a failed attempt is tried again.', examples: [3] })

export const AgentSource = z
  .union([
    z.string(),
    z.strictObject({
      name: z.string(),
      model: z.string().optional(),
      temperature: z.number().min(0).max(2).optional(),
      'top-p': z.number().min(0).max(1).optional(),
      'max-tokens': z.int().min(1).optional(),
      seed: z.int().optional(),
    }),
  ])
  .meta({
    description: 'The agent that answers: its name, or its name and fields to change here.',
    examples: ['writer'],
  })

export const ContextSource = z
  .union([z.enum(['none', 'needs', 'all']), z.array(StepId)])
  .meta({ description: 'Which earlier steps a prompt sees, instead of the context rule.' })

export const OutputSource = z
  .union([z.enum(['text', 'json']), z.string(), ValueSchema])
  .meta({ description: '`text`, `json`, a path below schemas/, or a schema the answer must fit.', default: 'text' })

/** Fields that any step may have, and `defaults` may give. */
const commonFields = {
  description: z.string().optional().meta({ description: 'What the step is for.' }),
  agent: AgentSource.optional(),
  model: z.string().optional().meta({ description: 'A model of orchestrate.yaml, instead of the agent’s.' }),
  context: ContextSource.optional(),
  output: OutputSource.optional(),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A variable’s name is a letter, then letters, digits and underscores.'),
      Template,
    )
    .optional()
    .meta({ description: 'Environment variables of a command: the only way values reach it.' }),
  timeout: Duration.optional().meta({ description: 'The longest an attempt may take.', default: '10m' }),
  retry: RetrySource.optional(),
  'on-error': z
    .enum(['fail', 'continue'])
    .optional()
    .meta({ description: 'What a failure does: fail the list, or go on with a null output.', default: 'fail' }),
}

export const DefaultsSource = z
  .strictObject({
    agent: commonFields.agent,
    model: commonFields.model,
    context: commonFields.context,
    env: commonFields.env,
    timeout: commonFields.timeout,
    retry: commonFields.retry,
    'on-error': commonFields['on-error'],
  })
  .meta({ description: 'Common step fields for every step of the file.' })

/** Lists of steps, at any depth; the type is spelled out because a schema cannot infer its own. */
const StepList: z.ZodType<StepSource[]> = z.lazy(() => z.array(StepSource))
const NonEmptyStepList: z.ZodType<StepSource[]> = z.lazy(() => z.array(StepSource).min(1, 'Give at least one step.'))

const SwitchBranchSource = z.strictObject({
  when: Expression.optional().meta({ description: 'Taken when this is true; leave it out for the last branch.' }),
  steps: StepList,
})

const LoopSource: z.ZodType<LoopSource> = z
  .strictObject({
    while: Expression.optional().meta({ description: 'Tested before each turn.' }),
    until: Expression.optional().meta({ description: 'Tested after each turn.' }),
    max: z.int().min(1).max(10_000).meta({ description: 'The most turns there can be.' }),
    steps: NonEmptyStepList,
  })
  .meta({ description: 'Steps that are repeated, at most `max` times.' })

const RunSource = z.union([z.string(), z.strictObject({ command: z.string(), network: z.boolean().optional() })]).meta({
  description: 'A shell command. It is never templated: values reach it through `env`.',
  examples: ['npm test'],
})

const StepFields = z.strictObject({
  id: StepId.optional(),
  prompt: Template.optional().meta({ description: 'Asks the agent this.' }),
  run: RunSource.optional(),
  set: z.record(z.string(), z.json()).optional().meta({ description: 'Computes values from expressions.' }),
  parallel: NonEmptyStepList.optional().meta({ description: 'Steps that run all at once.' }),
  steps: NonEmptyStepList.optional().meta({ description: 'A plain group of steps.' }),
  switch: z
    .union([z.string(), z.boolean(), z.array(SwitchBranchSource).min(1)])
    .optional()
    .meta({
      description:
        'A CEL expression whose value chooses a case, or a list of branches of which the first match is taken.',
    }),
  cases: z.record(z.string(), StepList).optional().meta({ description: 'The steps of each value of `switch`.' }),
  default: StepList.optional().meta({ description: 'The steps when no case matches.' }),
  loop: LoopSource.optional(),
  needs: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({ description: 'Steps of the same list that must have settled first, instead of the step above.' }),
  if: Expression.optional().meta({ description: 'When false, the step is skipped.' }),
  as: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .meta({ description: 'A name for the output, to be used as ${Name} further down.', examples: ['Plan'] }),
  ...commonFields,
})

type Plain = z.infer<typeof StepFields>

/** A step as written: an id, exactly one kind key, and any common field. */
export interface StepSource extends Omit<Plain, 'parallel' | 'steps' | 'switch' | 'cases' | 'default' | 'loop'> {
  parallel?: StepSource[] | undefined
  steps?: StepSource[] | undefined
  switch?: string | boolean | { when?: string | boolean | undefined; steps: StepSource[] }[] | undefined
  cases?: Record<string, StepSource[]> | undefined
  default?: StepSource[] | undefined
  loop?: LoopSource | undefined
}
export interface LoopSource {
  while?: string | boolean | undefined
  until?: string | boolean | undefined
  max: number
  steps: StepSource[]
}

export const StepSource: z.ZodType<StepSource> = StepFields.meta({
  id: 'Step',
  description: 'A step: an id, exactly one kind key, and any common field.',
})

/** The names of the fields that a step may have. */
export const stepFieldNames: readonly string[] = Object.keys(StepFields.shape)

export const kindKeys = ['prompt', 'run', 'set', 'parallel', 'steps', 'switch', 'loop'] as const
export type Kind = (typeof kindKeys)[number]
