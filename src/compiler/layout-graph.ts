import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk.bundled.js'
import { type PictureEdge, pictureEdges } from './layout-implied.ts'
import { fitText, textWidth } from './layout-text.ts'
import { visibleText } from '../model/visible-text.ts'
import type { GraphNode, Program } from './program.ts'

/** Sizes that the layout and the drawing agree on, in pixels. */
export const sizes = {
  title: 13,
  label: 11,
  /** From the left edge of a box to its text: room for the icon. */
  textLeft: 34,
  textRight: 12,
  cardHeight: 46,
  minCard: 132,
  maxText: 260,
  maxLineText: 190,
  /** The head of a frame, above the steps in it. */
  head: 40,
  padding: 16,
  entry: 14,
  lineLabel: 18,
} as const

/** More steps than this side by side are packed into rows: nobody scrolls along a picture a hundred cards wide. */
const maxAbreast = 8

/** A line of the picture; `key` is how the answer calls it. */
export interface AskedLine extends PictureEdge {
  readonly key: string
}

type Graph = Program['graph']

/** What the layout is asked for, and by which keys its answer is found. */
export interface ElkQuestion {
  readonly root: ElkNode
  /** Steps that hold others. */
  readonly blocks: ReadonlySet<string>
  /** Blocks that have an entry inside them. */
  readonly entries: readonly string[]
  readonly lines: readonly AskedLine[]
  nodeKey(id: string): string
  entryKey(block: string): string
}

const whole: LayoutOptions = {
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=24,left=24,bottom=24,right=24]',
}

const layered: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  // Steps without an order stand side by side.
  'elk.separateConnectedComponents': 'false',
  'elk.spacing.nodeNode': '20',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  // What was written first comes first, and only what leads back up is a way back.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.feedbackEdges': 'true',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
}

/** With more steps than this in one list, the careful ways would take minutes. */
const maxCareful = 100

const large: LayoutOptions = {
  ...layered,
  'elk.layered.considerModelOrder.strategy': 'NONE',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.layering.strategy': 'LONGEST_PATH_SOURCE',
  'elk.layered.nodePlacement.strategy': 'SIMPLE',
  'elk.layered.thoroughness': '1',
  'elk.edgeRouting': 'POLYLINE',
}

function optionsFor(steps: number, lines: number): LayoutOptions {
  if (steps > maxAbreast && lines === 0) return packed
  return steps > maxCareful ? large : layered
}

const packed: LayoutOptions = {
  'elk.algorithm': 'rectpacking',
  'elk.aspectRatio': '2.2',
  'elk.spacing.nodeNode': '20',
}

/** A graph as the layout engine takes it: each block is laid out by itself, then as one box of the list it is in. */
export function elkGraphOf(graph: Graph): ElkQuestion {
  const children = Map.groupBy(graph.nodes, ({ parent }) => parent)
  const parents = new Map(graph.nodes.map(({ id, parent }) => [id, parent]))
  const lines = pictureEdges(graph).map((line, index) => ({ ...line, key: `line ${index}` }))
  const placed = lines.map(line => ({ line, ...endsOf(line, parents) }))
  const edges = Map.groupBy(placed, ({ list }) => list)
  const entries = [...new Set(placed.flatMap(({ entry }) => entry ?? []))]
  const contents = (list: string | undefined): Pick<ElkNode, 'children' | 'edges' | 'layoutOptions'> => {
    const steps = children.get(list) ?? []
    const lines = (edges.get(list) ?? []).map(({ line, source, target }) => elkEdge(line, source, target))
    const entry = list !== undefined && entries.includes(list) ? [elkEntry(list)] : []
    return {
      children: [...entry, ...steps.map(nodeOf)],
      edges: lines,
      layoutOptions: optionsFor(steps.length, lines.length),
    }
  }
  const nodeOf = (node: GraphNode): ElkNode => (children.has(node.id) ? frame(node, contents(node.id)) : card(node))
  const top = contents(undefined)
  const root = { id: 'root', ...top, layoutOptions: { ...top.layoutOptions, ...whole } }
  const blocks = new Set([...children.keys()].filter(id => id !== undefined))
  return { root, blocks, entries, lines, nodeKey, entryKey }
}

