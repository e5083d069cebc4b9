import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { UsageError } from '../model/usage-error.ts'
import { findNamed, isWorkflow, workflowsBelow } from './named-file.ts'
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
  const files = names.length > 0 ? [] : await workflowsBelow(join(await findRoot(folder), 'workflows'))
  for (const name of names) {
    const { path, isFolder } = await findNamed(
      name,
      folder,
      'Without a file, all workflows of the workspace are meant.',
    )
    if (isFolder) files.push(...(await workflowsBelow(path)))
    else if (isWorkflow(path)) files.push(path)
    else throw notAWorkflow(name)
  }
  if (files.length === 0) throw new UsageError('There are no workflows here.', 'Put one into the folder workflows/.')
  return Promise.all(files.map(file => readWorkflow(file, folder)))
}

/** One workflow that was named. Throws `UsageError`. */
export async function readNamedWorkflow(name: string, folder: string): Promise<WorkflowFile> {
  const { path, isFolder } = await findNamed(name, folder, 'Name a workflow, or its file.')
  if (isFolder || !isWorkflow(path)) throw notAWorkflow(name)
  return readWorkflow(path, folder)
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

function notAWorkflow(name: string): UsageError {
  return new UsageError(`${name} is no workflow.`, 'Workflows end in .yaml or .workflow.md.')
}
