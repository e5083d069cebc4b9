import type { Workflow } from '../model/workflow.ts'
import { Outline } from './outline.ts'
import { expressionSites, expressionsOf, textsIn } from './sites.ts'

/** Whether a run of a workflow may come to something else on another branch: whether an expression reads `run.branch`. */
export function readsBranch(workflow: Workflow): boolean {
  const { steps, finally: last, outputs } = workflow
  if (!/\brun\b/.test(JSON.stringify([steps, last, outputs]))) return false
  const { entries, expressions } = new Outline(workflow)
  const all = [...entries.values()].map(({ step }) => step)
  // The text of a prompt file has a scope of its own, in which there is `run`, too.
  const prompts = all.flatMap(step => (step.kind === 'prompt' && step.with ? [step.prompt] : []))
  const sites = [...all.flatMap(expressionSites), ...textsIn([...prompts, outputs ?? null], []).flatMap(expressionsOf)]
  // Without a member that is known beforehand, any of them may be meant.
  return sites
    .flatMap(({ source }) => expressions.references(source))
    .some(({ root, member = 'branch' }) => root === 'run' && member === 'branch')
}