const nodeKey = (id: string): string => `step ${id}`
const entryKey = (block: string): string => `entry ${block}`

interface Ends {
  /** The block in which the line is drawn; undefined at the top. */
  readonly list: string | undefined
  readonly source: string
  readonly target: string
  /** The block whose entry is one of the ends. */
  readonly entry?: string
}

/**
 * Where a line is drawn: in the innermost block around both its ends, from box to box.
 *
 * A line between a block and what is in it begins or ends at the entry of the block, inside of it.
 */
function endsOf({ from, to }: AskedLine, parents: ReadonlyMap<string, string | undefined>): Ends {
  const [above, below] = [pathTo(from, parents), pathTo(to, parents)]
  // A line from a step to itself is drawn around the step.
  const deepest = from === to ? above.length - 1 : above.length
  let depth = 0
  while (depth < deepest && above[depth] === below[depth]) depth += 1
  const list = above[depth - 1]
  const [source, target] = [above[depth], below[depth]]
  if (list === undefined || (source !== undefined && target !== undefined))
    return { list, source: nodeKey(source ?? from), target: nodeKey(target ?? to) }
  const keyOf = (id: string | undefined): string => (id === undefined ? entryKey(list) : nodeKey(id))
  return { list, source: keyOf(source), target: keyOf(target), entry: list }
}

/** The blocks around a step and the step itself, outermost first. */
function pathTo(id: string, parents: ReadonlyMap<string, string | undefined>): string[] {
  const path: string[] = []
  for (let step: string | undefined = id; step !== undefined; step = parents.get(step)) path.unshift(step)
  return path
}

function card(node: GraphNode): ElkNode {
  const layoutOptions = { 'elk.alignment': 'TOP' }
  return { id: nodeKey(node.id), width: boxWidth(node, 'below'), height: sizes.cardHeight, layoutOptions }
}

function frame(node: GraphNode, contents: Omit<ElkNode, 'id'>): ElkNode {
  const { head, padding } = sizes
  return {
    id: nodeKey(node.id),
    ...contents,
    layoutOptions: {
      ...contents.layoutOptions,
      'elk.alignment': 'TOP',
      'elk.padding': `[top=${head},left=${padding},bottom=${padding},right=${padding}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${boxWidth(node, 'beside')}, ${head + padding})`,
    },
  }
}

/** The texts of a box, cut to the room there is: a card has its label below its title, a frame beside it. */
export function boxTexts({ id, label }: GraphNode): { readonly title: string; readonly label: string } {
  return {
    title: fitText(visibleText(id), sizes.title, sizes.maxText),
    label: fitText(visibleText(label), sizes.label, sizes.maxText),
  }
}

function boxWidth(node: GraphNode, place: 'below' | 'beside'): number {
  const texts = boxTexts(node)
  const [title, label] = [textWidth(texts.title, sizes.title), textWidth(texts.label, sizes.label)]
  const text = place === 'below' ? Math.max(title, label) : title + label + sizes.textRight
  return Math.max(sizes.minCard, Math.ceil(sizes.textLeft + text + sizes.textRight))
}

function elkEntry(block: string): ElkNode {
  return { id: entryKey(block), width: sizes.entry, height: sizes.entry }
}

function elkEdge({ key, kind, label }: AskedLine, source: string, target: string): ElkExtendedEdge {
  // The way of success is the straight one.
  const layoutOptions = { 'elk.layered.priority.straightness': kind === 'order' ? '10' : '1' }
  const edge = { id: key, sources: [source], targets: [target], layoutOptions }
  if (label === undefined) return edge
  const text = lineText(label)
  const width = Math.ceil(textWidth(text, sizes.label)) + 12
  return {
    ...edge,
    labels: [{ text, width, height: sizes.lineLabel, layoutOptions: { 'elk.edgeLabels.inline': 'true' } }],
  }
}

/** The label of a line, cut to the room there is. */
export function lineText(label: string): string {
  return fitText(visibleText(label), sizes.label, sizes.maxLineText)
}
