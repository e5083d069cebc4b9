import type { List } from '../checker/outline.ts'
import type { LoopStep, Step, SwitchStep } from '../model/step.ts'
import type { ChartState, Transition } from './program.ts'
import { type BlockBuilder, type Exits, settle } from './transitions.ts'

/**
 * A loop: `Check` begins a turn or leaves, `Turn` holds the body, `After` leaves or goes back.
 * The counter is in the chart's context; `turns` compares it with `max` and tests `while`.
 */
export function loopState(step: LoopStep, builder: BlockBuilder, list: List, inside: Exits): ChartState {
  const end = `${step.id}:turn-end`
  const { first, states } = builder.list(list, step.id, { ...inside, next: `#${end}` })
  const around = outside(inside)
  const condition = step.while === undefined ? {} : { expression: step.while }
  const again: Transition = {
    guard: { type: 'turns', params: { step: step.id, max: step.max, ...condition } },
    target: 'Turn',
    actions: [{ type: 'begin-turn', params: { step: step.id } }],
  }
  const check = [...failure(step, step.while, builder, around, 'while'), again, settle(step, inside.next)]
  const leave: Transition[] =
    step.until === undefined
      ? []
      : [
          {
            ...settle(step, inside.next),
            guard: { type: 'holds', params: { step: step.id, expression: step.until, at: 'until' } },
          },
        ]
  return {
    initial: 'Check',
    entry: [{ type: 'enter-loop', params: { step: step.id } }],
    states: {
      Check: { always: check },
      Turn: { initial: first, states: { ...states, Done: { id: end, type: 'final' } }, onDone: [{ target: 'After' }] },
      After: { always: [...failure(step, step.until, builder, around, 'until'), ...leave, { target: 'Check' }] },
    },
  }
}

/** A switch: `Choose` takes exactly one branch, or leaves when none matches. */
export function switchState(
  step: SwitchStep,
  builder: BlockBuilder,
  listOf: (steps: readonly Step[]) => List,
  inside: Exits,
): ChartState {
  const around = outside(inside)
  const keys = branchKeys(step)
  const choices: Transition[] = []
  const states: Record<string, ChartState> = {}
  step.branches.forEach((branch, index) => {
    const key = keys[index] ?? `branch-${index}`
    const taken = { type: 'take-branch', params: { step: step.id, branch: index } }
    choices.push(...failure(step, branch.when, builder, around))
    const isEmpty = branch.steps.length === 0
    choices.push({
      ...(!isLast(branch) && { guard: { type: 'takes', params: { step: step.id, branch: index } } }),
      target: isEmpty ? inside.next : key,
      actions: isEmpty ? [taken, { type: 'settle', params: { step: step.id } }] : [taken],
    })
    if (isEmpty) return
    const end = `${step.id}:end-${index}`
    const { first, states: body } = builder.list(listOf(branch.steps), `${step.id}:${index}`, {
      ...inside,
      next: `#${end}`,
    })
    states[key] = {
      description: branch.label,
      initial: first,
      states: { ...body, Done: { id: end, type: 'final' } },
      onDone: [settle(step, inside.next)],
    }
  })
  const leave = step.branches.some(isLast) ? [] : [settle(step, inside.next)]
  const choose = [...failure(step, step.chooser, builder, around), ...choices, ...leave]
  return { initial: 'Choose', states: { Choose: { always: choose }, ...states } }
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
    keys.push(keys.includes(plain) ? `${plain}-${keys.length + 1}` : plain)
  }
  return keys
}

function failure(
  step: Step,
  expression: string | undefined,
  builder: BlockBuilder,
  around: Exits,
  at?: 'while' | 'until',
): Transition[] {
  return expression === undefined ? [] : [builder.invalid(step, expression, around, at)]
}

/** The exits around a block, from those inside it: the block itself is settled by its own failure. */
function outside(inside: Exits): Exits {
  return { ...inside, failing: inside.failing.slice(1) }
}
