import type { ChartState, Program, Reference, Transition } from './program.ts'

/** A transition as it is drawn: what it does on its way is left out. */
export interface WholeTransition {
  readonly target?: string
  readonly guard?: Reference
}

/** A state as it is drawn: part of an XState 5 machine config, where what an ended child or block leads to is `on.done`. */
export interface WholeState {
  readonly id?: string
  readonly description?: string
  readonly type?: 'final' | 'parallel'
  readonly initial?: string
  readonly states?: Readonly<Record<string, WholeState>>
  readonly on?: Readonly<Record<string, readonly WholeTransition[]>>
  readonly always?: readonly WholeTransition[]
}

/**
 * One chart of all that a program may do: a list that a scheduler runs is a parallel state, each of its steps a region
 * that waits in `Start`. Where steps are undone, or run whatever happened, they stand beside the workflow as regions
 * `undo` and `finally`. The items of an `each` are one state: how many there are is known only in a run.
 */
export function wholeChart(program: Program): WholeState {
  const workflow = drawn(program.machine, program)
  const undone = undoSteps(program)
  if (undone.length === 0 && !program.finally) return workflow
  const undo = { type: 'parallel' as const, states: regionsOf(undone, program) }
  return {
    id: 'run',
    type: 'parallel',
    states: {
      workflow,
      ...(undone.length > 0 && { undo }),
      ...(program.finally && { finally: drawn(program.finally.chart, program) }),
    },
  }
}

/** The steps that take back others, each once. */
export function undoSteps({ steps }: Program): string[] {
  return [...new Set(Object.values(steps).flatMap(({ undo }) => undo ?? []))]
}

function drawn(state: ChartState, program: Program): WholeState {
  const { id, description, type, initial, states, always, invoke, onDone = invoke?.onDone, on } = state
  const leads = { ...mapValues(on ?? {}, shown), ...(onDone && { done: shown(onDone) }) }
  const list = invoke?.src === 'scheduler' ? (program.lists[invoke.input.step] ?? []) : undefined
  return {
    ...(id !== undefined && { id }),
    ...(description !== undefined && { description }),
    ...(type && { type }),
    ...(initial !== undefined && { initial }),
    ...(states && { states: mapValues(states, child => drawn(child, program)) }),
    ...(list && {
      type: 'parallel',
      states: regionsOf(
        list.map(({ step }) => step),
        program,
      ),
    }),
    ...(Object.keys(leads).length > 0 && { on: leads }),
    ...(always && { always: shown(always) }),
  }
}

function regionsOf(steps: readonly string[], program: Program): Record<string, WholeState> {
  return Object.fromEntries(steps.map(step => [step, regionOf(step, program)]))
}

/** A step without a chart of its own gets one of the same form. */
function regionOf(step: string, program: Program): WholeState {
  const chart = program.charts[step]
  if (chart) return drawn(chart, program)
  const id = `${step}:chart`
  const done = [{ guard: { type: 'failed' }, target: `#${id}.Failed` }, { target: `#${id}.Succeeded` }]
  return {
    id,
    initial: 'Start',
    states: {
      Start: { on: { begin: [{ target: step }] } },
      [step]: { id: step, on: { done } },
      Succeeded: { type: 'final' },
      Failed: { type: 'final' },
    },
  }
}

function shown(transitions: readonly Transition[]): WholeTransition[] {
  return transitions.map(({ target, guard }) => ({ ...(target !== undefined && { target }), ...(guard && { guard }) }))
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
