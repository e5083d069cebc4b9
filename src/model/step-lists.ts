import type { LeafStep, Step } from './step.ts'

const blockKinds: ReadonlySet<Step['kind']> = new Set(['parallel', 'steps', 'switch', 'loop', 'each'])

/** True for a step without steps of its own inside it. */
export function isLeaf<S extends { readonly kind: Step['kind'] }>(
  step: S,
): step is Extract<S, { kind: LeafStep['kind'] }> {
  return !blockKinds.has(step.kind)
}

/** The part that a list of steps plays for the step it is in. */
export type ListRole = 'body' | 'handler' | 'undo'

/** The lists of steps of a step itself: none for a leaf, one for most blocks, one a branch for `switch`. */
export function bodyLists(step: Step): readonly (readonly Step[])[] {
  if (isLeaf(step)) return []
  return step.kind === 'switch' ? step.branches.map(branch => branch.steps) : [step.steps]
}

// One array for one undo, whenever it is asked for: lists are told apart by identity.
const undoLists = new WeakMap<Step, readonly Step[]>()

/** Every list of steps directly below a step: its body, its handler and its undo. */
export function listsOf(step: Step): readonly { readonly role: ListRole; readonly steps: readonly Step[] }[] {
  const lists: { role: ListRole; steps: readonly Step[] }[] = bodyLists(step).map(steps => ({ role: 'body', steps }))
  if (step.handler) lists.push({ role: 'handler', steps: step.handler })
  if (step.undo) {
    const known = undoLists.get(step.undo) ?? [step.undo]
    undoLists.set(step.undo, known)
    lists.push({ role: 'undo', steps: known })
  }
  return lists
}

/** Every step of a list, with those inside it and its handlers and undos, in document order. */
export function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap(step => [step, ...listsOf(step).flatMap(list => allSteps(list.steps))])
}
