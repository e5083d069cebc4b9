import fc from 'fast-check'
import type { Box, Layout, Rectangle } from '../../src/compiler/layout.ts'
import { layoutOf } from '../../src/compiler/layout.ts'
import type { GraphEdge, GraphNode, Program } from '../../src/compiler/program.ts'
import { toSvg } from '../../src/compiler/svg.ts'
import { kindLooks } from '../../src/compiler/svg-look.ts'
import { programOfSteps } from '../runtime/sound-program.ts'

type Graph = Program['graph']

/** Texts that mean something to XML, to Mermaid or to a terminal, or that cannot be seen. */
export const strangeText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '</text><script>alert(1)</script>',
    ']]></title><!-- -->',
    '"><g onload="x">',
    '&amp; &#0; &nope;',
    'end',
    '"]; click s_a "javascript:x"',
    '`**bold**` #35; %% {x}',
    '\u202eright to left\u2066',
    'zero\u200bwidth\u0000\u0007\u001b[31m',
    '\ud800 half \ufffe\uffff',
    'two\nlines\ttabbed\r\n',
    '東京 🙂 Straße',
    'long '.repeat(40),
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

const kinds = Object.keys(kindLooks) as GraphNode['kind'][]
const edgeKinds = ['order', 'branch', 'back', 'error', 'undo'] as const
const roles = ['top', 'body', 'handler', 'undo', 'finally'] as const

/** Any graph: nodes in any block above them, edges between any two, strange texts everywhere. */
export const anyGraph: fc.Arbitrary<Graph> = fc
  .array(
    fc.record({
      parent: fc.nat(20),
      label: strangeText,
      kind: fc.constantFrom(...kinds),
      role: fc.constantFrom(...roles),
      isTop: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .chain(rows => {
    const nodes = rows.map(({ parent, label, kind, role, isTop }, index): GraphNode => {
      const id = `s${index}`
      return { id, kind, label, role, ...(!isTop && index > 0 && { parent: `s${parent % index}` }) }
    })
    const id = fc.constantFrom(...nodes.map(node => node.id))
    const edge: fc.Arbitrary<GraphEdge> = fc.record(
      { from: id, to: id, label: strangeText, kind: fc.constantFrom(...edgeKinds) },
      { requiredKeys: ['from', 'to', 'kind'] },
    )
    return fc.array(edge, { maxLength: 12 }).map(edges => ({ nodes, edges }))
  })

/** A program that differs from a sound one in its picture alone. */
export function programWith(graph: Graph, title = 'A title', description?: string): Program {
  const { program } = programOfSteps({ id: 's0', prompt: 'Write.' })
  return { ...program, graph, title, ...(description !== undefined && { description }) }
}

/** The picture of a program. */
export async function drawn(program: Program): Promise<string> {
  return toSvg(await layoutOf(program.graph), program)
}

/** A row of steps in blocks of ten, as large as asked for. */
export function largeGraph(size: number): Graph {
  const nodes = Array.from({ length: size }, (_, index): GraphNode => {
    const block = index - (index % 10)
    const isBlock = index === block
    return {
      id: `s${index}`,
      kind: isBlock ? 'steps' : 'prompt',
      label: 'Ask writer',
      role: 'body',
      ...(!isBlock && { parent: `s${block}` }),
    }
  })
  const edges = nodes.slice(1).flatMap(({ id, parent }, index): GraphEdge[] => {
    if (parent === undefined) return [{ from: `s${index + 1 - 10}`, to: id, kind: 'order' }]
    return parent === nodes[index]?.id ? [] : [{ from: `s${index}`, to: id, kind: 'order' }]
  })
  return { nodes, edges }
}

/** Steps in one list, each of which waits for two that stand anywhere above it. */
export function tangledGraph(size: number): Graph {
  const nodes = Array.from({ length: size }, (_, index) => {
    return { id: `s${index}`, kind: 'prompt', label: 'Ask writer', role: 'top' } satisfies GraphNode
  })
  const edges = nodes.slice(1).flatMap(({ id: to }, index): GraphEdge[] => {
    const above = new Set([(index * 7919) % (index + 1), (index * 104_729 + 13) % (index + 1)])
    return [...above].map(found => ({ from: `s${found}`, to, kind: 'order' }))
  })
  return { nodes, edges }
}

export function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

export function holds(outer: Rectangle, inner: Rectangle): boolean {
  const [right, bottom] = [inner.x + inner.width, inner.y + inner.height]
  return outer.x <= inner.x && outer.y <= inner.y && right <= outer.x + outer.width && bottom <= outer.y + outer.height
}

/** Pairs of boxes of one list that share a point, and boxes that leave the block around them or the picture. */
export function misplaced({ width, height, boxes }: Layout): string[] {
  const page = { x: 0, y: 0, width, height }
  const frames = new Map(boxes.map(box => [box.id, box]))
  const outer = ({ parent }: Box): Rectangle => (parent === undefined ? page : (frames.get(parent) ?? page))
  const lists = [...Map.groupBy(boxes, ({ parent }) => parent).values()]
  return [
    ...boxes.filter(box => !holds(outer(box), box)).map(({ id }) => `${id} leaves its frame`),
    ...lists.flatMap(list =>
      list.flatMap((box, index) =>
        list.slice(index + 1).flatMap(other => (overlap(box, other) ? [`${box.id} overlaps ${other.id}`] : [])),
      ),
    ),
  ]
}
