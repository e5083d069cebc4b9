import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scratchWorkspace, type ScratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate, type Told } from './command.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const noNetwork = { NODE_OPTIONS: `--import=${new URL('no-network.ts', import.meta.url).href}` }

/** A workspace in which the debate has run, with its trace on the branch. */
async function debated(): Promise<ScratchWorkspace> {
  const workspace = scratchWorkspace([])
  for (const path of ['workflows/debate.yaml', 'agents', 'schemas'])
    cpSync(join(checkout, path), join(workspace.root, path), { recursive: true })
  workspace.commit('debate')
  expect((await orchestrate(workspace.root, ['run', 'debate', '--mock'])).code).toBe(0)
  workspace.git('merge', '--quiet', '--ff-only', 'orchestrate/main')
  return workspace
}

const trace = 'runs/debate/manual'

function replay({ root }: ScratchWorkspace, ...words: string[]): Promise<Told> {
  return orchestrate(root, ['replay', ...words], noNetwork)
}

function edit({ root, write }: ScratchWorkspace, before: string, after: string): void {
  const source = readFileSync(join(root, 'workflows/debate.yaml'), 'utf8')
  expect(source).toContain(before)
  write('workflows/debate.yaml', source.replace(before, after))
}

test('replayed against an edited prompt, a run names the first step that asks something new', async () => {
  using workspace = await debated()
  for (const wanted of ['latest', trace]) {
    const same = await replay(workspace, wanted, '--against', '.')
    expect([same.code, same.stderr]).toEqual([0, expect.stringMatching(/^the same outputs as run \w+; nothing was/)])
  }
  edit(workspace, 'Speak against the motion.', 'Speak against it.')
  for (const wanted of ['latest', trace]) {
    expect(await replay(workspace, wanted, '--against', '.')).toEqual({
      code: 1,
      stdout: '',
      stderr: '`exchange/0/con` asks something new: what it asks has changed.\n',
    })
    expect((await replay(workspace, wanted, '--against', 'HEAD')).code).toBe(0)
  }
  // What ran is pinned: an edited file changes nothing of it.
  expect((await replay(workspace, 'latest')).code).toBe(0)
  const json = await replay(workspace, trace, '--against', '.', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ difference: expect.stringContaining('`exchange/0/con`') })
}, 120_000)

test('a trace whose revision is not here is replayed from what is saved, if that is the same', async () => {
  using workspace = await debated()
  // Somebody has been sent the files without their history.
  for (const path of ['.git', '.orchestrate']) rmSync(join(workspace.root, path), { recursive: true, force: true })
  expect((await replay(workspace, trace)).code).toBe(0)
  edit(workspace, 'Speak against the motion.', 'Speak against it.')
  const told = await replay(workspace, trace)
  expect([told.code, told.stdout]).toEqual([2, ''])
  expect(told.stderr).toMatch(
    /^error: What the run was started from, [0-9a-f]{40}, is not here\.\nhint: `git fetch` it, or name another revision/,
  )
}, 120_000)
