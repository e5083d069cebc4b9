import { z } from 'zod'
import { Json } from './json.ts'
import { ToolsSource } from './step-fields.ts'

/** A skill: instructions that an agent reads when its description fits the task. */
export const Skill = z.strictObject({
  name: z.string(),
  /** Empty where the file gives none. */
  description: z.string(),
  license: z.string().optional(),
  /** What the skill needs around it, in words. */
  compatibility: z.string().optional(),
  metadata: z.record(z.string(), Json),
  /** Tools that the skill asks for, in the form of `toolName`. It cannot give them to an agent that has them not. */
  allowedTools: z.array(z.string()),
  /** Fields that other tools read, under the names they were given. */
  foreign: z.record(z.string(), Json),
  body: z.string(),
})
export type Skill = z.infer<typeof Skill>

/** The longest texts of the format, and the form of a name: see https://agentskills.io/specification. */
export const skillBounds = { name: 64, description: 1024, compatibility: 500 } as const
export const skillNamePattern = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** The front matter of `SKILL.md`, as people write it; other tools' fields pass through. */
export const SkillSource = z
  .looseObject({
    name: z
      .string()
      .optional()
      .meta({
        description: 'The name of its folder: lower-case letters, digits, hyphens.',
        examples: ['release-notes'],
      }),
    description: z
      .string()
      .optional()
      .meta({
        description: 'What the skill does, and when to use it.',
        examples: ['How we write release notes. Use it for every changelog.'],
      }),
    license: z
      .string()
      .optional()
      .meta({ description: 'The licence, or the file that holds it.', examples: ['MIT'] }),
    compatibility: z
      .string()
      .optional()
      .meta({ description: 'What must be installed or reachable.', examples: ['Needs git'] }),
    metadata: z
      .record(z.string(), z.json())
      .optional()
      .meta({ description: 'Anything else about the skill.', examples: [{ version: '1.0' }] }),
    'allowed-tools': ToolsSource.optional().meta({ description: 'Tools that the skill uses.' }),
  })
  .meta({ id: 'Skill', description: 'The front matter of a skill.' })
export type SkillSource = z.infer<typeof SkillSource>

/** Fields that other tools give a meaning to in a skill, in kebab case. */
export const foreignSkillFields: readonly string[] = [
  ...['argument-hint', 'arguments', 'disable-model-invocation', 'user-invocable', 'when-to-use', 'model', 'effort'],
  ...['context', 'agent', 'hooks', 'paths', 'shell', 'version', 'author', 'tags', 'mode', 'dependencies'],
]
