import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { workflowName } from '../checker/check.ts'
import { nearest } from '../model/nearest.ts'
import { UsageError } from '../model/usage-error.ts'
import { findRoot } from './root.ts'

/** What a person named: a file or a folder. */
export interface NamedFile {
  readonly path: string
  readonly isFolder: boolean
}

/**
 * The file or folder of a path, or the workflow of a name. Throws `UsageError`; `otherwise` is its hint where there is
 * nothing of a similar name.
 */
export async function findNamed(name: string, folder: string, otherwise: string): Promise<NamedFile> {
  const path = resolve(folder, name)
  const found = await stat(path).catch(() => undefined)
  if (found) return { path, isFolder: found.isDirectory() }
  const workflows = join(await findRoot(folder), 'workflows')
  const files = new Map((await workflowsBelow(workflows)).map(file => [workflowName(file), file]))
  const named = files.get(name)
  if (named !== undefined) return { path: named, isFolder: false }
  const beside = await readdir(dirname(path)).catch(() => [])
  const near = nearest(basename(path), beside) ?? nearest(name, files.keys())
  throw new UsageError(`There is no file ${name}.`, near === undefined ? otherwise : `Did you mean ${near}?`)
}

/** The workflow files below a folder, sorted; none where there is no such folder. */
export async function workflowsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isFile() && isWorkflow(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** True for a file that is a workflow by its ending. */
export function isWorkflow(path: string): boolean {
  return /\.(workflow\.md|ya?ml)$/.test(path) && !/(^|[\\/])orchestrate\.yaml$/.test(path)
}
