import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { type ScratchWorkspace, scratchWorkspace } from './scratch-workspace.ts'

interface Forge extends Disposable {
  readonly person: ScratchWorkspace
  /** The bare repository of the forge, or the daemon's bare clone of it. */
  readonly path: string
  git(...words: string[]): string
  /** What the merge button would do, which knows no merge driver: the files in conflict. */
  button(branch: string): string[]
}

/** A bare repository that a person pushes to. */
function forge(): Forge {
  const person = scratchWorkspace([])
  const path = mkdtempSync(join(tmpdir(), 'orchestrate-forge-'))
  const git = (...words: string[]): string => execFileSync('git', ['-C', path, ...words], { encoding: 'utf8' }).trim()
  git('init', '--quiet', '--bare', '--initial-branch', 'main')
  person.git('remote', 'add', 'origin', path)
  return {
    ...{ person, path, git },
    button: branch => {
      const merged = spawnSync('git', [
        '-C',
        path,
        'merge-tree',
        '--write-tree',
        '--name-only',
        '--no-messages',
        'main',
        branch,
      ])
      return merged.stdout.toString().trim().split('\n').slice(1)
    },
    [Symbol.dispose]: () => {
      person[Symbol.dispose]()
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Two questions with so much between them that edits of both merge. */
const workflow = (first: string, second: string) =>
  `steps:\n  - id: first\n    prompt: ${first}\n\n  # far\n  # apart\n\n  - id: second\n    needs: []\n    prompt: ${second}\n`

const branches = "triggers: { branches: [main, 'pr/*'], base: main }\n"

function openRequests({ person }: Forge, configuration: string): void {
  person.commit('start', { 'orchestrate.yaml': configuration, 'workflows/tale.yaml': workflow('One.', 'Two.') })
  person.git('push', '--quiet', 'origin', 'main')
}

function request({ person }: Forge, name: string, text: string): void {
  person.git('checkout', '--quiet', '-b', name, 'main')
  person.commit(name, { 'workflows/tale.yaml': text })
  person.git('push', '--quiet', 'origin', name)
}

test('a pull request that conflicts with its base in traces alone is merged with it and run again', async () => {
  using forged = forge()
  const { person, path, git, button } = forged
  const up = async () => expect(await orchestrate(path, ['up', '--once', '--mock'])).toMatchObject({ code: 0 })
  openRequests(forged, branches)
  await up()
  request(forged, 'pr/1', workflow('One, edited.', 'Two.'))
  request(forged, 'pr/2', workflow('One.', 'Two, edited.'))
  await up()
  // The first is merged, as a forge does it.
  person.git('fetch', '--quiet', 'origin')
  person.git('checkout', '--quiet', 'main')
  person.git('merge', '--quiet', '--no-ff', '-m', 'merge pr/1', 'origin/pr/1')
  person.git('push', '--quiet', 'origin', 'main')
  const conflicts = button('pr/2')
  expect(conflicts.length).toBeGreaterThan(3)
  expect(conflicts.filter(file => !file.startsWith('runs/'))).toEqual([])

  const before = git('rev-parse', 'pr/2')
  await up()
  expect(button('pr/2')).toEqual([])
  expect(git('log', '--first-parent', '--format=%s', `${before}..pr/2`)).toBe(
    'run(tale): succeeded\nMerge main into pr/2',
  )
  expect(git('show', 'pr/2:workflows/tale.yaml')).toBe(workflow('One, edited.', 'Two, edited.').trim())
  const prompts = ['first', 'second'].map(id => git('show', `pr/2:runs/tale/default/steps/${id}/prompt.md`))
  expect(prompts).toEqual(['## user\n\nOne, edited.', '## user\n\nTwo, edited.'])
  expect(git('fsck', '--strict', '--no-dangling')).not.toMatch(/error|missing/)
  // Nothing is left to do.
  const resolved = git('rev-parse', 'pr/2', 'main')
  await up()
  expect(git('rev-parse', 'pr/2', 'main')).toBe(resolved)
}, 120_000)

test('a pull request that conflicts in what people wrote is left to people', async () => {
  using forged = forge()
  const { person, path, git, button } = forged
  openRequests(forged, branches)
  expect(await orchestrate(path, ['up', '--once', '--mock'])).toMatchObject({ code: 0 })
  request(forged, 'pr/1', workflow('One, edited.', 'Two.'))
  person.git('checkout', '--quiet', 'main')
  person.commit('other', { 'workflows/tale.yaml': workflow('One, otherwise.', 'Two.') })
  person.git('push', '--quiet', 'origin', 'main')
  const up = async () => expect(await orchestrate(path, ['up', '--once', '--mock'])).toMatchObject({ code: 0 })
  await up()
  const ran = git('rev-parse', 'pr/1')
  await up()
  expect(git('rev-parse', 'pr/1')).toBe(ran)
  expect(button('pr/1')).toContain('workflows/tale.yaml')
}, 60_000)

test('a daemon with a clone of the forge resolves there, by a push', async () => {
  using forged = forge()
  const { person, path, git, button } = forged
  const clone = join(path, 'clone-of-daemon')
  openRequests(forged, branches.replace('triggers: {', 'triggers: { remote: origin,') + 'traces: { push: true }\n')
  git('clone', '--quiet', '--bare', path, clone)
  const up = async () => expect(await orchestrate(clone, ['up', '--once', '--mock'])).toMatchObject({ code: 0 })
  await up()
  request(forged, 'pr/1', workflow('One, edited.', 'Two.'))
  request(forged, 'pr/2', workflow('One.', 'Two, edited.'))
  await up()
  expect(git('log', '-1', '--format=%s', 'pr/2')).toBe('run(tale): succeeded')
  person.git('fetch', '--quiet', 'origin')
  person.git('checkout', '--quiet', 'main')
  person.git('merge', '--quiet', '--no-ff', '-m', 'merge pr/1', 'origin/pr/1')
  person.git('push', '--quiet', 'origin', 'main')
  expect(button('pr/2').length).toBeGreaterThan(3)
  await up()
  expect(button('pr/2')).toEqual([])
  expect(git('log', '-2', '--first-parent', '--format=%s', 'pr/2')).toBe('run(tale): succeeded\nMerge main into pr/2')
  expect(git('show', 'pr/2:runs/tale/default/steps/first/prompt.md')).toBe('## user\n\nOne, edited.')
}, 120_000)
