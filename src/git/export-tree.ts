import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { startGit } from './git-process.ts'
import { GitFailure } from './git-failure.ts'
import type { Location } from './location.ts'

/** Writes the files of a commit into an empty folder. No filter and no hook of the repository is run. */
export async function exportTree(location: Location, revision: string, folder: string): Promise<void> {
  const archive = startGit(['--git-dir', location.gitDir, 'archive', '--format=tar', revision, '--'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const unpack = spawn('tar', ['-x', '-C', folder, '--no-same-owner'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const ends = Promise.all([once(archive, 'close'), once(unpack, 'close')])
  if (!archive.stdout || !unpack.stdin)
    throw new GitFailure('ProcessLost', 'The files of the revision cannot be unpacked.')
  // `tar` leaves at the mark that ends the archive, perhaps before `git` has: how both ended says whether all is there.
  await pipeline(archive.stdout, unpack.stdin).catch(() => undefined)
  const codes = (await ends).map(([code]: unknown[]) => code)
  if (codes.some(code => code !== 0)) {
    throw new GitFailure('ProcessLost', `The files of ${revision} could not be unpacked for a command.`)
  }
}
