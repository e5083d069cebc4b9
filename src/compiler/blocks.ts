import type { EachStep, LoopStep, Step, SwitchStep } from '../model/step.ts'
import { pathTemplate } from './frames.ts'
import type { ChartState, Transition } from './program.ts'
import { afterSettled, type BlockBuilder, ended, type Exits, failActions, type Place } from './transitions.ts'
import type { OutlineEntry } from '../checker/outline.ts'

/**
 * A loop: `Check` begins a turn or leaves, `Turn` holds the body, `After` leaves or goes back.
 * The counter is in the chart's context; `turns` compares it with `max` and tests `while`.
 */
export function loopState(step: LoopStep, builder: BlockBuilder, inside: Exits): ChartState {
  const end = `${step.id}:turn-end`
  const { first, states } = builder.list(builder.listOf(step.steps), step.id, { ...inside, next: `#${end}` })
  const condition = step.while === undefined ? {} : { expression: step.while }
  const again: Transition = {
    guard: { type: 'turns', params: { step: step.id, max: step.max, ...condition } },
    target: 'Turn',
    actions: [{ type: 'begin-turn', params: { step: step.id } }],
  }
  const check = [...failure(step, step.while, builder, inside, 'while'), again, ended(step, inside)]
  const leave: Transition[] =
    step.until === undefined
      ? []
      : [
          {
            ...ended(step, inside),
            guard: { type: 'holds', params: { step: step.id, expression: step.until, at: 'until' } },
          },
        ]
  return {
    initial: 'Check',
    entry: [{ type: 'enter-loop', params: { step: step.id } }],
    states: {
      Check: { always: check },
      Turn: { initial: first, states: { ...states, Done: { id: end, type: 'final' } }, onDone: [{ target: 'After' }] },
      After: { always: [...failure(step, step.until, builder, inside, 'until'), ...leave, { target: 'Check' }] },
    },
  }
}

/** A switch: `Choose` takes exactly one branch, or leaves when none matches. */
export function switchState(step: SwitchStep, builder: BlockBuilder, inside: Exits): ChartState {
  const keys = branchKeys(step)
  const choices: Transition[] = []
  const states: Record<string, ChartState> = {}
  step.branches.forEach((branch, index) => {
    const key = keys[index] ?? `branch-${index}`
    const taken = { type: 'take-branch', params: { step: step.id, branch: index } }
    choices.push(...failure(step, branch.when, builder, inside))
    const isEmpty = branch.steps.length === 0
    const leave = ended(step, inside)
    choices.push({
      ...(!isLast(branch) && { guard: { type: 'takes', params: { step: step.id, branch: index } } }),
      ...(isEmpty ? leave : { target: key }),
      actions: isEmpty ? [taken, ...(leave.actions ?? [])] : [taken],
    })
    if (isEmpty) return
    const end = `${step.id}:end-${index}`
    const { first, states: body } = builder.list(builder.listOf(branch.steps), `${step.id}:${index}`, {
      ...inside,
      next: `#${end}`,
    })
    states[key] = {
      description: branch.label,
      initial: first,
      states: { ...body, Done: { id: end, type: 'final' } },
      onDone: [leave],
    }
  })
  const leave = step.branches.some(isLast) ? [] : [ended(step, inside)]
  const choose = [...failure(step, step.chooser, builder, inside), ...choices, ...leave]
  return { initial: 'Choose', states: { Choose: { always: choose }, ...states } }
}

/** An `each`: `Resolve` computes the list, `Items` is the actor that runs the body for every item of it. */
export function eachState(step: EachStep, entry: OutlineEntry, builder: BlockBuilder, inside: Exits): ChartState {
  const source = typeof step.in === 'string' ? step.in : JSON.stringify(step.in)
  const invoke = {
    id: `${step.id}:items`,
    src: 'each' as const,
    input: { step: step.id, path: pathTemplate(entry) },
    onDone: [{ guard: { type: 'failed' }, target: inside.fail, actions: failActions(inside) }, ended(step, inside)],
  }
  const resolve = { target: 'Items', actions: [{ type: 'resolve-items', params: { step: step.id } }] }
  return {
    initial: 'Resolve',
    states: {
      Resolve: { always: [builder.invalid(step, source, inside, 'items'), resolve] },
      Items: { description: `For each ${step.item} of ${source}`, invoke },
    },
  }
}

/** A step that an actor performs, and settles itself. */
export function leafState(step: Step, entry: OutlineEntry, inside: Exits): ChartState {
  const isCaught = inside.caught === step.id
  const outer = isCaught ? inside : { ...inside, failing: inside.failing.slice(1) }
  const onDone = afterSettled(outer, step.onError)
  return { invoke: { id: step.id, src: 'step', input: { step: step.id, path: pathTemplate(entry) }, onDone } }
}

function isLast(branch: SwitchStep['branches'][number]): boolean {
  return branch.when === undefined && branch.value === undefined
}

/** Names of the branches’ states: readable, different, and never that of one of our own states. */
function branchKeys(step: SwitchStep): string[] {
  const keys: string[] = []
  for (const branch of step.branches) {
    const word = branch.when === undefined ? branch.label.toLowerCase().replace(/[^a-z0-9_-]+/g, '_') : ''
    const plain = word.slice(0, 40) || `when-${keys.length + 1}`
    let key = plain
    for (let count = 2; keys.includes(key); count += 1) key = `${plain}-${count}`
    keys.push(key)
  }
  return keys
}

function failure(
  step: Step,
  expression: string | undefined,
  builder: BlockBuilder,
  inside: Exits,
  at?: Place,
): Transition[] {
  return expression === undefined ? [] : [builder.invalid(step, expression, inside, at)]
}
