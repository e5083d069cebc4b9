import { z } from 'zod'
import { Duration } from './duration.ts'
import { Template, With } from './step-fields.ts'

/** What each kind of step without steps inside is told, as people write it. */

const Files = z.array(Template).meta({ description: 'Files that the model is shown.', examples: [['out/plot.png']] })

export const PromptSource = z
  .union([
    Template,
    z.strictObject({
      file: z.string().meta({ description: 'A text of the prompt library.', examples: ['prompts/review.md'] }),
      with: With.optional().meta({
        description: 'Values that the text names as ${name}.',
        examples: [{ topic: '${inputs.topic}' }],
      }),
      files: Files.optional(),
    }),
    z.strictObject({
      text: Template.meta({ description: 'What is asked.', examples: ['What does this plot show?'] }),
      files: Files.optional(),
    }),
  ])
  .meta({
    description: 'Asks the agent this: a text, or a text of the prompt library.',
    examples: ['Write one slogan.', { file: 'prompts/review.md', with: { topic: '${inputs.topic}' } }],
  })

export const RunSource = z
  .union([
    z.string(),
    z.strictObject({
      command: z.string().meta({ description: 'The command or script.', examples: ['npm test'] }),
      network: z.boolean().optional().meta({ description: 'Whether it may use the network.', default: false }),
    }),
  ])
  .meta({
    description: 'A shell command or script. It is never templated: values reach it through `env`.',
    examples: ['npm test', { command: 'npm install', network: true }],
  })

export const HttpSource = z
  .strictObject({
    method: z
      .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
      .optional()
      .meta({ description: 'The method.', default: 'GET' }),
    url: Template.meta({
      description: 'The address. Its host is literal; a value in the path is percent-encoded.',
      examples: ['https://api.example.org/items/${inputs.id}'],
    }),
    headers: z
      .record(z.string(), Template)
      .optional()
      .meta({ description: 'Headers.', examples: [{ authorization: 'Bearer ${secrets.API_KEY}' }] }),
    query: With.optional().meta({ description: 'Parameters of the query.', examples: [{ page: 2 }] }),
    json: z
      .json()
      .optional()
      .meta({ description: 'The body, sent as JSON.', examples: [{ title: '${Title}' }] }),
    body: Template.optional().meta({ description: 'The body, sent as it stands.', examples: ['title=${Title}'] }),
  })
  .meta({
    description: 'One HTTP request. An answer that is not 2xx fails, unless `expect` is given.',
    examples: [{ url: 'https://api.example.org/items', query: { page: 1 } }],
  })

export const KiloSource = z
  .union([
    Template,
    z.strictObject({
      task: Template.meta({ description: 'What is to be done.', examples: ['Add a test for the parser.'] }),
      agent: z
        .string()
        .optional()
        .meta({ description: 'Kilo’s agent (mode).', examples: ['code'] }),
      model: z
        .string()
        .optional()
        .meta({ description: 'The model it uses.', examples: ['gpt-4o'] }),
      permissions: z
        .record(z.string(), z.enum(['allow', 'deny']))
        .optional()
        .meta({ description: 'What it may do without asking.', examples: [{ edit: 'allow', bash: 'deny' }] }),
      commit: z
        .boolean()
        .optional()
        .meta({ description: 'Whether it commits to a branch of its own.', default: false }),
    }),
  ])
  .meta({
    description: 'Hands a task to the Kilo Code CLI in a git worktree of its own.',
    examples: ['Add a test for the parser.'],
  })

export const AskSource = z
  .union([
    Template,
    z.strictObject({
      question: Template.meta({ description: 'What is asked.', examples: ['Publish it?'] }),
      assignees: z
        .array(z.string())
        .optional()
        .meta({ description: 'Who may answer.', examples: [['ada']] }),
      default: z
        .json()
        .optional()
        .meta({ description: 'The answer after `timeout`.', examples: ['no'] }),
    }),
  ])
  .meta({
    description: 'Waits for a person; `output` limits the answer.',
    examples: ['Publish it?', { question: 'Publish it?', assignees: ['ada'], default: 'no' }],
  })

export const WaitSource = z
  .union([
    Duration,
    z.strictObject({
      until: Template.meta({ description: 'A time, as in ISO 8601.', examples: ['2026-12-01T09:00Z'] }),
    }),
    z.strictObject({ event: Template.meta({ description: 'The name of an event.', examples: ['deployed'] }) }),
  ])
  .meta({
    description: 'Waits for a while, until a time, or for an event.',
    examples: ['10m', { until: '2026-12-01T09:00Z' }, { event: 'deployed' }],
  })
