import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { UsageError } from '../model/usage-error.ts'
import { findRoot } from './root.ts'

/** A workflow file as it is saved. */
export interface WorkflowFile {
  readonly file: string
  /** As a person would type it from here. */
  readonly shown: string
  readonly text: string
}

/** The workflows that were named, all below a folder that was named, or all of the workspace. Throws `UsageError`. */
export async function readWorkflows(names: readonly string[], folder: string): Promise<WorkflowFile[]> {
  const wanted =
    names.length > 0 ? names.map(name => resolve(folder, name)) : [join(await findRoot(folder), 'workflows')]
  const files: string[] = []
  for (const path of wanted) {
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory()) files.push(...(await workflowsBelow(path)))
    else if (found && isWorkflow(path)) files.push(path)
    else throw notAWorkflow(relative(folder, path), found !== undefined)
  }
  if (files.length === 0) throw new UsageError('There are no workflows here.', 'Put one into the folder workflows/.')
  return Promise.all(files.map(file => readWorkflow(file, folder)))
}

/** One workflow that was named. Throws `UsageError`. */
export async function readNamedWorkflow(name: string, folder: string): Promise<WorkflowFile> {
  const file = resolve(folder, name)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile() || !isWorkflow(file)) throw notAWorkflow(name, found !== undefined)
  return readWorkflow(file, folder)
}

async function workflowsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && isWorkflow(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function isWorkflow(path: string): boolean {
  return /\.(workflow\.md|ya?ml)$/.test(path) && !/(^|[\\/])orchestrate\.yaml$/.test(path)
}

async function readWorkflow(file: string, folder: string): Promise<WorkflowFile> {
  const shown = relative(folder, file)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file))
    return { file, shown, text }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(`${shown} is not UTF-8 text.`, 'Save it as UTF-8.')
  }
}

function notAWorkflow(name: string, exists: boolean): UsageError {
  if (!exists)
    return new UsageError(`There is no file ${name}.`, 'Without a file, all workflows of the workspace are meant.')
  return new UsageError(`${name} is no workflow.`, 'Workflows end in .yaml or .workflow.md.')
}
