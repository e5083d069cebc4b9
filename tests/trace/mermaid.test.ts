import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GraphNode } from '../../src/compiler/program.ts'
import { toMermaid } from '../../src/trace/mermaid.ts'
import { visibleText } from '../../src/model/visible-text.ts'
import { anyGraph } from '../compiler/pictures.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { soundProgram } from '../runtime/sound-program.ts'
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

/** The lines that Mermaid’s own grammar takes: node, block, end of block, edge, colours. */
const label = String.raw`"[^"[\]{}<>\`\n|@&\\]+"`
const grammar = [
  String.raw`^ +(?:s|in)_[\w-]+(?:\[${label}\]|\(\[${label}\]\)|\[\[${label}\]\]|\(\(" "\)\))(?::::\w+)?$`,
  String.raw`^ +subgraph s_[\w-]+ \[${label}\]$`,
  '^ +end$',
  String.raw`^ {2}(?:s|in)_[\w-]+ -\.?->?(?:\|${label}\|)? (?:s|in)_[\w-]+$`,
  String.raw`^ {2}classDef \w+ [\w:#,]+$`,
].map(source => new RegExp(source))

test('whatever is written in a workflow, its diagram holds to the grammar, and nothing in it is hidden', () => {
  fc.assert(
    fc.property(anyGraph, graph => {
      const text = toMermaid(graph)
      const [head, ...lines] = text.trimEnd().split('\n')
      expect(head).toBe('flowchart TD')
      for (const line of lines)
        expect(
          grammar.some(form => form.test(line)),
          line,
        ).toBe(true)
      for (const line of lines) expect(line).not.toMatch(/\$\$|%%\{|\|"\s*"\|/)
      const depths = lines.map(line => (/^ +subgraph /.test(line) ? 1 : /^ +end$/.test(line) ? -1 : 0))
      expect(depths.reduce<number>((sum, depth) => sum + depth, 0)).toBe(0)
      expect(visibleText(text)).toBe(text)
    }),
    cases(200),
  )
})

test('in the diagram of a workflow each step is declared once, and each edge is drawn', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const { graph } = soundProgram(source).program
      const lines = toMermaid(graph, { collapseAbove: Number.POSITIVE_INFINITY }).split('\n')
      const declared = lines.flatMap(line => /^ +(?:subgraph )?s_([\w-]+) ?[[(]/.exec(line)?.[1] ?? [])
      expect(declared.toSorted()).toEqual(graph.nodes.map(({ id }) => id).toSorted())
      for (const { from, to } of graph.edges) {
        const form = new RegExp(`^ {2}(?:s|in)_${from} -[-.>]+(?:\\|"[^"]*"\\|)? (?:s|in)_${to}$`)
        expect(
          lines.some(line => form.test(line)),
          `${from} ${to}`,
        ).toBe(true)
      }
    }),
    cases(100),
  )
})

test('each kind of edge says what it is', () => {
  const kinds = ['order', 'branch', 'back', 'error', 'undo'] as const
  const graph = {
    nodes: [node('a'), node('b'), { ...node('c'), role: 'finally' as const }],
    edges: kinds.map(kind => ({ from: 'a', to: 'b', kind, label: kind })),
  }
  expect(toMermaid(graph).split('\n').slice(4, -1)).toEqual([
    '  s_a -->|"order"| s_b',
    '  s_a -->|"branch"| s_b',
    '  s_a -.->|"back"| s_b',
    '  s_a -.->|"error"| s_b',
    '  s_a -.->|"undo"| s_b',
    '  s_b -.->|"finally"| s_c',
  ])
})

test('an empty label is none, since Mermaid takes none, and two dollar signs begin no formula', () => {
  const edges = ['', ' ', '$$x$$'].map(label => ({ from: 'a', to: 'b', kind: 'branch' as const, label }))
  expect(
    toMermaid({ nodes: [node('a'), node('b')], edges })
      .split('\n')
      .slice(3, -1),
  ).toEqual(['  s_a --> s_b', '  s_a --> s_b', '  s_a -->|"#36;$x#36;$"| s_b'])
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
