import type { StepSource } from './step-source.ts'
import type { WorkflowSource } from './workflow-source.ts'

/** The workflow with every step, at any depth, changed; a step is changed after those inside it. */
export function mapSteps(workflow: WorkflowSource, change: (step: StepSource) => StepSource): WorkflowSource {
  const list = (steps: readonly StepSource[]): StepSource[] => steps.map(step => change(withMapped(step, list)))
  return { ...workflow, steps: list(workflow.steps), ...(workflow.finally && { finally: list(workflow.finally) }) }
}

function withMapped(step: StepSource, list: (steps: readonly StepSource[]) => StepSource[]): StepSource {
  const { parallel, steps, loop, each, cases, default: last, undo } = step
  const branches = Array.isArray(step.switch) ? step.switch : undefined
  const handler = typeof step['on-error'] === 'object' ? step['on-error'] : undefined
  const [undone] = undo ? list([undo]) : []
  return {
    ...step,
    ...(parallel && { parallel: list(parallel) }),
    ...(steps && { steps: list(steps) }),
    ...(loop && { loop: { ...loop, steps: list(loop.steps) } }),
    ...(each && { each: { ...each, steps: list(each.steps) } }),
    ...(branches && { switch: branches.map(branch => ({ ...branch, steps: list(branch.steps) })) }),
    ...(cases && { cases: Object.fromEntries(Object.entries(cases).map(([value, inner]) => [value, list(inner)])) }),
    ...(last && { default: list(last) }),
    ...(handler && { 'on-error': { ...handler, steps: list(handler.steps) } }),
    ...(undone && { undo: undone }),
  }
}
