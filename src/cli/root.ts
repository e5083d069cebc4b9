import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { locateRepository } from '../git/location.ts'
import { GitFailure } from '../git/git-failure.ts'

/** The folder of the workspace that holds a folder: the work tree of its repository, else where `workflows/` is. */
export async function findRoot(folder: string): Promise<string> {
  try {
    const { workTree, gitDir } = await locateRepository(folder)
    return workTree ?? gitDir
  } catch (error) {
    if (!(error instanceof GitFailure) || error.reason !== 'NotARepository') throw error
    return nearestWith('workflows', resolve(folder)) ?? resolve(folder)
  }
}

function nearestWith(name: string, folder: string): string | undefined {
  if (existsSync(join(folder, name))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : nearestWith(name, parent)
}
