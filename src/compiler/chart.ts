import { orderOf } from '../checker/order.ts'
import type { List, Outline } from '../checker/outline.ts'
import type { Step } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import { loopState, switchState } from './blocks.ts'
import { pathOf } from './table.ts'
import type { Chart, ChartState, ListItem, Program, Reference, Transition } from './program.ts'
import { afterSettled, type BlockBuilder, type Exits, failActions, settle } from './transitions.ts'

/** More branches than this cost XState more than our scheduler: its regions are recomputed one by one. */
const maxRegions = 32

/** Builds the charts of one workflow; `lists` and `charts` fill up as blocks for the scheduler are met. */
export class ChartBuilder implements BlockBuilder {
  readonly lists: Record<string, readonly ListItem[]> = {}
  readonly charts: Record<string, Chart> = {}
  readonly #outline: Outline

  constructor(outline: Outline) {
    this.#outline = outline
  }

  /** The machine config around a body; it starts by the event `begin`, since entering a parallel root is slow. */
  chart(id: string, first: string, states: Record<string, ChartState>, description?: string): Chart {
    return {
      id,
      ...(description !== undefined && { description }),
      initial: 'Start',
      states: {
        Start: { on: { begin: [{ target: first }] } },
        ...states,
        Succeeded: { type: 'final' },
        Failed: { type: 'final' },
      },
    }
  }

  /** The states of a list: a row of states, one parallel state, or one state that the scheduler drives. */
  list(list: List, holder: string, exits: Exits): { first: string; states: Record<string, ChartState> } {
    const [head] = list.steps
    if (!head) throw new Error('an empty list has no states')
    const { shape } = orderOf(list, this.#outline)
    if (shape === 'row') return { first: head.id, states: this.#row(list.steps, exits) }
    if (!this.#hasRegions(list)) return this.#scheduled(list, holder, exits)
    const all: ChartState = { type: 'parallel', states: this.#regions(list, exits), onDone: [{ target: exits.next }] }
    return { first: 'All', states: { All: all } }
  }

  /** The state of one step. */
  step(step: Step, exits: Exits): ChartState {
    const state = this.#body(step, this.#caught(step, exits))
    const description = step.description === undefined ? {} : { description: step.description }
    if (step.if === undefined) return { id: step.id, ...description, ...state }
    const test = { step: step.id, expression: step.if }
    return {
      id: step.id,
      ...description,
      initial: 'If',
      states: {
        If: {
          always: [
            this.invalid(step, step.if, exits),
            { guard: { type: 'holds', params: test }, target: 'Then' },
            { target: exits.next, actions: [{ type: 'skip', params: { step: step.id } }] },
          ],
        },
        Then: state,
      },
    }
  }

  /** The transition of a step whose own expression cannot be computed: the step fails. `exits` are those around the step. */
  invalid(step: Step, expression: string, exits: Exits, at?: 'while' | 'until'): Transition {
    const max = at === 'while' && step.kind === 'loop' ? { max: step.max } : {}
    const params = { step: step.id, expression, ...(at && { at }), ...max }
    const reject: Reference = { type: 'reject', params }
    const guard: Reference = { type: 'isInvalid', params }
    if (step.onError === 'continue') return { guard, target: exits.next, actions: [reject] }
    return { guard, target: exits.fail, actions: [reject, ...failActions(exits)] }
  }

  #row(steps: readonly Step[], exits: Exits): Record<string, ChartState> {
    const states = steps.map((step, index) => {
      const below = steps[index + 1]
      return [step.id, this.step(step, { ...exits, next: below ? `#${below.id}` : exits.next })] as const
    })
    return Object.fromEntries(states)
  }

  #region(step: Step, exits: Exits): ChartState {
    const id = `${step.id}:branch`
    return {
      id,
      initial: step.id,
      states: { [step.id]: this.step(step, { ...exits, next: `#${id}.Done` }), Done: { type: 'final' } },
    }
  }

  #scheduled(list: List, holder: string, exits: Exits): { first: string; states: Record<string, ChartState> } {
    const order = orderOf(list, this.#outline)
    this.lists[holder] = list.steps.map(step => ({ step: step.id, after: order.after.get(step.id) ?? [] }))
    for (const step of list.steps) if (needsChart(step)) this.charts[step.id] = this.#childChart(step)
    const invoke = {
      id: `${holder}:scheduler`,
      src: 'scheduler' as const,
      input: { step: holder, path: holder },
      onDone: afterSettled(exits, 'fail'),
    }
    return { first: 'Scheduler', states: { Scheduler: { description: 'Steps in the order of their needs.', invoke } } }
  }

  #childChart(step: Step): Chart {
    const id = `${step.id}:chart`
    const exits = { next: `#${id}.Succeeded`, fail: `#${id}.Failed`, failing: [] }
    return this.chart(id, step.id, { [step.id]: this.step(step, exits) })
  }

  /** Inside a block that goes on after an error, a failure ends that block and no more. */
  #caught(step: Step, exits: Exits): Exits {
    const failing = [step.id, ...exits.failing]
    return step.onError === 'continue'
      ? { next: exits.next, fail: exits.next, failing: [step.id] }
      : { ...exits, failing }
  }

