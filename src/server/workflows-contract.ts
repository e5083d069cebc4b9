import { z } from 'zod'
import { Condition, Diagnostic, Graph } from './contract.ts'

/** What is said over HTTP of one workflow, of changes, and of two runs beside each other. */

export const WorkflowDetail = z
  .object({
    name: z.string(),
    path: z.string(),
    branch: z.string(),
    revision: z.string().describe('The commit that this is of: the base of an edit.'),
    source: z.string(),
    graph: Graph.nullable().describe('Null where the file is not sound.'),
    diagnostics: z.array(Diagnostic),
    conditions: z.array(Condition),
  })
  .meta({ id: 'CommittedWorkflow' })

export const WorkflowEditRequest = z
  .strictObject({
    source: z.string(),
    message: z
      .string()
      .max(10_000)
      .regex(/^[^\0]*[^\s\0][^\0]*$/, 'Say what was changed.')
      .describe('Of the commit.'),
    baseRevision: z
      .string()
      .regex(/^[0-9a-f]{7,64}$/)
      .describe('The commit that the edit began with.'),
    branch: z.string().optional().describe('Default: the branch that is checked out.'),
    path: z.string().optional().describe('Of a new workflow; default workflows/<name>.yaml.'),
  })
  .meta({ id: 'WorkflowEdit' })

export const WorkflowCommitted = z.object({ revision: z.string(), path: z.string() }).meta({ id: 'WorkflowCommitted' })

export const MergeRequest = z
  .strictObject({
    base: z.string().describe('What both come from; empty where they have nothing in common.'),
    ours: z.string(),
    theirs: z.string(),
    path: z.string().default('workflows/untitled.yaml'),
  })
  .meta({ id: 'MergeRequest' })

export const MergeAnswer = z
  .object({ text: z.string(), conflicts: z.int().describe('Those that stand between markers in the text.') })
  .meta({ id: 'MergeAnswer' })

export const CompareQuery = z.strictObject({ a: z.string(), b: z.string() })

/** A comparison, as `orchestrate compare --json` prints it. */
export const CompareAnswer = z
  .looseObject({ changes: z.array(z.looseObject({})), steps: z.array(z.looseObject({ path: z.string() })) })
  .meta({ id: 'Comparison' })

export const PlanQuery = z.strictObject({
  base: z.string().describe('A revision: what has been acted on.'),
  head: z.string().describe('A revision: what is to come.'),
  branch: z.string().optional(),
})

/** A plan, as `orchestrate plan --json` prints it. */
export const PlanAnswer = z
  .looseObject({
    runs: z.array(z.looseObject({ workflow: z.string(), case: z.string() })),
    diagnostics: z.array(z.looseObject({})),
  })
  .meta({ id: 'Plan' })
