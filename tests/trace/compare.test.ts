import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/runtime/fold.ts'
import type { RunStatus, StepStatus } from '../../src/runtime/status.ts'
import { readTraceJournal } from '../../src/store/trace-journal.ts'
import { compareRuns, isSameStep } from '../../src/trace/compare.ts'
import { compareMarkdown } from '../../src/trace/compare-markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const journals = globSync('runs/*/*/journal.jsonl', { cwd: root }).sort()

function runAt(path: string): RunStatus {
  return foldRun(readTraceJournal(readFileSync(`${root}/${path}`, 'utf8')))
}

const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.002 }

function step(path: string, over: Partial<StepStatus> = {}, output = 'one\ntwo\n'): StepStatus {
  const messages = [{ role: 'user' as const, content: `Say ${path}.` }]
  const attempt = { attempt: 1, startedMs: 0, endedMs: 1, messages, output, host: 'rack', model: 'm', usage, tries: [] }
  return { path, phase: 'succeeded', output, startedMs: 0, attempts: [attempt], ...over }
}

function run(id: string, ...steps: StepStatus[]): RunStatus {
  const base = {
    workflow: 'w',
    case: 'default',
    phase: 'succeeded' as const,
    trigger: 'manual' as const,
    isDirty: false,
  }
  const hashes = { programHash: 'p', sourceHash: 's', sourcePath: 'workflows/w.yaml', inputs: {}, outputs: 'x' }
  return {
    id,
    ...base,
    ...hashes,
    startedMs: 0,
    endedMs: 9,
    usage,
    steps: new Map(steps.map(each => [each.path, each])),
  }
}

test.each(journals)('%s does not differ from itself', path => {
  const { changes, steps } = compareRuns(runAt(path), runAt(path))
  expect(steps.length).toBeGreaterThan(2)
  expect(changes).toEqual([])
  expect(steps.flatMap(each => each.changes)).toEqual([])
  expect(steps.every(isSameStep)).toBe(true)
})

test('every difference of a step is named: status, attempts, output, host, usage and cost', () => {
  const [attempt] = step('a').attempts
  const first = {
    ...attempt,
    attempt: 1,
    startedMs: 0,
    tries: [],
    failure: { reason: 'Timeout' as const, message: 'late' },
  }
  const second = { ...attempt, attempt: 2, startedMs: 0, tries: [], host: 'tower', usage: { ...usage, costUsd: 0.003 } }
  const before = run('1', step('a'), step('gone'))
  const after = run('2', step('a', { phase: 'failed', attempts: [first, second], output: 'one\n' }), step('new'))
  const { steps } = compareRuns(before, after)
  expect(steps.map(({ path, before: one, after: other }) => [path, one?.status, other?.status])).toEqual([
    ['a', 'succeeded', 'failed'],
    ['new', undefined, 'succeeded'],
    ['gone', 'succeeded', undefined],
  ])
  expect(steps[0]?.changes.map(({ field }) => field)).toEqual([
    ...['status', 'attempts', 'output', 'host'],
    ...['usage.inputTokens', 'usage.outputTokens', 'usage.costUsd'],
  ])
})

test('a step that came to the same at another host and cost is the same step', () => {
  const [attempt] = step('a').attempts
  const elsewhere = { ...attempt, attempt: 1, startedMs: 0, tries: [], host: 'tower', usage: { ...usage, costUsd: 1 } }
  const comparison = compareRuns(run('1', step('a')), run('2', step('a', { attempts: [elsewhere] })))
  expect(comparison.steps.map(isSameStep)).toEqual([true])
  expect(comparison.steps[0]?.changes.map(({ field }) => field)).toEqual(['host', 'usage.costUsd'])
})

test('a comparison as Markdown names what differs, line by line', () => {
  const after = run('2', step('a', { output: 'one\nthree\n' }), step('same'))
  expect(compareMarkdown(compareRuns(run('1', step('a'), step('same')), after))).toMatchInlineSnapshot(`
    "### 2 steps, 1 of them differs; the same outcome

    |  | Run | Status | Tokens | Cost |
    | --- | --- | --- | --- | --- |
    | before | \`1\` w | succeeded | 15 | $0.002 |
    | after | \`2\` w | succeeded | 15 | $0.002 |

    - step a: output changed

      \`\`\`diff
       one
      -two
      +three
      \`\`\`
    "
  `)
})
