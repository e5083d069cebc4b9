import { z } from 'zod'
import { DefaultsSource, LimitsSource, Template, With } from './step-fields.ts'
import { StepSource } from './step-source.ts'
import { ValueSchema } from './value-schema.ts'

/** An input: a schema, or JSON Schema keywords with `default`. */
export const InputSource = ValueSchema.meta({
  description: 'A type, a list of allowed values, or JSON Schema keywords and a default.',
  examples: ['string', ['plain', 'cheerful'], { type: 'integer', default: 2 }],
})

export const InputName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'An input name is a letter, then letters, digits and underscores.')

const CaseName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'A case name is a lower-case letter or digit, then also - and _ (at most 64).')

const CatchUp = z
  .enum(['none', 'last', 'all'])
  .optional()
  .meta({ description: 'Which of the times are made good that passed while nothing ran.', default: 'none' })
const TriggerWith = With.optional().meta({
  description: 'Inputs of the run.',
  examples: [{ repo: '${run.event.body.repo}' }],
})

const CommitTrigger = z
  .strictObject({
    branches: z
      .array(z.string())
      .optional()
      .meta({
        description: 'Branches on which a commit starts it. Default: those of orchestrate.yaml.',
        examples: [['main', 'feature/*']],
      }),
    paths: z
      .array(z.string())
      .optional()
      .meta({
        description: 'Further files whose change starts it.',
        examples: [['src/**']],
      }),
    each: z
      .boolean()
      .optional()
      .meta({ description: 'Every commit, not only the last one of a push.', default: false }),
    with: TriggerWith,
  })
  .meta({ description: 'A commit that changed this file, or anything it depends on.' })

const ScheduleTrigger = z
  .strictObject({
    cron: z.string().meta({ description: 'Minute, hour, day, month and day of the week.', examples: ['0 9 * * 1-5'] }),
    timezone: z
      .string()
      .optional()
      .meta({ description: 'A time zone of the IANA list.', default: 'UTC', examples: ['Europe/Berlin'] }),
    with: TriggerWith,
    'catch-up': CatchUp,
  })
  .meta({ description: 'Times at which it starts.', examples: [{ cron: '0 9 * * 1-5', timezone: 'Europe/Berlin' }] })

const WebhookTrigger = z
  .strictObject({
    secret: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Name an environment variable; never write a secret here.')
      .meta({
        description: 'The environment variable that holds the key of the signature.',
        examples: ['HOOK_SECRET'],
      }),
    with: TriggerWith,
    'catch-up': CatchUp,
  })
  .meta({ description: 'A signed POST to /hooks/<workflow>.' })

export const TriggersSource = z
  .union([
    z.enum(['commit', 'manual']),
    z.strictObject({
      commit: CommitTrigger.nullable()
        .optional()
        .meta({ description: 'A commit that changed this file, or anything it depends on.' }),
      schedule: z
        .union([ScheduleTrigger, z.array(ScheduleTrigger).min(1)])
        .optional()
        .meta({ description: 'Times at which it starts: one schedule, or a list.' }),
      webhook: WebhookTrigger.optional(),
    }),
  ])
  .meta({
    description: 'What starts the workflow; `manual`: nothing but a person. Default: a commit.',
    default: 'commit',
    examples: ['manual', { commit: { branches: ['main'] }, schedule: { cron: '0 9 * * 1-5' } }],
  })

const ConcurrencySource = z
  .strictObject({
    group: Template.meta({
      description: 'Runs whose text is the same are of one group.',
      examples: ['${inputs.repo}'],
    }),
    'when-busy': z
      .enum(['queue', 'skip', 'cancel-running'])
      .optional()
      .meta({ description: 'What a run does while another one of its group is live.', default: 'queue' }),
  })
  .meta({ description: 'One run of a group at a time.', examples: [{ group: '${inputs.repo}', 'when-busy': 'queue' }] })

const fields = {
  name: z
    .string()
    .optional()
    .meta({ description: 'A title for people. The path of the file is the identity.', examples: ['Weekly review'] }),
  description: z
    .string()
    .optional()
    .meta({ description: 'What it is for.', examples: ['A campaign in three prompts'] }),
  tags: z
    .array(z.string())
    .optional()
    .meta({ description: 'Words to find it by.', examples: [['nightly']] }),
  inputs: z
    .record(InputName, InputSource)
    .optional()
    .meta({ description: 'Values that a run is given.', examples: [{ repo: 'string' }] }),
  defaults: DefaultsSource.optional(),
  steps: z.array(StepSource).min(1, 'A workflow needs at least one step.').meta({ description: 'The steps.' }),
  outputs: z
    .union([z.string(), z.record(z.string(), z.json())])
    .optional()
    .meta({
      description: 'The result of the run: a value or a map. Without it, the output of the last step.',
      examples: [{ report: '${steps.write.output}' }],
    }),
}

/** A workflow file as people write it. */
export const WorkflowSource = z
  .strictObject({
    name: fields.name,
    description: fields.description,
    tags: fields.tags,
    inputs: fields.inputs,
    cases: z
      .record(CaseName, z.record(InputName, z.json()))
      .optional()
      .meta({
        description: 'Named sets of inputs, without secrets: each is run on a commit and has a trace of its own.',
        examples: [{ small: { repo: 'https://example.org/tiny.git' } }],
      }),
    on: TriggersSource.optional(),
    defaults: fields.defaults,
    limits: LimitsSource.optional(),
    concurrency: ConcurrencySource.optional(),
    steps: fields.steps,
    finally: z
      .array(StepSource)
      .min(1, 'Give at least one step, or take the field away.')
      .optional()
      .meta({ description: 'Steps that run whatever happened; `run.status` tells them what did.' }),
    outputs: fields.outputs,
  })
  .meta({ id: 'Workflow', description: 'A workflow: steps that are run when the file is committed.' })
export type WorkflowSource = z.infer<typeof WorkflowSource>

/** A template file: steps that `use` splices into a workflow. Its output is that of its last step. */
export const TemplateSource = z
  .strictObject({
    name: fields.name,
    description: fields.description,
    inputs: fields.inputs,
    defaults: fields.defaults,
    steps: fields.steps,
  })
  .meta({ id: 'Template', description: 'A template: steps that a workflow splices in with `use`.' })
export type TemplateSource = z.infer<typeof TemplateSource>