  #body(step: Step, inside: Exits): ChartState {
    switch (step.kind) {
      case 'prompt':
      case 'run':
      case 'set':
        return this.#leaf(step, inside)
      case 'parallel':
      case 'steps':
        return this.#group(this.#listOf(step.steps, step), step, inside)
      case 'loop':
        return loopState(step, this, this.#listOf(step.steps, step), inside)
      case 'switch':
        return switchState(step, this, steps => this.#listOf(steps, step), inside)
    }
  }

  #group(list: List, step: Step, inside: Exits): ChartState {
    if (this.#hasRegions(list)) {
      return { type: 'parallel', states: this.#regions(list, inside), onDone: [settle(step, inside.next)] }
    }
    const { first, states } = this.list(list, step.id, { ...inside, next: `#${step.id}:end` })
    const end: ChartState = { id: `${step.id}:end`, type: 'final' }
    return { initial: first, states: { ...states, Done: end }, onDone: [settle(step, inside.next)] }
  }

  #hasRegions(list: List): boolean {
    return orderOf(list, this.#outline).shape === 'parallel' && list.steps.length <= maxRegions
  }

  #regions(list: List, exits: Exits): Record<string, ChartState> {
    return Object.fromEntries(list.steps.map(step => [step.id, this.#region(step, exits)]))
  }

  #leaf(step: Step, inside: Exits): ChartState {
    const entry = this.#outline.entries.get(step.id)
    const path = entry ? pathOf(entry) : step.id
    const outer = { ...inside, failing: inside.failing.slice(1) }
    const onDone = afterSettled(outer, step.onError)
    return { invoke: { id: step.id, src: 'step', input: { step: step.id, path }, onDone } }
  }

  #listOf(steps: readonly Step[], step: Step): List {
    return this.#outline.lists.find(list => list.steps === steps) ?? { steps, block: step }
  }
}

function needsChart(step: Step): boolean {
  return step.if !== undefined || !(step.kind === 'prompt' || step.kind === 'run' || step.kind === 'set')
}

/** The charts of a workflow, and the lists that its schedulers run. */
export function compileCharts(workflow: Workflow, outline: Outline): Pick<Program, 'machine' | 'charts' | 'lists'> {
  const builder = new ChartBuilder(outline)
  const [top] = outline.lists
  if (!top) throw new Error('a workflow has at least one step')
  const id = `workflow:${workflow.name.replaceAll('.', '-')}`
  const exits = { next: `#${id}.Succeeded`, fail: `#${id}.Failed`, failing: [] }
  const { first, states } = builder.list(top, '', exits)
  return { machine: builder.chart(id, first, states, workflow.title), charts: builder.charts, lists: builder.lists }
}
