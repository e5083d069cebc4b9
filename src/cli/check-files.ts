import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { checkAgent } from '../checker/agent.ts'
import { checkConfiguration } from '../checker/configuration.ts'
import type { Library } from '../checker/library.ts'
import { checkSkill } from '../checker/skill.ts'
import { type Evaluation, evaluate, workflowPaths } from '../controller/evaluate.ts'
import { readShelf } from '../controller/shelf.ts'
import { folderSources, type Sources } from '../git/sources.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { parseAgent, parseConfiguration, parseSkill } from '../parser/parse.ts'
import { findNamed } from './named-file.ts'
import { findRoot } from './root.ts'
import { UsageError } from '../model/usage-error.ts'

/** A file that was checked. `path` counts from the root of its workspace. */
export interface CheckedFile {
  readonly root: string
  readonly path: string
  readonly diagnostics: readonly Diagnostic[]
  /** Undefined when the file is not text. */
  readonly text: string | undefined
  /** Of a workflow only. */
  readonly evaluation?: Evaluation
}

/** Checks every workflow, agent and skill and the configuration of the workspace around a folder. Throws `UsageError`. */
export async function checkWorkspace(folder: string): Promise<CheckedFile[]> {
  const root = await findRoot(folder)
  const sources = await folderSources(root)
  const { library, diagnostics } = await readShelf(sources)
  const files: CheckedFile[] = []
  for (const [path, found] of diagnostics) {
    files.push({ root, path, diagnostics: found, text: await textOf(sources, path) })
  }
  for (const path of workflowPaths(sources)) files.push(await checkWorkflow(root, sources, library, path))
  if (files.length > 0) return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  throw new UsageError(`There is nothing to check in ${root}.`, 'Put a workflow into its folder workflows/.')
}

/**
 * Checks files by their paths, each in the workspace it lies in, and workflows by their names; of a folder, everything
 * below it. Throws `UsageError`.
 */
export async function checkNamed(names: readonly string[], folder: string): Promise<CheckedFile[]> {
  const otherwise = 'Without a file, `orchestrate check` checks the whole workspace.'
  const files: CheckedFile[] = []
  for (const name of names) {
    const { path, isFolder } = await findNamed(name, folder, otherwise)
    if (isFolder) files.push(...(await checkBelow(path, name)))
    else files.push(await checkFile(path, name))
  }
  return files
}

async function checkBelow(folder: string, name: string): Promise<CheckedFile[]> {
  const files = await checkWorkspace(folder)
  const below = files.filter(({ root, path }) => !relative(folder, join(root, path)).startsWith('..'))
  if (below.length > 0) return below
  throw new UsageError(
    `There is nothing to check in ${name}.`,
    'Workflows are below workflows/, agents below agents/, skills below skills/.',
  )
}

async function checkFile(file: string, name: string): Promise<CheckedFile> {
  const root = await findRoot(dirname(file))
  const path = relative(root, file).replaceAll('\\', '/')
  const sources = await withFile(await folderSources(root), path, file)
  if (/\.(workflow\.md|ya?ml)$/.test(path) && basename(path) !== 'orchestrate.yaml') {
    return checkWorkflow(root, sources, (await readShelf(sources)).library, path)
  }
  const text = await sources.read(path)
  const onShelf = (await readShelf(sources)).diagnostics.get(path)
  if (onShelf) return { root, path, text, diagnostics: onShelf }
  if (basename(path) === 'orchestrate.yaml') {
    return { root, path, text, diagnostics: checkConfiguration(parseConfiguration(text, path)).diagnostics }
  }
  if (path.endsWith('.agent.md')) {
    return { root, path, text, diagnostics: checkAgent(parseAgent(text, path)).diagnostics }
  }
  if (basename(path) === 'SKILL.md') {
    return { root, path, text, diagnostics: checkSkill(parseSkill(text, path)).diagnostics }
  }
  const hint =
    'Workflows end in .yaml or .workflow.md, agents in .agent.md; a skill is SKILL.md, the configuration orchestrate.yaml.'
  throw new UsageError(`${name} is no workflow, agent, skill or configuration.`, hint)
}

async function checkWorkflow(root: string, sources: Sources, library: Library, path: string): Promise<CheckedFile> {
  const evaluation = await evaluate(sources, library, path)
  return { root, path, diagnostics: evaluation.diagnostics, text: await textOf(sources, path), evaluation }
}

async function textOf(sources: Sources, path: string): Promise<string | undefined> {
  // The check has reported already that the file is no text.
  return sources.read(path).catch(() => undefined)
}

/** The sources of a workspace with one more file, which may lie anywhere. */
async function withFile(sources: Sources, path: string, file: string): Promise<Sources> {
  if (sources.files.has(path)) return sources
  const contents = await readFile(file)
  const files = new Map([...sources.files, [path, { id: 'as it is saved' }] as const])
  return { files, read: async wanted => (wanted === path ? decode(contents, path) : sources.read(wanted)) }
}

function decode(contents: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(contents)
  } catch {
    throw new UsageError(`${path} is not UTF-8 text.`, 'Save it as UTF-8.')
  }
}
