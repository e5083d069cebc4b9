import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import { openStore } from '../../src/store/store.ts'
import { scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate } from './command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const noNetwork = { NODE_OPTIONS: `--import=${new URL('no-network.ts', import.meta.url).href}` }

/** The folders of all traces that the repository holds, from its root. */
const traces = globSync('runs/*/*/journal.jsonl', { cwd: root }).map(dirname).sort()

test('the repository has a trace of each workflow of the gallery', () => {
  expect(traces.length).toBeGreaterThanOrEqual(4)
})

test.each(traces)('%s gives the same outputs again, byte for byte, with the network off', async folder => {
  const events = journalOf(folder)
  const { code, stdout, stderr } = await orchestrate(root, ['replay', folder, '--json'], noNetwork)
  expect(stderr).toBe('')
  const outputs = JSON.stringify(outputsOf(events))
  expect(outputs.length).toBeGreaterThan(100)
  expect(stdout).toBe(`{"run":"${events[0]?.runId}","outputs":${outputs},"difference":null}\n`)
  expect(code).toBe(0)
})

test('a trace in which an answer was altered is told from the run by the first step that differs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-trace-'))
  try {
    const events = journalOf('runs/debate/default')
    const answer = events.find(({ body }) => body.type === 'attempt-succeeded')
    if (answer?.body.type !== 'attempt-succeeded') throw new Error('the debate has no answer')
    const altered = events.map(event =>
      event === answer ? { ...event, body: { ...answer.body, output: '!' } } : event,
    )
    writeFileSync(join(folder, 'journal.jsonl'), altered.map(event => JSON.stringify(event)).join('\n'))
    const { code, stdout } = await orchestrate(root, ['replay', folder, '--json'], noNetwork)
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as { difference: string }).difference).toContain(`\`${answer.body.path}\``)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a finished run of a workspace is replayed from its journal alone, with the network off', async () => {
  await using host = await startMockHost({ seed: 4 })
  using workspace = scratchWorkspace([host])
  workspace.commit('two', {
    'workflows/two.yaml':
      'steps:\n  - { id: one, prompt: Name a river }\n  - { id: two, prompt: "Why ${steps.one.output}?" }\noutputs: { why: "${steps.two.output}", river: "${steps.one.output}" }\n',
  })
  expect((await orchestrate(workspace.root, ['run', 'two'])).code).toBe(0)
  const asked = host.requests.length
  expect(asked).toBe(2)
  const { code, stdout } = await orchestrate(workspace.root, ['replay', 'latest', '--json'], noNetwork)
  using store = openStore(join(workspace.root, '.orchestrate'))
  const outputs = JSON.stringify(outputsOf(store.eventsFrom(0, 1000)))
  expect(stdout).toContain(`"outputs":${outputs},"difference":null`)
  expect([code, host.requests.length]).toEqual([0, asked])
})

test('the network is off where a test says so', async () => {
  await using host = await startMockHost()
  using workspace = scratchWorkspace([host])
  workspace.commit('one', { 'workflows/one.yaml': 'steps:\n  - prompt: Name a river\n' })
  const { code } = await orchestrate(workspace.root, ['run', 'one'], noNetwork)
  expect([code, host.requests]).toEqual([1, []])
})

function journalOf(folder: string): JournalEvent[] {
  const lines = readFileSync(join(root, folder, 'journal.jsonl'), 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as JournalEvent)
}

function outputsOf(events: readonly JournalEvent[]): Json | undefined {
  return events.map(({ body }) => body).find(body => body.type === 'run-settled')?.outputs
}
