import { z } from 'zod'

/** An agent file: front matter and system prompt. Fields of other tools that mean nothing here are reported, not kept. */
export const Agent = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  /** Model names of `orchestrate.yaml`, tried in order; empty means the default model. */
  models: z.array(z.string()),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxTokens: z.int().min(1).optional(),
  seed: z.int().optional(),
  system: z.string(),
})
export type Agent = z.infer<typeof Agent>

/** The front matter of `*.agent.md`, as people write it; other tools' fields pass through. */
export const AgentSource = z
  .looseObject({
    name: z.string().optional().meta({ description: 'The name that workflows use. Default: the file name.' }),
    description: z.string().optional().meta({ description: 'What the agent is good at.' }),
    model: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'A model of orchestrate.yaml, or several to be tried in order.' }),
    temperature: z.number().min(0).max(2).optional().meta({ description: 'Sampling temperature.' }),
    'top-p': z.number().min(0).max(1).optional().meta({ description: 'Nucleus sampling.' }),
    'max-tokens': z.int().min(1).optional().meta({ description: 'The longest answer, in tokens.' }),
    seed: z.int().optional().meta({ description: 'Seed for servers that honour one.' }),
  })
  .meta({ id: 'Agent', description: 'The front matter of an agent file.' })
export type AgentSource = z.infer<typeof AgentSource>
