import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { startDaemon } from './daemon-process.ts'
import { type ScratchWorkspace, scratchWorkspace } from './scratch-workspace.ts'

const remoteGit = (workspace: ScratchWorkspace, ...words: string[]): string =>
  execFileSync('git', ['-C', `${workspace.root}/.remote`, ...words], { encoding: 'utf8' }).trim()

/** A workspace whose `main` is on a bare remote; the remote lies in a folder that is not committed. */
function sharedWorkspace(more: string): ScratchWorkspace {
  const workspace = scratchWorkspace([])
  workspace.commit('start', { 'orchestrate.yaml': more, '.gitignore': '.remote\n.orchestrate\nkeys\n' })
  workspace.git('clone', '--quiet', '--bare', workspace.root, `${workspace.root}/.remote`)
  workspace.git('remote', 'add', 'origin', `${workspace.root}/.remote`)
  return workspace
}

const hello = (text: string) => `steps:\n  - { id: hello, prompt: ${text} }\n`

test('with traces.push the daemon pushes each trace onto the branch that ran, as soon as the remote has the revision', async () => {
  using workspace = sharedWorkspace('traces: { push: true }\n')
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const revision = workspace.commit('hello', { 'workflows/hello.yaml': hello('Say hello.') })
  workspace.git('push', '--quiet', 'origin', 'main')
  await daemon.line('traces pushed')
  expect(remoteGit(workspace, 'rev-parse', 'main^')).toBe(revision)
  expect(remoteGit(workspace, 'log', '-1', '--format=%an|%s', 'main')).toBe('Orchestrate|run(hello): succeeded')
  expect(workspace.git('status', '--porcelain').trim()).toBe('')
}, 60_000)

test('with traces.sign the commits of traces carry a signature that git accepts', async () => {
  using workspace = sharedWorkspace('traces: { sign: true, push: true }\n')
  const keys = join(workspace.root, 'keys')
  mkdirSync(keys)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'key')])
  workspace.write('keys/allowed', `orchestrate@localhost ${readFileSync(join(keys, 'key.pub'), 'utf8')}`)
  workspace.git('config', 'gpg.format', 'ssh')
  workspace.git('config', 'user.signingKey', join(keys, 'key'))
  workspace.git('config', 'gpg.ssh.allowedSignersFile', join(keys, 'allowed'))
  workspace.commit('hello', { 'workflows/hello.yaml': hello('Say hello.') })
  workspace.git('push', '--quiet', 'origin', 'main')
  expect(await orchestrate(workspace.root, ['run', 'hello', '--mock'])).toMatchObject({ code: 0 })
  const told = workspace.git('log', '-1', '--format=%G? %an <%ae> %s', 'orchestrate/main').trim()
  expect(told).toBe('G Orchestrate <orchestrate@localhost> run(hello): succeeded')
  expect(remoteGit(workspace, 'rev-parse', 'main')).toBe(workspace.git('rev-parse', 'orchestrate/main').trim())

  // A trace that is brought onto a branch that has moved on is signed as well, and says that it is out of date.
  workspace.git('update-ref', '-d', 'refs/orchestrate/pushed/origin/main')
  remoteGit(workspace, 'update-ref', 'refs/heads/main', workspace.git('rev-parse', 'main').trim())
  expect(await orchestrate(workspace.root, ['run', 'hello', '--mock'])).toMatchObject({ code: 0 })
  const edited = workspace.commit('edited', { 'workflows/hello.yaml': hello('Say goodbye.') })
  workspace.git('push', '--quiet', '--force', 'origin', 'main')
  workspace.git('checkout', '--quiet', '-B', 'main', `${edited}^`)
  expect(await orchestrate(workspace.root, ['run', 'hello', '--mock'])).toMatchObject({ code: 0 })
  expect(remoteGit(workspace, 'rev-parse', 'main^')).toBe(edited)
  workspace.git('fetch', '--quiet', 'origin')
  expect(
    workspace.git('log', '-1', '--format=%G? %(trailers:key=Orchestrate-Stale,valueonly)', 'origin/main').trim(),
  ).toBe('G true')
}, 60_000)
