import { z } from 'zod'
import { Duration } from './duration.ts'
import { FailureReason } from './failure.ts'
import { ValueSchema } from './value-schema.ts'

/** The fields that any step may have, as people write them. */

export const stepIdPattern = /^[a-z][a-z0-9_]{0,63}$/

export const StepId = z
  .string()
  .regex(stepIdPattern, 'A step id is a lower-case letter, then letters, digits and underscores (at most 64).')
  .meta({ description: 'The name of the step, unique in the file.', examples: ['draft'] })

export const Expression = z
  .union([z.string(), z.boolean()])
  .meta({ description: 'A CEL expression.', examples: ['steps.judge.output.score >= 0.8'] })
export const Template = z
  .string()
  .meta({ description: 'Text in which ${ … } is replaced by the value of a CEL expression.' })

/** Values for something that is called: every text in them is a template. */
export const With = z.record(z.string(), z.json())

const RetrySource = z
  .union([
    z.int().min(0),
    z.strictObject({
      attempts: z
        .int()
        .min(0)
        .meta({ description: 'How many times to try again.', default: 2, examples: [3] }),
      backoff: Duration.optional().meta({ description: 'The first pause.', default: '2s', examples: ['5s'] }),
      factor: z.number().min(1).optional().meta({ description: 'How much longer each pause is.', default: 2 }),
      max: Duration.optional().meta({ description: 'The longest pause.', default: '1m', examples: ['5m'] }),
      jitter: z.number().min(0).max(1).optional().meta({ description: 'Random share of a pause.', default: 0.2 }),
      on: z
        .array(FailureReason)
        .optional()
        .meta({ description: 'Only these failures are tried again.', examples: [['Timeout', 'RateLimited']] }),
    }),
  ])
  .meta({
    description: 'How often, and after what pauses, a failed attempt is tried again. On a block: the block as a whole.',
    default: 0,
    examples: [3, { attempts: 3, backoff: '2s' }],
  })

const AgentChange = z.strictObject({
  name: z.string().meta({ description: 'The agent to begin with.', examples: ['judge'] }),
  model: z
    .string()
    .optional()
    .meta({ description: 'Another model.', examples: ['gpt-4o'] }),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .meta({ description: 'Sampling temperature.', examples: [0] }),
  'top-p': z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: 'Nucleus sampling.', examples: [0.9] }),
  'max-tokens': z
    .int()
    .min(1)
    .optional()
    .meta({ description: 'The longest answer, in tokens.', examples: [500] }),
  seed: z
    .int()
    .optional()
    .meta({ description: 'Seed for servers that honour one.', examples: [7] }),
  'max-turns': z.int().min(1).optional().meta({ description: 'The most turns with tools.', default: 20 }),
})

export const AgentChoice = z.union([z.string(), AgentChange]).meta({
  description: 'The agent that answers: its name, or its name and fields to change here.',
  examples: ['writer', { name: 'judge', temperature: 0 }],
})

const ContextSource = z.union([z.enum(['none', 'needs', 'all']), z.array(StepId)]).meta({
  description: 'Which earlier steps a prompt sees, instead of the context rule.',
  examples: ['none', ['draft', 'review']],
})

export const OutputSource = z.union([z.enum(['text', 'json']), z.string(), ValueSchema]).meta({
  description: '`text`, `json`, a path below schemas/, or a schema the answer must fit.',
  default: 'text',
  examples: ['json', ['yes', 'no'], { score: 'number' }, 'schemas/review.json'],
})

export const ToolsSource = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.boolean())]).meta({
  description: 'The tools that the agent may call: names of MCP tools, `server.tool` or `server.*`.',
  examples: [['files.read_file', 'search.*']],
})

export const SkillsSource = z.union([z.string(), z.array(z.string())]).meta({
  description: 'Skills that the agent may read: names, or paths of their folders.',
  examples: [['release-notes']],
})

export const LimitsSource = z
  .strictObject({
    tokens: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The most tokens, in and out.', examples: [200_000] }),
    usd: z
      .number()
      .positive()
      .optional()
      .meta({ description: 'The most money, in US dollars.', examples: [2.5] }),
    time: Duration.optional().meta({ description: 'The longest time, all attempts and pauses.', examples: ['30m'] }),
    parallel: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The most attempts at once.', examples: [8] }),
  })
  .meta({
    description: 'What may be spent; to pass it is the failure BudgetExceeded, for time Timeout.',
    examples: [{ tokens: 200_000, usd: 2.5 }],
  })

const Environment = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A variable’s name is a letter, then letters, digits and underscores.'),
    Template,
  )
  .meta({
    description: 'Environment variables of a command: the only way values reach it.',
    examples: [{ TOPIC: '${inputs.topic}' }],
  })

/** Fields that `defaults` may give, and that a block hands down to its steps or applies to itself. */
export const sharedFields = {
  agent: AgentChoice.optional(),
  model: z
    .string()
    .optional()
    .meta({ description: 'A model of orchestrate.yaml, instead of the agent’s.', examples: ['gpt-4o'] }),
  context: ContextSource.optional(),
  tools: ToolsSource.optional(),
  skills: SkillsSource.optional(),
  output: OutputSource.optional(),
  env: Environment.optional(),
  timeout: Duration.optional().meta({
    description: 'The longest an attempt may take. On a block: one try of the whole block.',
    default: '10m',
    examples: ['90s'],
  }),
  retry: RetrySource.optional(),
  limits: LimitsSource.optional(),
  cache: z.boolean().optional().meta({
    description: 'Whether the recorded output of an earlier step with the same key is reused.',
    default: false,
  }),
  priority: z
    .enum(['interactive', 'batch'])
    .optional()
    .meta({ description: 'Whether the step goes before others at a busy host.', default: 'interactive' }),
  'runs-on': z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .meta({ description: 'Labels that a worker must have.', examples: ['gpu-a', ['gpu', 'large']] }),
}

const OnError = z.enum(['fail', 'continue'])

export const DefaultsSource = z
  .strictObject({
    ...sharedFields,
    'on-error': OnError.optional().meta({
      description: 'What a failure does: fail the list, or go on with a null output.',
      default: 'fail',
    }),
  })
  .meta({
    description: 'Common step fields for every step of the file.',
    examples: [{ agent: 'writer', timeout: '5m', retry: 2 }],
  })

/** Fields of a step that no other step inherits. */
export const ownFields = {
  description: z
    .string()
    .optional()
    .meta({ description: 'What the step is for.', examples: ['Finds the weak points.'] }),
  needs: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({
      description: 'Steps of the same list that must have settled first, instead of the step above.',
      examples: [['plan', 'review'], []],
    }),
  if: Expression.optional().meta({
    description: 'When false, the step is skipped: it counts as settled, its output is null.',
    examples: ['steps.judge.output.score < 0.8'],
  }),
  expect: Expression.optional().meta({
    description: 'Tested on the output; false is the failure Unexpected.',
    examples: ['steps.vote.output.score >= 0.8'],
  }),
  as: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .meta({ description: 'A name for the output, to be used as ${Name} further down.', examples: ['Plan'] }),
}
