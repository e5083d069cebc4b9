import { expect, test } from 'vitest'
import { scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate } from './command.ts'

test('orchestrate trace export prints a run for a collector, and asks for a format', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('hello', { 'workflows/hello.yaml': 'steps:\n  - { id: hello, prompt: Say hello. }\n' })
  expect(await orchestrate(workspace.root, ['run', 'hello', '--mock'])).toMatchObject({ code: 0 })
  const exported = await orchestrate(workspace.root, ['trace', 'export', 'latest', '--otlp'])
  expect(exported.code).toBe(0)
  const { resourceSpans } = JSON.parse(exported.stdout) as {
    resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[]
  }
  const names = resourceSpans[0]?.scopeSpans[0]?.spans.map(({ name }) => name) ?? []
  expect(names.slice(0, 2)).toEqual(['run hello', 'step hello'])
  expect(names[2]).toMatch(/^chat /)
  expect(exported.stdout).not.toContain('Say hello.')
  const withContent = await orchestrate(workspace.root, ['trace', 'export', 'latest', '--otlp', '--content'])
  expect(withContent.stdout).toContain('Say hello.')
  expect(await orchestrate(workspace.root, ['trace', 'export', 'latest'])).toMatchObject({ code: 2 })
}, 60_000)
