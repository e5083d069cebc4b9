import type { StepSource } from '../../src/model/step-source.ts'

/** The lists directly inside a step as written: its body, its handler and its undo. */
export function writtenLists(step: StepSource): StepSource[][] {
  const branches = Array.isArray(step.switch) ? step.switch.map(branch => branch.steps) : []
  const handler = typeof step['on-error'] === 'object' ? step['on-error'].steps : undefined
  return [
    ...[step.parallel, step.steps, step.loop?.steps, step.each?.steps],
    ...[...Object.values(step.cases ?? {}), step.default, ...branches],
    ...[handler, step.undo && [step.undo]],
  ].flatMap(list => (list ? [list] : []))
}

/** Every step of a list as written, in whatever block, handler or undo. */
export function writtenSteps(steps: readonly StepSource[]): StepSource[] {
  return steps.flatMap(step => [step, ...writtenLists(step).flatMap(writtenSteps)])
}
