import type { ChartState, ChartTarget, ChartTargets, StateValue } from '../api/answers.ts'
import type { Point, Rectangle } from '../../compiler/layout.ts'

/** A state of a chart; its key is the way to it from the top, `drafts.intro.calling`. */
export interface ChartNode {
  readonly key: string
  readonly name: string
  readonly parent?: string
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final'
  /** True for the state that its parent begins in. */
  readonly isInitial: boolean
}

export interface ChartLine {
  readonly from: string
  readonly to: string
  readonly label?: string
}

/** A statechart as a picture takes it. */
export interface ChartGraph {
  readonly nodes: readonly ChartNode[]
  readonly lines: readonly ChartLine[]
}

export interface ChartLayout {
  readonly width: number
  readonly height: number
  readonly boxes: readonly (Rectangle & { readonly key: string })[]
  readonly dots: readonly (Rectangle & { readonly key: string })[]
  readonly lines: readonly (Omit<ChartLine, 'from' | 'to'> & {
    readonly points: readonly Point[]
    readonly labelBox?: Rectangle
  })[]
}

/** The key of the chart itself. */
const top = '#'

/** The states of a definition and the ways between them; several ways between two states become one line. */
export function chartGraphOf(definition: ChartState): ChartGraph {
  const nodes: ChartNode[] = []
  const written: { readonly key: string; readonly state: ChartState }[] = []
  const visit = (state: ChartState, key: string, name: string, parent?: ChartNode & { initial?: string }): void => {
    const node = {
      ...nodeOf(state, key, name),
      isInitial: parent?.initial === name,
      ...(parent && { parent: parent.key }),
    }
    nodes.push(node)
    written.push({ key, state })
    for (const [child, inner] of Object.entries(state.states ?? {})) {
      const around = state.initial === undefined ? node : { ...node, initial: state.initial }
      visit(inner, `${key}.${child}`, child, around)
    }
  }
  visit(definition, top, definition.id ?? 'run')
  const ids = new Map(written.flatMap(({ key, state }) => (state.id === undefined ? [] : [[state.id, key] as const])))
  const keys = new Set(nodes.map(({ key }) => key))
  const lines = written.flatMap(({ key, state }) =>
    waysOut(state).flatMap(({ label, target }) =>
      targetsOf(target, key, ids, keys).map(to => ({ from: key, to, ...(label !== '' && { label }) })),
    ),
  )
  return { nodes, lines: merged(lines) }
}

function nodeOf({ type, states }: ChartState, key: string, name: string): Omit<ChartNode, 'isInitial'> {
  if (type === 'final' || type === 'parallel') return { key, name, kind: type }
  return { key, name, kind: states && Object.keys(states).length > 0 ? 'compound' : 'atomic' }
}

interface WayOut {
  readonly label: string
  readonly target: ChartTarget
}

function waysOut({ on, after, always, onDone, invoke }: ChartState): WayOut[] {
  const named = (event: string, targets: ChartTargets | undefined): WayOut[] =>
    listOf(targets).map(target => ({ label: labelOf(event, target), target }))
  return [
    ...Object.entries(on ?? {}).flatMap(([event, targets]) => named(event, targets)),
    ...Object.entries(after ?? {}).flatMap(([delay, targets]) => named(`after ${delay} ms`, targets)),
    ...named('', always),
    ...named('done', onDone),
    ...named('done', invoke?.onDone),
    ...named('error', invoke?.onError),
  ]
}

function listOf(targets: ChartTargets | undefined): ChartTarget[] {
  if (targets === undefined) return []
  const list = Array.isArray(targets)
    ? (targets as readonly (string | ChartTarget)[])
    : [targets as string | ChartTarget]
  return list.map(target => (typeof target === 'string' ? { target } : target))
}

/** That something is done is what every state waits for: only what else must hold is written. */
function labelOf(event: string, { guard }: ChartTarget): string {
  const condition = typeof guard === 'string' ? guard : guard?.type
  if (condition === 'failed') return condition
  const name = event === 'done' ? '' : event
  return condition === undefined ? name : `${name} [${condition}]`.trim()
}

/** A target is a sibling, a state inside (`.inner`), or the id of a state anywhere, perhaps with a way down from it. */
function targetsOf(
  { target }: ChartTarget,
  from: string,
  ids: ReadonlyMap<string, string>,
  keys: ReadonlySet<string>,
): string[] {
  const names = target === undefined ? [] : typeof target === 'string' ? [target] : target
  return names.flatMap(name => {
    const key = keyOf(name, from, ids, keys)
    return key === undefined ? [] : [key]
  })
}

function keyOf(
  name: string,
  from: string,
  ids: ReadonlyMap<string, string>,
  keys: ReadonlySet<string>,
): string | undefined {
  if (name.startsWith('.')) return existing(`${from}${name}`, keys)
  if (!name.startsWith('#')) return existing(`${from.slice(0, from.lastIndexOf('.'))}.${name}`, keys)
  const id = name.slice(1)
  const whole = ids.get(id)
  if (whole !== undefined) return whole
  // XState names states without an id after the way to them; ids may themselves hold dots.
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) {
    const start = ids.get(id.slice(0, dot))
    if (start !== undefined) return existing(`${start}${id.slice(dot)}`, keys)
  }
  return undefined
}

function existing(key: string, keys: ReadonlySet<string>): string | undefined {
  return keys.has(key) ? key : undefined
}

function merged(lines: readonly ChartLine[]): ChartLine[] {
  const byEnds = Map.groupBy(lines, ({ from, to }) => `${from} ${to}`)
  return [...byEnds.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const labels = [...new Set(group.flatMap(({ label }) => label ?? []))]
    return [{ from: first.from, to: first.to, ...(labels.length > 0 && { label: labels.join(', ') }) }]
  })
}

/** The keys of the states that are active, those around them included. */
export function activeKeys(value: StateValue | null): ReadonlySet<string> {
  const keys = new Set<string>()
  const visit = (inner: StateValue, key: string): void => {
    keys.add(key)
    if (typeof inner === 'string') {
      keys.add(`${key}.${inner}`)
      return
    }
    for (const [name, deeper] of Object.entries(inner)) visit(deeper, `${key}.${name}`)
  }
  if (value !== null) visit(value, top)
  return keys
}
