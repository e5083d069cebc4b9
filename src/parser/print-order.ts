import type { StepSource } from '../model/step-source.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'

const workflowOrder = ['name', 'description', 'tags', 'inputs', 'defaults', 'steps', 'outputs']
const stepOrder = [
  ...['id', 'description', 'if', 'needs', 'agent', 'model', 'context', 'env'],
  ...['prompt', 'run', 'set', 'parallel', 'steps', 'loop', 'switch', 'cases', 'default'],
  ...['output', 'as', 'timeout', 'retry', 'on-error'],
]
const loopOrder = ['while', 'until', 'max', 'steps']

/** The same workflow with its fields in the order in which they are always printed. */
export function orderWorkflow(source: WorkflowSource): WorkflowSource {
  return sorted({ ...source, steps: source.steps.map(orderStep) }, workflowOrder)
}

function orderStep(step: StepSource): StepSource {
  const { parallel, steps, loop, cases, default: last } = step
  const branches = Array.isArray(step.switch) ? step.switch : undefined
  const ordered: StepSource = {
    ...step,
    ...(parallel && { parallel: parallel.map(orderStep) }),
    ...(steps && { steps: steps.map(orderStep) }),
    ...(loop && { loop: sorted({ ...loop, steps: loop.steps.map(orderStep) }, loopOrder) }),
    ...(branches && {
      switch: branches.map(branch => sorted({ ...branch, steps: branch.steps.map(orderStep) }, ['when', 'steps'])),
    }),
    ...(cases && {
      cases: Object.fromEntries(Object.entries(cases).map(([value, list]) => [value, list.map(orderStep)])),
    }),
    ...(last && { default: last.map(orderStep) }),
  }
  return sorted(ordered, stepOrder)
}

/** Fields that the order does not know come last, as they stand; what is undefined is left out. */
function sorted<T extends object>(map: T, order: readonly string[]): T {
  const place = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length)
  const entries = Object.entries(map).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b))) as T
}
