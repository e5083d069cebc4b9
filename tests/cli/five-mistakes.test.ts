import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { command } from '../daemon/daemon-process.ts'
import { scratchWorkspace } from '../daemon/scratch-workspace.ts'

const mistakes = `name: Five mistakes
steps:
  - id: audience
    promt: Describe the audience.
  - id: outline
    needs: [audiense]
    prompt: Outline a campaign.
    timeout: 5 minutes
  - id: slogan
    agent: nobody
    prompt: Write a slogan for \${steps.outlin.output}.
`

test('five different mistakes are five diagnostics with line, column and hint, and exit code 2', () => {
  using workspace = scratchWorkspace([])
  workspace.write('workflows/five.yaml', mistakes)
  const [file, args] = command('check', 'workflows/five.yaml', '--json')
  const { status, stdout } = spawnSync(file, args, { cwd: workspace.root, encoding: 'utf8' })
  expect(status).toBe(2)
  const [checked] = (JSON.parse(stdout) as { files: { diagnostics: Record<string, unknown>[] }[] }).files
  const found = checked?.diagnostics.map(({ code, line, column }) => [code, line, column])
  expect(found).toEqual([
    ['UNKNOWN_FIELD', 4, 5],
    ['UNKNOWN_STEP', 6, 13],
    ['BAD_VALUE', 8, 14],
    ['UNKNOWN_AGENT', 10, 12],
    ['UNKNOWN_STEP', 11, 34],
  ])
  for (const { hint } of checked?.diagnostics ?? []) expect(hint).toEqual(expect.stringMatching(/\S/))
})
