import { z } from 'zod'
import { DefaultsSource, StepSource } from './step-source.ts'
import { TypeName } from './value-schema.ts'

/** An input: a type name, or JSON Schema keywords with `default`. */
export const InputSource = z.union([TypeName, z.record(z.string(), z.json())]).meta({
  description: 'A type, or JSON Schema keywords and a default.',
  examples: ['string', { type: 'integer', default: 2 }],
})

export const InputName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'An input name is a letter, then letters, digits and underscores.')

/** A workflow file as people write it. */
export const WorkflowSource = z
  .strictObject({
    name: z.string().optional().meta({ description: 'A title for people. The path of the file is the identity.' }),
    description: z.string().optional().meta({ description: 'What the workflow is for.' }),
    tags: z.array(z.string()).optional().meta({ description: 'Words to find it by.' }),
    inputs: z.record(InputName, InputSource).optional().meta({ description: 'Values that a run is given.' }),
    defaults: DefaultsSource.optional(),
    steps: z.array(StepSource).min(1, 'A workflow needs at least one step.'),
    outputs: z
      .union([z.string(), z.record(z.string(), z.json())])
      .optional()
      .meta({ description: 'The result of the run: a value or a map. Without it, the output of the last step.' }),
  })
  .meta({ id: 'Workflow', description: 'A workflow: steps that are run when the file is committed.' })
export type WorkflowSource = z.infer<typeof WorkflowSource>
