import { printLiteral } from './export-literal.ts'
import type { ChartState, ListItem, Program, Reference, Transition } from './program.ts'

/** A state as it is exported: with a description wherever a step stands, and with what its invocation starts by name. */
export interface ExportedState extends Omit<ChartState, 'states'> {
  readonly states?: Readonly<Record<string, ExportedState>>
  readonly meta?: ExportedMeta
}

/** What a state starts by name: the steps of a list with what they wait for, and charts, by the names of the program. */
export interface ExportedMeta {
  readonly list?: readonly ListItem[]
  /** The steps that are done for each item; one alone needs no chart. */
  readonly body?: readonly string[]
  readonly charts?: Readonly<Record<string, ExportedState>>
  /** At the root: lists that no state of the machine starts, by holder. */
  readonly lists?: Program['lists']
  /** At the root: which step takes back which, when the run fails. */
  readonly undo?: Readonly<Record<string, string>>
  /** At the root: what runs whatever happened. */
  readonly finally?: { readonly steps: readonly string[]; readonly chart: ExportedState }
}

/**
 * A program as a JavaScript module for XState 5, which the Stately editor imports as well.
 *
 * Charts name their guards, actions and actors; `machine.provide` says what they are.
 */
export function toXState(program: Program): string {
  const machine = exportedMachine(program)
  return [
    "import { createMachine } from 'xstate'",
    '',
    '// To run it, say what its names do: machine.provide({ actors, guards, actions })',
    ...namesOf(program).map(([kind, names]) => `// ${kind}: ${names.join(', ')}`),
    `export const machine = createMachine(${printLiteral(machine)})`,
    '',
  ].join('\n')
}

/** The config of the whole program: each chart that is started by name is found in the `meta` of the state that starts it. */
export function exportedMachine(program: Program): ExportedState {
  const left = { charts: new Map(Object.entries(program.charts)), lists: new Map(Object.entries(program.lists)) }
  const labels = new Map(program.graph.nodes.map(({ id, label }) => [id, label]))
  const chartFor = (step: string): [string, ExportedState][] => {
    const chart = left.charts.get(step)
    left.charts.delete(step)
    return chart ? [[step, exported(chart)]] : []
  }
  const metaOf = ({ invoke }: ChartState): ExportedMeta | undefined => {
    const holder = invoke?.input.step
    const list = holder === undefined ? undefined : left.lists.get(holder)
    if (holder !== undefined) left.lists.delete(holder)
    const started = (list ?? []).map(({ step }) => step)
    if (holder === undefined || invoke?.src !== 'each') return metaWith(list, started.flatMap(chartFor))
    const body = program.steps[holder]?.lists.flat() ?? []
    return { body, ...metaWith(list, [...started, `${holder}:item`].flatMap(chartFor)) }
  }
  const exported = (state: ChartState): ExportedState => {
    const { states, ...own } = state
    const label = state.id === undefined ? undefined : labels.get(state.id)
    const meta = metaOf(state)
    return {
      ...(label !== undefined && { description: label }),
      ...own,
      ...(meta && { meta }),
      ...(states && { states: mapValues(states, exported) }),
    }
  }
  const machine = exported(program.machine)
  const last = program.finally && { finally: { ...program.finally, chart: exported(program.finally.chart) } }
  const undone = Object.entries(program.steps).flatMap(([id, { undo }]) => (undo === undefined ? [] : [[id, undo]]))
  const undo = undone.length > 0 && { undo: Object.fromEntries(undone) }
  // Nothing is lost, even where the chart does not say what starts it.
  const rest = metaWith(undefined, [...left.charts.keys()].flatMap(chartFor))
  const lists = left.lists.size > 0 && { lists: Object.fromEntries(left.lists) }
  const meta = { ...machine.meta, ...undo, ...last, ...rest, ...lists }
  return Object.keys(meta).length === 0 ? machine : { ...machine, meta }
}

function metaWith(
  list: readonly ListItem[] | undefined,
  charts: readonly [string, ExportedState][],
): ExportedMeta | undefined {
  if (!list && charts.length === 0) return undefined
  return { ...(list && { list }), ...(charts.length > 0 && { charts: Object.fromEntries(charts) }) }
}

/** The names that somebody who runs the machine gives a meaning to, sorted. */
function namesOf({ machine, charts, finally: last }: Program): [kind: string, names: string[]][] {
  const states = [machine, ...Object.values(charts), ...(last ? [last.chart] : [])].flatMap(statesIn)
  const transitions = states.flatMap(transitionsOf)
  const actions: Reference[] = [
    ...states.flatMap(({ entry = [] }) => entry),
    ...transitions.flatMap(({ actions = [] }) => actions),
  ]
  const names: [string, string[]][] = [
    ['actors', states.flatMap(({ invoke }) => invoke?.src ?? [])],
    ['guards', transitions.flatMap(({ guard }) => guard?.type ?? [])],
    ['actions', actions.map(({ type }) => type)],
  ]
  return names.flatMap(([kind, found]) => (found.length === 0 ? [] : [[kind, [...new Set(found)].toSorted()]]))
}

function transitionsOf({ always = [], onDone = [], invoke, on = {} }: ChartState): Transition[] {
  return [...always, ...onDone, ...(invoke?.onDone ?? []), ...Object.values(on).flat()]
}

function statesIn(state: ChartState): ChartState[] {
  return [state, ...Object.values(state.states ?? {}).flatMap(statesIn)]
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
