import { z } from 'zod'
import { Json } from './json.ts'
import { Limits, Sampling, ToolChoice } from './step.ts'
import { LimitsSource, OutputSource, SkillsSource, ToolsSource } from './step-fields.ts'

/** A sound agent: front matter and system prompt. */
export const Agent = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  /** Model names of `orchestrate.yaml`, tried in order; empty means the default model. */
  models: z.array(z.string()),
  ...Sampling.shape,
  maxTurns: z.int().min(1).optional(),
  /** Names in the form of `toolName`. */
  tools: ToolChoice,
  /** Names or paths of skills, as they were written. */
  skills: z.array(z.string()),
  /** What its answers must be where a step does not say, as it was written. */
  output: OutputSource.optional(),
  limits: Limits.optional(),
  /** Fields that other tools read, under the names they were given. */
  foreign: z.record(z.string(), Json),
  system: z.string(),
})
export type Agent = z.infer<typeof Agent>

/** The front matter of `*.agent.md`, as people write it; other tools' fields pass through. */
export const AgentSource = z
  .looseObject({
    name: z
      .string()
      .optional()
      .meta({
        description: 'What the agent is called. Workflows may use it, or the name of the file.',
        examples: ['Judge'],
      }),
    description: z
      .string()
      .optional()
      .meta({ description: 'What the agent is good at.', examples: ['Weighs two answers and says which is better'] }),
    model: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({
        description: 'A model of orchestrate.yaml, or several to be tried in order.',
        default: 'default',
        examples: ['coder', ['coder', 'gpt-4o']],
      }),
    temperature: z
      .number()
      .min(0)
      .max(2)
      .optional()
      .meta({ description: 'Sampling temperature.', examples: [0.7] }),
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
    tools: ToolsSource.optional(),
    'disallowed-tools': ToolsSource.optional().meta({ description: 'Tools that the agent may never call.' }),
    skills: SkillsSource.optional(),
    output: OutputSource.optional(),
    limits: LimitsSource.omit({ parallel: true }).optional().meta({ description: 'What one step may spend.' }),
  })
  .meta({ id: 'Agent', description: 'The front matter of an agent file.' })
export type AgentSource = z.infer<typeof AgentSource>

/** Fields that other tools give a meaning to, in kebab case: those of VS Code and Copilot, of Claude Code, of others. */
export const foreignAgentFields: readonly string[] = [
  ...['argument-hint', 'agents', 'handoffs', 'mcp-servers', 'user-invocable', 'user-invokable', 'target', 'infer'],
  ...['disable-model-invocation', 'mode', 'metadata', 'hooks', 'github'],
  ...['permission-mode', 'memory', 'background', 'isolation', 'color', 'effort', 'initial-prompt'],
  ...['top-k', 'steps', 'max-steps', 'kind', 'permission', 'license', 'version', 'author', 'tags', 'title'],
]
