import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutOf, type Point, type Rectangle } from '../../src/compiler/layout.ts'
import { fitText, textWidth } from '../../src/compiler/layout-text.ts'
import type { GraphEdge, GraphNode, Program } from '../../src/compiler/program.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { soundProgram } from '../runtime/sound-program.ts'
import { anyGraph, holds, largeGraph, misplaced, overlap, strangeText, tangledGraph } from './pictures.ts'

type Graph = Program['graph']

const step = (id: string, parent?: string, kind: GraphNode['kind'] = 'prompt'): GraphNode => ({
  id,
  kind,
  label: 'Ask writer',
  role: 'top',
  ...(parent !== undefined && { parent }),
})
const order = (from: string, to: string): GraphEdge => ({ from, to, kind: 'order' })

function isOnBorder({ x, y, width, height }: Rectangle, point: Point): boolean {
  const slack = 0.2
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= slack
  const isBeside = point.x >= x - slack && point.x <= x + width + slack
  const isLevel = point.y >= y - slack && point.y <= y + height + slack
  return (
    (isBeside && (isNear(point.y, y) || isNear(point.y, y + height))) ||
    (isLevel && (isNear(point.x, x) || isNear(point.x, x + width)))
  )
}

test('steps of a workflow do not overlap, and each stands inside its block', async () => {
  const law = fc.asyncProperty(workflowSource, async source => {
    expect(misplaced(await layoutOf(soundProgram(source).program.graph))).toEqual([])
  })
  await fc.assert(law, cases(60))
})

test('in any graph each step has one place, and each edge a line from border to border', async () => {
  const law = fc.asyncProperty(anyGraph, async graph => {
    const layout = await layoutOf(graph)
    expect(misplaced(layout)).toEqual([])
    expect(layout.boxes.map(({ id }) => id)).toEqual(graph.nodes.map(({ id }) => id))
    const drawn = layout.lines.filter(({ kind }) => kind !== 'start' && kind !== 'finally')
    expect(drawn.map(({ from, to, kind }) => ({ from, to, kind }))).toEqual(
      graph.edges.map(({ from, to, kind }) => ({ from, to, kind })),
    )
    const shapes = [...layout.boxes, ...layout.entries]
    for (const { points } of layout.lines) {
      expect(points.length).toBeGreaterThan(1)
      for (const end of [points[0], points.at(-1)])
        expect(shapes.some(shape => end !== undefined && isOnBorder(shape, end))).toBe(true)
    }
  })
  await fc.assert(law, cases(100))
})

test('the entry of a block stands inside it and hides none of its steps', async () => {
  const law = fc.asyncProperty(anyGraph, async graph => {
    const { boxes, entries } = await layoutOf(graph)
    for (const entry of entries) {
      const frame = boxes.find(({ id }) => id === entry.block)
      expect(frame && holds(frame, entry)).toBe(true)
      const steps = boxes.filter(({ parent }) => parent === entry.block)
      expect(steps.filter(box => overlap(box, entry))).toEqual([])
    }
  })
  await fc.assert(law, cases(60))
})

test('what comes later in a row stands lower', async () => {
  const graph: Graph = {
    nodes: [step('a'), step('b'), step('c')],
    edges: [order('a', 'b'), order('b', 'c')],
  }
  const tops = (await layoutOf(graph)).boxes.map(({ y }) => y)
  expect(tops).toEqual(tops.toSorted((a, b) => a - b))
  expect(new Set(tops).size).toBe(3)
})

test('a turn begins at the entry of its loop, and the way back leads there', async () => {
  const graph: Graph = {
    nodes: [step('again', undefined, 'loop'), step('a', 'again'), step('b', 'again')],
    edges: [order('a', 'b'), { from: 'b', to: 'again', kind: 'back', label: 'at most 3' }],
  }
  const { entries, lines, boxes } = await layoutOf(graph)
  const [entry] = entries
  expect(entry?.block).toBe('again')
  expect(lines.map(({ from, to, kind }) => `${kind} ${from} ${to}`)).toEqual([
    'order a b',
    'back b again',
    'start again a',
  ])
  const back = lines[1]
  const [end, label] = [back?.points.at(-1), back?.labelBox]
  expect(entry && end && isOnBorder(entry, end)).toBe(true)
  const frame = boxes[0]
  expect(frame && label && holds(frame, label)).toBe(true)
})

test('steps without an order stand side by side in the order they are written in', async () => {
  const graph: Graph = { nodes: ['a', 'b', 'c', 'd'].map(id => step(id)), edges: [] }
  const { boxes } = await layoutOf(graph)
  expect(new Set(boxes.map(({ y }) => y)).size).toBe(1)
  expect(boxes.map(({ x }) => x)).toEqual(boxes.map(({ x }) => x).toSorted((a, b) => a - b))
})

test('a hundred steps at once are packed into rows', async () => {
  const graph: Graph = {
    nodes: [step('all', undefined, 'parallel'), ...Array.from({ length: 100 }, (_, index) => step(`s${index}`, 'all'))],
    edges: [],
  }
  const layout = await layoutOf(graph)
  expect(misplaced(layout)).toEqual([])
  expect(layout.width).toBeLessThan(layout.height * 4)
  expect(layout.height).toBeLessThan(layout.width * 4)
})

test.each([
  ['in blocks', largeGraph(1000)],
  ['in one tangled list', tangledGraph(1000)],
])('a thousand steps %s have their places within ten seconds', async (_, graph) => {
  const startedMs = performance.now()
  const layout = await layoutOf(graph)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
  expect(layout.boxes).toHaveLength(1000)
  expect(layout.lines).toHaveLength(graph.edges.length)
  expect(misplaced(layout)).toEqual([])
})

test('the same graph is laid out the same way', async () => {
  const law = fc.asyncProperty(anyGraph, async graph => {
    expect(await layoutOf(structuredClone(graph))).toEqual(await layoutOf(graph))
  })
  await fc.assert(law, cases(30))
})

test('a text that is cut fits, and a text that fits is not cut', () => {
  fc.assert(
    fc.property(strangeText, fc.integer({ min: 20, max: 300 }), (text, width) => {
      const line = text.trim().replaceAll(/\s+/g, ' ')
      const fitted = fitText(text, 12, width)
      expect(textWidth(fitted, 12)).toBeLessThanOrEqual(width)
      if (textWidth(line, 12) <= width) expect(fitted).toBe(line)
      else expect(line.startsWith(fitted.slice(0, -1))).toBe(true)
    }),
    cases(300),
  )
})
