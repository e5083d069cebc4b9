import { type PictureEdge, pictureEdges } from '../compiler/layout-implied.ts'
import type { GraphNode, Program } from '../compiler/program.ts'
import { glyphs, type StatusWord } from '../model/glyph.ts'
import { visibleText } from '../model/visible-text.ts'

export interface MermaidOptions {
  /** What became of each step, by id. */
  readonly phases?: ReadonlyMap<string, StatusWord>
  /** With more steps than this, every block of the top list is one node. Default: 60. */
  readonly collapseAbove?: number
}

type Graph = Program['graph']
type Parents = ReadonlyMap<string, string | undefined>

/** The ends of a node’s box: a person’s business is round, another workflow has double sides. */
const shapes: Readonly<Record<GraphNode['kind'], readonly [open: string, close: string]>> = {
  prompt: ['[', ']'],
  kilo: ['[', ']'],
  run: ['[', ']'],
  code: ['[', ']'],
  tool: ['[', ']'],
  http: ['[', ']'],
  set: ['[', ']'],
  ask: ['([', '])'],
  wait: ['([', '])'],
  workflow: ['[[', ']]'],
  parallel: ['[', ']'],
  steps: ['[', ']'],
  switch: ['[', ']'],
  loop: ['[', ']'],
  each: ['[', ']'],
}

/** Dotted is what does not follow from success alone, or leads back. */
const arrows: Readonly<Record<PictureEdge['kind'], string>> = {
  order: '-->',
  branch: '-->',
  start: '-->',
  back: '-.->',
  error: '-.->',
  undo: '-.->',
  finally: '-.->',
}

/** Colours of the light theme that also read on dark; the glyph says the same without colour. */
const classes: Readonly<Partial<Record<StatusWord, string>>> = {
  running: 'fill:#fff1c2,stroke:#b58500,color:#8a5a00',
  succeeded: 'fill:#dcf5e3,stroke:#2f9e57,color:#116b33',
  reused: 'fill:#dcf5e3,stroke:#2f9e57,color:#116b33',
  failed: 'fill:#fde4e4,stroke:#d94853,color:#b3202c',
  skipped: 'fill:#eef1f5,stroke:#d5dbe3,color:#566272',
  cancelled: 'fill:#eef1f5,stroke:#d5dbe3,color:#566272',
}

/**
 * A graph as a Mermaid flowchart: one node a line, edges apart, so that a change of one step is a change of one line.
 *
 * Ids are prefixed: `end` and `graph` are words of Mermaid, and of people.
 */
export function toMermaid(whole: Graph, options: MermaidOptions = {}): string {
  const { phases = new Map<string, StatusWord>(), collapseAbove = 60 } = options
  const graph = whole.nodes.length > collapseAbove ? collapsed(whole) : whole
  const parents = parentsOf(graph)
  const edges = pictureEdges(graph)
  const withDot = new Set(edges.flatMap(edge => dotOf(edge, parents) ?? []))
  const used = new Set(graph.nodes.map(({ id }) => phases.get(id)))
  return [
    'flowchart TD',
    ...nodeLines(graph, withDot, phases),
    ...edges.map(edge => edgeLine(edge, dotOf(edge, parents))),
    ...Object.entries(classes).flatMap(([phase, style]) =>
      used.has(phase as StatusWord) ? [`  classDef ${phase} ${style}`] : [],
    ),
    '',
  ].join('\n')
}

function nodeLines(graph: Graph, withDot: ReadonlySet<string>, phases: ReadonlyMap<string, StatusWord>): string[] {
  const children = Map.groupBy(graph.nodes, node => node.parent)
  const linesOf = (node: GraphNode, indent: string): string[] => {
    const phase = phases.get(node.id)
    const label = quote(`${phase ? `${glyphs[phase]} ` : ''}${node.id}: ${node.label}`)
    const inside = children.get(node.id)
    const [open, close] = shapes[node.kind]
    if (!inside) return [`${indent}s_${node.id}${open}${label}${close}${phase && classes[phase] ? `:::${phase}` : ''}`]
    const dot = withDot.has(node.id) ? [`${indent}  in_${node.id}((" "))`] : []
    const body = inside.flatMap(child => linesOf(child, `${indent}  `))
    return [`${indent}subgraph s_${node.id} [${label}]`, ...dot, ...body, `${indent}end`]
  }
  return (children.get(undefined) ?? []).flatMap(node => linesOf(node, '  '))
}

/** Mermaid refuses an edge between a block and what is in it: a dot inside stands for the block. This is the block, if any. */
function dotOf({ from, to }: PictureEdge, parents: Parents): string | undefined {
  if (ancestors(to, parents).includes(from)) return from
  return ancestors(from, parents).includes(to) ? to : undefined
}

function edgeLine({ from, to, label, kind }: PictureEdge, dot: string | undefined): string {
  const end = (id: string): string => (id === dot ? `in_${id}` : `s_${id}`)
  // Mermaid takes no empty label.
  const text = label === undefined || label.trim() === '' ? '' : `|${quote(label)}|`
  return `  ${end(from)} ${arrows[kind]}${text} ${end(to)}`
}

/** The blocks around a step, innermost first. */
function ancestors(id: string, parents: Parents): string[] {
  const parent = parents.get(id)
  return parent === undefined ? [] : [parent, ...ancestors(parent, parents)]
}

function parentsOf(graph: Graph): Parents {
  return new Map(graph.nodes.map(({ id, parent }) => [id, parent]))
}

/** The top list only, every block one node that says how many steps it holds. */
function collapsed(graph: Graph): Graph {
  const parents = parentsOf(graph)
  const topOf = (id: string): string => ancestors(id, parents).at(-1) ?? id
  const members = Map.groupBy(graph.nodes, ({ id }) => topOf(id))
  const nodes = graph.nodes
    .filter(({ parent }) => parent === undefined)
    .map(node => {
      const inside = (members.get(node.id)?.length ?? 1) - 1
      return inside === 0 ? node : { ...node, label: `${node.label}, ${inside} steps` }
    })
  const edges = graph.edges.map(edge => ({ ...edge, from: topOf(edge.from), to: topOf(edge.to) }))
  const between = new Map(edges.filter(({ from, to }) => from !== to).map(edge => [`${edge.from} ${edge.to}`, edge]))
  return { nodes, edges: [...between.values()] }
}

/** A label as Mermaid takes it: in quotes, its own marks as entities, on one line, nothing hidden. */
function quote(text: string): string {
  // Two dollar signs would begin a formula.
  const entity = (character: string): string => `#${character.codePointAt(0)};`
  return `"${visibleText(text.replaceAll(/\s+/g, ' ')).replaceAll(/["#&<>`\\[\]{}|@]|\$(?=\$)/g, entity)}"`
}
