import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Git, gitOutput } from './git-process.ts'
import type { Location } from './location.ts'
import { branchRef } from './ref-name.ts'

/** Files in which a rebase, a bisect or an update of stacked branches notes the branches it will move when it ends. */
const operationFiles = ['rebase-merge/head-name', 'rebase-apply/head-name', 'rebase-merge/update-refs', 'BISECT_START']

/** Whether a branch is checked out, rebased or bisected in any work tree of the repository. */
export async function isCheckedOut(location: Location, git: Git, branch: string): Promise<boolean> {
  const ref = branchRef(branch)
  if (location.hasReftable) {
    const listing = await gitOutput(git, ['worktree', 'list', '--porcelain', '-z'])
    if (listing.split('\0').includes(`branch ${ref}`)) return true
  }
  for (const folder of await workTreeFolders(location)) {
    if ((await textOf(join(folder, 'HEAD'))) === `ref: ${ref}\n`) return true
    for (const file of operationFiles) {
      const lines = (await textOf(join(folder, file))).split('\n')
      // BISECT_START has the short name.
      if (lines.includes(ref) || lines.includes(branch)) return true
    }
  }
  return false
}

/** Whether the repository has a work tree: where one is, a person may switch to any branch at any moment. */
export async function hasWorkTree(location: Location): Promise<boolean> {
  return (await workTreeFolders(location)).length > 0
}

/** Where each work tree keeps its HEAD. */
async function workTreeFolders({ commonDir, isBare }: Location): Promise<string[]> {
  const linked = await readdir(join(commonDir, 'worktrees')).catch(() => [])
  return [...(isBare ? [] : [commonDir]), ...linked.map(name => join(commonDir, 'worktrees', name))]
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
