import { printLiteral } from './export-literal.ts'
import type { ChartState, Invocation, ListItem, Program, Reference, Transition } from './program.ts'

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

/** The config of the whole program: a chart that is started by name is in the `meta` of the state that starts it. */
export function exportedMachine(program: Program): ExportedState {
  const exporter = new Exporter(program)
  const machine = exporter.state(program.machine)
  const last = program.finally && { finally: { ...program.finally, chart: exporter.state(program.finally.chart) } }
  const undone = Object.entries(program.steps).flatMap(([id, { undo }]) => (undo === undefined ? [] : [[id, undo]]))
  const undo = undone.length > 0 && { undo: Object.fromEntries(undone) }
  const meta = { ...undo, ...last, ...exporter.rest() }
  return Object.keys(meta).length === 0 ? machine : { ...machine, meta }
}

/** Exports states; each chart and each list is handed out once, to the state that starts it. */
class Exporter {
  readonly #program: Program
  readonly #labels: ReadonlyMap<string, string>
  readonly #charts: Map<string, ChartState>
  readonly #lists: Map<string, readonly ListItem[]>

  constructor(program: Program) {
    this.#program = program
    this.#labels = new Map(program.graph.nodes.map(({ id, label }) => [id, label]))
    this.#charts = new Map(Object.entries(program.charts))
    this.#lists = new Map(Object.entries(program.lists))
  }

  state({ states, ...own }: ChartState): ExportedState {
    const label = own.id === undefined ? undefined : this.#labels.get(own.id)
    const meta = own.invoke && this.#started(own.invoke)
    return {
      ...(label !== undefined && { description: label }),
      ...own,
      ...(meta && { meta }),
      ...(states && { states: mapValues(states, state => this.state(state)) }),
    }
  }

  /** Nothing is lost, even where no state says that it starts it: this is what is left in the end. */
  rest(): ExportedMeta {
    const charts = metaWith(undefined, this.#exportCharts([...this.#charts.keys()]))
    return { ...charts, ...(this.#lists.size > 0 && { lists: Object.fromEntries(this.#lists) }) }
  }

  #started({ src, input: { step } }: Invocation): ExportedMeta | undefined {
    const list = this.#lists.get(step)
    this.#lists.delete(step)
    const charts = this.#exportCharts([
      ...(list ?? []).map(item => item.step),
      ...(src === 'each' ? [`${step}:item`] : []),
    ])
    const body = src === 'each' && { body: this.#program.steps[step]?.lists.flat() ?? [] }
    const meta = metaWith(list, charts)
    return body ? { ...body, ...meta } : meta
  }

  #exportCharts(names: readonly string[]): [string, ExportedState][] {
    return names.flatMap((name): [string, ExportedState][] => {
      const chart = this.#charts.get(name)
      this.#charts.delete(name)
      return chart ? [[name, this.state(chart)]] : []
    })
  }
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
