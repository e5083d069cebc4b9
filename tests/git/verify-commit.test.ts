import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { signatureProblem } from '../../src/git/verify-commit.ts'
import { openedRepository } from './scratch-repository.ts'

test('a commit that is signed with a known key is accepted, others are not', async () => {
  await using scratch = await openedRepository()
  const { path, git, repository } = scratch
  for (const name of ['known', 'stranger']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${path}-${name}`])
  }
  const key = execFileSync('cat', [`${path}-known.pub`], { encoding: 'utf8' })
  writeFileSync(`${path}-signers`, `ada@example.org ${key}`)
  await git('config', 'gpg.format', 'ssh')
  await git('config', 'gpg.ssh.allowedSignersFile', `${path}-signers`)
  const commitBy = async (name: string) => {
    await git('-c', `user.signingKey=${path}-${name}`, 'commit', '--quiet', '--allow-empty', '-S', '-m', name)
    return git('rev-parse', 'HEAD')
  }
  expect(await signatureProblem(repository, await commitBy('known'))).toBeUndefined()
  expect(await signatureProblem(repository, await commitBy('stranger'))).toMatch('refuses')
  expect(await signatureProblem(repository, scratch.first)).toMatch('is not signed')
})
