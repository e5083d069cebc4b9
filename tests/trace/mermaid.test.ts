import { expect, test } from 'vitest'
import type { GraphNode } from '../../src/compiler/program.ts'
import { toMermaid } from '../../src/trace/mermaid.ts'
import { program } from './fixture.ts'

const node = (id: string, label = 'Ask', parent?: string): GraphNode => ({
  id,
  kind: 'prompt',
  label,
  role: 'top',
  ...(parent !== undefined && { parent }),
})

test('a step is one line, and its status changes that line alone', () => {
  const before = toMermaid(program.graph, {
    phases: new Map([
      ['end', 'succeeded'],
      ['outline', 'failed'],
    ]),
  }).split('\n')
  const after = toMermaid(program.graph, {
    phases: new Map([
      ['end', 'failed'],
      ['outline', 'succeeded'],
    ]),
  }).split('\n')
  const changed = before.filter((line, index) => line !== after[index])
  expect(changed.map(line => line.trim().split(/[[ ]/)[0])).toEqual(['s_outline', 's_end'])
})

test('no edge joins a block with a step inside it, which Mermaid would refuse', () => {
  const parents = new Map(program.graph.nodes.map(({ id, parent }) => [`s_${id}`, `s_${parent}`]))
  const edges = [...toMermaid(program.graph).matchAll(/^ {2}(\w+) -.*?-?>(?:\|.*\|)? (\w+)$/gm)]
  expect(edges).toHaveLength(program.graph.edges.length + 1)
  for (const [, from = '', to = ''] of edges) {
    expect(parents.get(from)).not.toBe(to)
    expect(parents.get(to)).not.toBe(from)
  }
})

test('without statuses the graph is that of the workflow', () => {
  const lines = toMermaid(program.graph).split('\n')
  expect(lines).toContain('  s_outline["outline: Ask writer"]')
  expect(lines.join('\n')).not.toMatch(/classDef|:::|✓/)
})

test('a label cannot leave its quotes', () => {
  const label = 'say "hi"]; click s_a "javascript:x" <b> `md` #35; \n end'
  const text = toMermaid({ nodes: [node('a', label)], edges: [{ from: 'a', to: 'a', kind: 'order', label }] })
  const [, line = '', edge = ''] = text.split('\n')
  expect(line).toMatch(/^ {2}s_a\["[^"[\]<>`\n]*"\]$/)
  expect(edge).toMatch(/^ {2}s_a -->\|"[^"[\]<>`\n]*"\| s_a$/)
})

test('a graph of more than sixty steps shows its blocks as one node each', () => {
  const blocks = ['a', 'b'].map((id): GraphNode => ({ id, kind: 'parallel', label: 'many at once', role: 'top' }))
  const inside = blocks.flatMap(({ id }) => Array.from({ length: 40 }, (_, index) => node(`${id}_${index}`, 'Ask', id)))
  const graph = { nodes: [...blocks, ...inside], edges: [{ from: 'a', to: 'b', kind: 'order' as const }] }
  expect(toMermaid(graph)).toBe(
    'flowchart TD\n  s_a["a: many at once, 40 steps"]\n  s_b["b: many at once, 40 steps"]\n  s_a --> s_b\n',
  )
  expect(toMermaid(graph, { collapseAbove: 100 })).toContain('s_b_39')
})
