import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js'
import { type AskedLine, elkGraphOf } from './layout-graph.ts'
import type { GraphNode, Program } from './program.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A rectangle, in pixels from the top left corner of the picture. */
export interface Rectangle extends Point {
  readonly width: number
  readonly height: number
}

/** The card of a step, or the frame of a block around its steps. */
export interface Box extends Rectangle {
  readonly id: string
  readonly parent?: string
  readonly isBlock: boolean
}

/** Where a block is entered: a dot inside it stands for the block itself. */
export interface Entry extends Rectangle {
  readonly block: string
}

/** A line that was asked for, from corner to corner. */
export interface Line extends Omit<AskedLine, 'key'> {
  readonly points: readonly Point[]
  readonly labelBox?: Rectangle
}

/** Where everything in the picture of a graph is. */
export interface Layout {
  readonly width: number
  readonly height: number
  /** In the order of the graph’s nodes: frames before what they hold. */
  readonly boxes: readonly Box[]
  readonly entries: readonly Entry[]
  readonly lines: readonly Line[]
}

/** Places the steps of a graph in the order of running, from top to bottom: the same places for the same graph. */
export async function layoutOf(graph: Program['graph']): Promise<Layout> {
  const asked = elkGraphOf(graph)
  // Without a worker: it computes here, as everything in this folder does.
  const placed = await new ELK.default().layout(asked.root)
  const shapes = new Map(shapesIn(placed).map(shape => [shape.id, rectangleOf(shape)]))
  const edges = new Map(edgesIn(placed).map(edge => [edge.id, edge]))
  return {
    width: round(placed.width),
    height: round(placed.height),
    boxes: graph.nodes.map(node => boxOf(node, asked.blocks, found(shapes, asked.nodeKey(node.id)))),
    entries: asked.entries.map(block => ({ block, ...found(shapes, asked.entryKey(block)) })),
    lines: asked.lines.map(({ key, ...line }) => lineOf(line, found(edges, key))),
  }
}

function boxOf({ id, parent }: GraphNode, blocks: ReadonlySet<string>, place: Rectangle): Box {
  return { id, ...(parent !== undefined && { parent }), isBlock: blocks.has(id), ...place }
}

function lineOf(line: Omit<Line, 'points' | 'labelBox'>, { sections = [], labels = [] }: ElkExtendedEdge): Line {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
  const [label] = labels
  return {
    ...line,
    points: points.map(({ x, y }) => ({ x: round(x), y: round(y) })),
    ...(label && { labelBox: rectangleOf(label) }),
  }
}

function shapesIn(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(shapesIn)]
}

function edgesIn(node: ElkNode): ElkExtendedEdge[] {
  return [...(node.edges ?? []), ...(node.children ?? []).flatMap(edgesIn)]
}

function rectangleOf({ x, y, width, height }: Partial<Rectangle>): Rectangle {
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}

function round(pixels = 0): number {
  return Math.round(pixels * 10) / 10
}

function found<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key)
  if (value === undefined) throw new Error(`the layout has no place for ${key}`)
  return value
}
