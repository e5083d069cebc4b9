import { orderOf } from '../checker/order.ts'
import type { List, Outline, OutlineEntry } from '../checker/outline.ts'
import { isLeaf } from '../model/step-lists.ts'
import type { EachStep, Step } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import { eachState, leafState, loopState, switchState } from './blocks.ts'
import { caughtStates, exitsInside, isCaught } from './catching.ts'
import { isRetried } from './frames.ts'
import type { Chart, ChartState, ListItem, Program, Reference, Transition } from './program.ts'
import { type BlockBuilder, ended, type Exits, failActions, type Place } from './transitions.ts'
import { afterSettled } from './transitions.ts'

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

  /** The machine config around a list of steps; it starts by the event `begin`, since entering a parallel root is slow. */
  chart(id: string, list: List, holder: string, description?: string): Chart {
    const exits = { next: `#${id}.Succeeded`, fail: `#${id}.Failed`, failing: [] }
    const { first, states } = this.list(list, holder, exits)
    return around(id, first, states, description)
  }

  /** The chart of one step that a scheduler or the undo starts; undefined where the step’s own actor is enough. */
  childChart(step: Step): void {
    if (!needsChart(step)) return
    const id = `${step.id}:chart`
    const exits = { next: `#${id}.Succeeded`, fail: `#${id}.Failed`, failing: [] }
    this.charts[step.id] = around(id, step.id, { [step.id]: this.step(step, exits) })
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

  listOf(steps: readonly Step[]): List {
    return this.#outline.listOf(steps)
  }

  /** The state of one step. */
  step(step: Step, exits: Exits): ChartState {
    const inside = exitsInside(step, exits)
    const body = this.#body(step, inside)
    if (step.undo) this.childChart(step.undo)
    const states = isCaught(step) ? caughtStates(step, body, this, exits) : undefined
    const head = {
      ...(step.description !== undefined && { description: step.description }),
      ...(isRetried(step) && { entry: [{ type: 'enter-tries', params: { step: step.id } }] }),
    }
    if (step.if === undefined && !states) return { id: step.id, ...head, ...body }
    if (step.if === undefined) return { id: step.id, ...head, initial: 'Try', ...(states && { states }) }
    const test = { step: step.id, expression: step.if }
    const whether: ChartState = {
      always: [
        this.invalid(step, step.if, inside),
        { guard: { type: 'holds', params: test }, target: states ? 'Try' : 'Then' },
        { target: exits.next, actions: [{ type: 'skip', params: { step: step.id } }] },
      ],
    }
    return { id: step.id, ...head, initial: 'If', states: { If: whether, ...(states ?? { Then: body }) } }
  }

  /** The transition of a step whose own expression cannot be computed: the step fails. `inside` are the exits inside the step. */
  invalid(step: Step, expression: string, inside: Exits, at?: Place): Transition {
    const max = at === 'while' && step.kind === 'loop' ? { max: step.max } : {}
    const held = inside.caught === step.id
    const params = { step: step.id, expression, ...(at && { at }), ...max }
    const reject: Reference = { type: 'reject', params: { ...params, ...(held && { held }) } }
    const guard: Reference = { type: 'isInvalid', params }
    const failing = held ? inside.failing : inside.failing.slice(1)
    return { guard, target: inside.fail, actions: [reject, ...failActions({ ...inside, failing })] }
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
    for (const step of list.steps) {
      this.childChart(step)
      if (step.undo) this.childChart(step.undo)
    }
    const invoke = {
      id: `${holder}:scheduler`,
      src: 'scheduler' as const,
      input: { step: holder, path: holder },
      onDone: afterSettled(exits, 'fail'),
    }
    return { first: 'Scheduler', states: { Scheduler: { description: 'Steps in the order of their needs.', invoke } } }
  }

  #body(step: Step, inside: Exits): ChartState {
    const entry = this.#entry(step)
    if (isLeaf(step)) return leafState(step, entry, inside)
    switch (step.kind) {
      case 'parallel':
      case 'steps':
        return this.#group(this.listOf(step.steps), step, inside)
      case 'loop':
        return loopState(step, this, inside)
      case 'switch':
        return switchState(step, this, inside)
      case 'each':
        this.#itemChart(step)
        return eachState(step, entry, this, inside)
    }
  }

  /** The chart of one item; a body of a single plain step needs none. */
  #itemChart(step: EachStep): void {
    const id = `${step.id}:item`
    const [only, ...others] = step.steps
    if (only && others.length === 0 && !needsChart(only)) {
      if (only.undo) this.childChart(only.undo)
      return
    }
    this.charts[id] = this.chart(id, this.listOf(step.steps), id)
  }

  #group(list: List, step: Step, inside: Exits): ChartState {
    if (this.#hasRegions(list)) {
      return { type: 'parallel', states: this.#regions(list, inside), onDone: [ended(step, inside)] }
    }
    const { first, states } = this.list(list, step.id, { ...inside, next: `#${step.id}:end` })
    const end: ChartState = { id: `${step.id}:end`, type: 'final' }
    return { initial: first, states: { ...states, Done: end }, onDone: [ended(step, inside)] }
  }

  #hasRegions(list: List): boolean {
    return orderOf(list, this.#outline).shape === 'parallel' && list.steps.length <= maxRegions
  }

  #regions(list: List, exits: Exits): Record<string, ChartState> {
    return Object.fromEntries(list.steps.map(step => [step.id, this.#region(step, exits)]))
  }

  #entry(step: Step): OutlineEntry {
    const entry = this.#outline.entries.get(step.id)
    if (!entry) throw new Error(`${step.id} is no step of the workflow`)
    return entry
  }
}

function around(id: string, first: string, states: Record<string, ChartState>, description?: string): Chart {
  return {
    id,
    ...(description !== undefined && { description }),
    initial: 'Start',
    states: {
      Start: { on: { begin: [{ target: first }] } },
      ...states,
      Succeeded: { type: 'final', output: { status: 'succeeded' } },
      Failed: { type: 'final', output: { status: 'failed' } },
    },
  }
}

function needsChart(step: Step): boolean {
  return step.if !== undefined || !isLeaf(step) || isCaught(step)
}

type Charts = Pick<Program, 'machine' | 'charts' | 'lists' | 'finally'>

/** The charts of a workflow, and the lists that its schedulers run. */
export function compileCharts(workflow: Workflow, outline: Outline): Charts {
  const builder = new ChartBuilder(outline)
  const id = `workflow:${workflow.name.replaceAll('.', '-')}`
  const machine = builder.chart(id, outline.listOf(workflow.steps), '', workflow.title)
  const last = workflow.finally && {
    steps: workflow.finally.map(step => step.id),
    chart: builder.chart(`${id}:finally`, outline.listOf(workflow.finally), ':finally', 'Runs whatever happened.'),
  }
  return { machine, charts: builder.charts, lists: builder.lists, ...(last && { finally: last }) }
}
