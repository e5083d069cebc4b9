import ELK, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk.bundled.js'
import { textWidth } from '../../compiler/layout-text.ts'
import type { Rectangle } from '../../compiler/layout.ts'
import type { ChartGraph, ChartLayout, ChartNode } from './chart-graph.ts'

const options: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
}

/** Above this the careful ways take minutes. */
const maxCareful = 150
const quick: LayoutOptions = {
  'elk.layered.considerModelOrder.strategy': 'NONE',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'SIMPLE',
  'elk.layered.thoroughness': '1',
}

const dot = 8
const labelHeight = 16

/** About the shape of the window that the picture is shown in: width by height. */
const bestShape = 1.7

/** Places the states of a chart, each in its frame: from left to right or from top to bottom, whichever fits better. */
export async function layoutChart(chart: ChartGraph): Promise<ChartLayout> {
  const across = await layoutTowards(chart, 'RIGHT')
  if (chart.nodes.length > maxCareful) return across
  const down = await layoutTowards(chart, 'DOWN')
  const misfit = ({ width, height }: ChartLayout): number => Math.max(width / bestShape, height)
  return misfit(down) < misfit(across) ? down : across
}

async function layoutTowards({ nodes, lines }: ChartGraph, direction: 'RIGHT' | 'DOWN'): Promise<ChartLayout> {
  const inside = Map.groupBy(nodes, ({ parent }) => parent)
  const elkOf = (node: ChartNode): ElkNode => stateOf(node, (inside.get(node.key) ?? []).map(elkOf), inside)
  const edges = lines.map(({ from, to, label }, index) => lineOf(`line ${index}`, from, to, label))
  const starts = nodes.flatMap(({ key, isInitial }) => (isInitial ? [lineOf(`start ${key}`, `dot ${key}`, key)] : []))
  const root: ElkNode = {
    id: 'root',
    layoutOptions: { ...options, 'elk.direction': direction, ...(nodes.length > maxCareful && quick) },
    children: (inside.get(undefined) ?? []).map(elkOf),
    edges: [...edges, ...starts],
  }
  const placed = await new ELK.default().layout(root)
  const shapes = new Map(all(placed).map(shape => [shape.id, rectangleOf(shape)]))
  const routed = new Map(
    all(placed)
      .flatMap(node => node.edges ?? [])
      .map(edge => [edge.id, edge]),
  )
  const place = (id: string): Rectangle => shapes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 }
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    boxes: nodes.map(({ key }) => ({ key, ...place(key) })),
    dots: nodes.flatMap(({ key, isInitial }) => (isInitial ? [{ key, ...place(`dot ${key}`) }] : [])),
    lines: [
      ...lines.map(({ label }, index) => drawn(routed.get(`line ${index}`), label)),
      ...starts.map(({ id }) => drawn(routed.get(id))),
    ],
  }
}

function stateOf(node: ChartNode, children: ElkNode[], inside: ReadonlyMap<string | undefined, ChartNode[]>): ElkNode {
  const width = Math.max(64, Math.ceil(textWidth(node.name, 13)) + 28)
  if (children.length === 0) return { id: node.key, width, height: 30 }
  const dots = (inside.get(node.key) ?? [])
    .filter(({ isInitial }) => isInitial)
    .map(({ key }) => ({ id: `dot ${key}`, width: dot, height: dot }))
  return {
    id: node.key,
    children: [...dots, ...children],
    layoutOptions: {
      'elk.padding': '[top=32,left=16,bottom=16,right=16]',
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, 48)`,
    },
  }
}

function lineOf(id: string, from: string, to: string, label?: string): ElkExtendedEdge {
  const edge = { id, sources: [from], targets: [to] }
  if (label === undefined) return edge
  const width = Math.min(200, Math.ceil(textWidth(label, 11)) + 10)
  const layoutOptions = { 'elk.edgeLabels.inline': 'true' }
  return { ...edge, labels: [{ text: label, width, height: labelHeight, layoutOptions }] }
}

function drawn(edge: ElkExtendedEdge | undefined, label?: string): ChartLayout['lines'][number] {
  const { sections = [], labels: [box] = [] } = edge ?? { sections: [] }
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
  return { points, ...(label !== undefined && { label }), ...(box && { labelBox: rectangleOf(box) }) }
}

function all(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(all)]
}

function rectangleOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Rectangle>): Rectangle {
  return { x, y, width, height }
}
