import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { excerpt, fence } from '../../src/model/markdown.ts'
import { renderTrace } from '../../src/trace/render.ts'
import type { TraceInput } from '../../src/trace/trace-input.ts'
import { articleRun, usual } from './fixture.ts'

const golden = join(import.meta.dirname, '../cases/trace/article')

function stable(input: TraceInput): [string, string][] {
  return [...renderTrace(input)].filter(([path]) => path === 'README.md' || path.startsWith('steps/'))
}

/** The run with every text of its events replaced. */
function rewritten(replace: (text: string) => string): TraceInput {
  const input = articleRun()
  const events = JSON.parse(JSON.stringify(input.events), (key, value: unknown) =>
    typeof value === 'string' && ['output', 'content', 'message'].includes(key) ? replace(value) : value,
  ) as JournalEvent[]
  return { ...input, events, status: foldRun(events) }
}

test('a trace is made of exactly the files that are kept for comparison', () => {
  const files = renderTrace(articleRun())
  if (process.env['UPDATE_CASES'] === '1') {
    rmSync(golden, { recursive: true, force: true })
    for (const [path, text] of files) {
      mkdirSync(dirname(join(golden, path)), { recursive: true })
      writeFileSync(join(golden, path), text)
    }
  }
  const kept = readdirSync(golden, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(golden.length + 1))
  expect([...files.keys()].sort()).toEqual(kept.sort())
  for (const [path, text] of files) expect(text, path).toBe(readFileSync(join(golden, path), 'utf8'))
})

test('runs with the same answers have the same page and steps, whatever their ids, times, hosts and order', () => {
  const other = { runId: 'r-2', firstSeq: 4000, startedMs: 1_800_000_123_456, host: 'gpu-z', isReversed: true }
  expect(stable(articleRun(other))).toEqual(stable(articleRun()))
  expect(renderTrace(articleRun(other)).get('run.json')).not.toBe(renderTrace(articleRun()).get('run.json'))
})

test('the page tells nothing of the run that is volatile', () => {
  const page = renderTrace(articleRun()).get('README.md') ?? ''
  for (const fact of [usual.runId, usual.host, '4f1c9ab', 'qwen3', '1700000', '0.01', 'closure']) {
    expect(page).not.toContain(fact)
  }
})

test('a step file holds exactly what came back, byte for byte', () => {
  const awkward = 'a\r\n\u202e\u0000`````\n\n<script>@all'
  const files = renderTrace(rewritten(text => (text.startsWith('1. Tea') ? awkward : text)))
  expect(files.get('steps/outline/output.md')).toBe(awkward)
})

test('the journal is one event a line, with its position', () => {
  const input = articleRun()
  const lines = (renderTrace(input).get('journal.jsonl') ?? '').trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(input.events)))
})

test('no text can hide characters in the page or break out of its fence', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('`', '`', '\n', '<', '/details>', '\u202e', '\u200b', '\u001b', '|', 'a'),
  })
  fc.assert(
    fc.property(hostile, text => {
      const page = renderTrace(rewritten(() => text)).get('README.md') ?? ''
      expect(page).not.toMatch(/[\u202e\u200b\u001b]/)
      expect(outsideFences(page)).not.toContain('/details>/details>')
      expect(outsideFences(page).match(/<\/details>/g)).toHaveLength(
        outsideFences(page).match(/<details>/g)?.length ?? 0,
      )
    }),
    { numRuns: 50 },
  )
})

/** The page without its fenced blocks, read as CommonMark reads them. */
function outsideFences(page: string): string {
  let open: string | undefined
  const outside: string[] = []
  for (const line of page.split('\n')) {
    const marks = /^(`{3,})/.exec(line)?.[1]
    if (open === undefined && marks) open = marks
    else if (open !== undefined && marks && marks.length >= open.length && line === marks) open = undefined
    else if (open === undefined) outside.push(line)
  }
  return outside.join('\n')
}

test('a fence is longer than the longest inside', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'x') }), text => {
      expect(outsideFences(`${fence(text)}\nafter`)).toBe('after')
    }),
  )
})

test('of a long text the first and last forty lines are shown, with a link between them', () => {
  const lines = Array.from({ length: 200 }, (_, index) => `line ${index + 1}`)
  const shown = excerpt(lines.join('\n'), 'steps/a/output.md')
  expect(shown).toContain('line 40\n```\n\n[120 more lines](steps/a/output.md)\n\n```text\nline 161\n')
  expect(shown).not.toContain('line 41\n')
  expect(excerpt(lines.slice(0, 80).join('\n'), 'x')).toBe(fence(lines.slice(0, 80).join('\n')))
  expect(excerpt('y'.repeat(5000), 'steps/a/output.md').length).toBeLessThan(2100)
})

test('a step whose id is no file name gets a folder that is one', () => {
  const events = JSON.parse(
    JSON.stringify(articleRun().events).replaceAll('"outline"', '"../../Out line"'),
  ) as JournalEvent[]
  const paths = [...renderTrace({ ...articleRun(), events, status: foldRun(events) }).keys()]
  for (const path of paths.filter(item => item.startsWith('steps/'))) {
    for (const segment of path.split('/').slice(1, -1)) expect(segment).toMatch(/^[a-z0-9][a-z0-9_-]{0,63}$/)
  }
  expect(paths.filter(path => path.includes('steps/x-'))).toHaveLength(2)
})

test('simulated answers are called simulated, real ones are not', () => {
  const real = (events: readonly JournalEvent[]): JournalEvent[] =>
    JSON.parse(JSON.stringify(events).replaceAll('"simulated":true', '"simulated":false')) as JournalEvent[]
  const input = articleRun()
  const events = real(input.events)
  expect(renderTrace(input).get('README.md')).toContain('Every answer came from a simulated host')
  expect(renderTrace({ ...input, events, status: foldRun(events) }).get('README.md')).not.toContain('imulated')
})

test('the page of a run with very many steps stays readable: no picture, and only failures in full', () => {
  const input = articleRun()
  const [created, started, succeeded, settled] = input.events
  const node = input.program.graph.nodes[0]
  if (!created || !started || !succeeded || !settled || !node) throw new Error('the fixture has changed')
  const ids = Array.from({ length: 400 }, (_, index) => `step_${index}`)
  const at = (event: JournalEvent, path: string): JournalEvent => ({
    ...event,
    body: { ...event.body, path } as JournalEvent['body'],
  })
  const events = [created, ...ids.flatMap(id => [at(started, id), at(succeeded, id), at(settled, id)])]
  const program = { ...input.program, graph: { nodes: ids.map(id => ({ ...node, id })), edges: [] } }
  const files = renderTrace({ ...input, program, events, status: foldRun(events) })
  const page = files.get('README.md') ?? ''
  expect(page).toContain('400 steps are too many for a picture.')
  expect(page).toContain('What 400 more steps sent and received is in [steps/](steps/).')
  expect(page.length).toBeLessThan(50_000)
  expect(files.get('steps/step_399/output.md')).toBe('1. Tea\n2. @someone <b>&\n')
})
