import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

/** Lets a workspace accept the signature of one key, and answers with what signs its next commit. */
function signing(workspace: ScratchWorkspace): (isSigned: boolean) => void {
  const key = join(workspace.root, '.git', 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  writeFileSync(`${key}-signers`, `person@example.org ${readFileSync(`${key}.pub`, 'utf8')}`)
  workspace.git('config', 'gpg.format', 'ssh')
  workspace.git('config', 'gpg.ssh.allowedSignersFile', `${key}-signers`)
  workspace.git('config', 'user.signingKey', key)
  return isSigned => void workspace.git('config', 'commit.gpgSign', `${isSigned}`)
}

const hello = (word: string): string => `steps:\n  - { id: say, prompt: Say ${word}. }\n`

test('a commit that nobody signed cannot do away with signatures, also when it is there before the daemon is', async () => {
  using workspace = scratchWorkspace([])
  const sign = signing(workspace)
  const once = () => orchestrate(workspace.root, ['up', '--once', '--mock'])
  sign(true)
  workspace.commit('asked', { 'orchestrate.yaml': 'triggers: { verify: signed }\n' })
  expect(await once()).toMatchObject({ code: 0 })

  sign(false)
  workspace.commit('forged', {
    'orchestrate.yaml': 'triggers: { verify: none }\n',
    'workflows/hello.yaml': hello('hello'),
  })
  const forged = await once()
  expect(forged.stderr).toContain('configuration is that of the last accepted commit')
  expect(forged.stderr).toContain('commit is not acted on')
  expect(forged.stderr).not.toContain('run started')

  sign(true)
  workspace.commit('granted', { 'workflows/hello.yaml': hello('goodbye') })
  const granted = await once()
  expect(granted.stderr).toContain('run started')
  expect(granted.stderr).not.toContain('last accepted commit')
}, 60_000)

test('a plan says that a daemon would not act on a commit without a signature, and what it would do with one', async () => {
  using workspace = scratchWorkspace([])
  const sign = signing(workspace)
  const plan = (...words: string[]) => orchestrate(workspace.root, ['plan', 'HEAD~1..HEAD', '--mock', ...words])
  sign(true)
  workspace.commit('asked', { 'orchestrate.yaml': 'triggers: { verify: signed }\n' })
  sign(false)
  const revision = workspace.commit('forged', {
    'orchestrate.yaml': 'triggers: { verify: none }\n',
    'workflows/hello.yaml': hello('hello'),
  })
  const reason = `Commit ${revision} is not signed.`
  expect(JSON.parse((await plan('--json')).stdout)).toMatchObject({ refused: reason, runs: [] })
  expect((await plan()).stdout).toMatch(
    /! not accepted: .* is not signed\.[^]*commit not accepted, .* nothing would run/,
  )
  expect((await plan('--markdown')).stdout).toContain('**Not accepted**')
  sign(true)
  workspace.git('commit', '--quiet', '--amend', '--no-edit')
  const signed = JSON.parse((await plan('--json')).stdout) as object
  expect(signed).toMatchObject({ runs: [{ workflow: 'hello' }] })
  expect(signed).not.toHaveProperty('refused')
}, 60_000)
