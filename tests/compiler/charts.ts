import type { Chart, ChartState, Program, Transition } from '../../src/compiler/program.ts'

/** A state of a chart with what it stands in. */
export interface Node {
  readonly key: string
  readonly state: ChartState
  readonly parent: Node | undefined
  readonly children: Node[]
}

/** Every state of a chart, the root first. */
export function nodesOf(chart: Chart): Node[] {
  const visit = (key: string, state: ChartState, parent: Node | undefined): Node[] => {
    const node: Node = { key, state, parent, children: [] }
    parent?.children.push(node)
    return [node, ...Object.entries(state.states ?? {}).flatMap(([name, child]) => visit(name, child, node))]
  }
  return visit(chart.id, chart, undefined)
}

export function chartsOf(program: Program): Chart[] {
  return [program.machine, ...(program.finally ? [program.finally.chart] : []), ...Object.values(program.charts)]
}

export function transitionsOf({ state }: Node): Transition[] {
  return [
    ...(state.always ?? []),
    ...(state.onDone ?? []),
    ...(state.invoke?.onDone ?? []),
    ...Object.values(state.on ?? {}).flat(),
  ]
}

/** The state that a transition names: `#id`, `#id.child` or a sibling; undefined when there is none. */
export function targetOf(target: string, from: Node, nodes: readonly Node[]): Node | undefined {
  if (!target.startsWith('#')) {
    // A transition of the root names its children, any other its siblings.
    return (from.parent ?? from).children.find(({ key }) => key === target)
  }
  const [id, ...keys] = target.slice(1).split('.')
  let found = nodes.find(({ state }) => state.id === id)
  for (const key of keys) found = found?.children.find(child => child.key === key)
  return found
}

/** The states that can be entered, by following initial states and transitions from the root. */
export function reachable(nodes: readonly Node[]): Set<Node> {
  const found = new Set<Node>()
  const open = nodes.slice(0, 1)
  for (let node = open.pop(); node; node = open.pop()) {
    if (found.has(node)) continue
    found.add(node)
    // To be in a state is to be in those around it.
    if (node.parent) open.push(node.parent)
    const { type, initial } = node.state
    open.push(...node.children.filter(({ key }) => type === 'parallel' || key === initial))
    for (const { target } of transitionsOf(node)) {
      const next = target === undefined ? undefined : targetOf(target, node, nodes)
      if (next) open.push(next)
    }
  }
  return found
}
