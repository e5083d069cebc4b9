import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const topics = ['tea', 'boats', 'maps', 'bees', 'glass', 'salt', 'clocks', 'rivers', 'wool', 'bread', 'stars', 'ink']

/** Twelve questions that do not depend on each other; of some a word is changed. */
function twelve(changed: readonly string[] = []): string {
  const steps = topics.map(topic => {
    const adjective = changed.includes(topic) ? 'short' : 'long'
    return `  - { id: ${topic}, needs: [], prompt: "Tell a ${adjective} tale of ${topic}, with a table | and \`code\`." }`
  })
  return `name: Twelve tales\nsteps:\n${steps.join('\n')}\n`
}

const readme = 'runs/tales/manual/README.md'

test('a second run with the same answers changes no line of the page and the steps, only the facts of the run', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('tales', { 'workflows/tales.yaml': twelve() })
  for (let run = 0; run < 2; run += 1) {
    expect(await orchestrate(workspace.root, ['run', 'tales', '--mock'])).toMatchObject({ code: 0 })
  }
  expect(workspace.git('rev-list', '--count', 'main..orchestrate/main').trim()).toBe('2')
  const changed = workspace.git('diff', '--name-only', 'orchestrate/main~1', 'orchestrate/main').trim().split('\n')
  expect(changed).toEqual(['runs/tales/manual/journal.jsonl', 'runs/tales/manual/run.json'])
}, 60_000)

test('when two of twelve answers change, less than a tenth of the page does', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('tales', { 'workflows/tales.yaml': twelve() })
  expect(await orchestrate(workspace.root, ['run', 'tales', '--mock'])).toMatchObject({ code: 0 })
  const before = workspace.git('rev-parse', 'orchestrate/main').trim()
  workspace.commit('shorter', { 'workflows/tales.yaml': twelve(['bees', 'ink']) })
  expect(await orchestrate(workspace.root, ['run', 'tales', '--mock'])).toMatchObject({ code: 0 })
  const numbers = workspace.git('diff', '--numstat', before, 'orchestrate/main', '--', readme).split('\t')
  const [added = Number.NaN, removed = Number.NaN] = numbers.map(Number)
  const lines = workspace.git('show', `orchestrate/main:${readme}`).split('\n').length
  expect(added).toBeGreaterThanOrEqual(4)
  expect(Math.max(added, removed)).toBeLessThan(lines / 10)
  const steps = workspace.git('diff', '--name-only', before, 'orchestrate/main', '--', 'runs/tales/manual/steps')
  expect(steps.trim().split('\n')).toEqual(
    ['bees', 'ink'].flatMap(id => ['output.md', 'prompt.md'].map(file => `runs/tales/manual/steps/${id}/${file}`)),
  )
}, 60_000)
