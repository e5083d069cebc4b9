import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { checkAgent } from '../checker/agent.ts'
import { checkConfiguration } from '../checker/configuration.ts'
import { type Evaluation, evaluate, readShelf, workflowPaths } from '../controller/evaluate.ts'
import { folderSources, type Sources } from '../git/sources.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { parseAgent, parseConfiguration } from '../parser/parse.ts'
import { findRoot } from './root.ts'
import { UsageError } from './usage-error.ts'

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

/** Checks every workflow, every agent and the configuration of the workspace around a folder. */
export async function checkWorkspace(folder: string): Promise<CheckedFile[]> {
  const root = await findRoot(folder)
  const sources = await folderSources(root)
  const shelf = await readShelf(sources)
  const checked = [...shelf.diagnostics].map(async ([path, diagnostics]) => ({
    ...{ root, path, diagnostics },
    text: await textOf(sources, path),
  }))
  const workflows = workflowPaths(sources).map(async path => checkWorkflow(root, sources, path))
  const files = await Promise.all([...checked, ...workflows])
  if (files.length > 0) return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  throw new UsageError(`There is nothing to check in ${root}.`, 'Put a workflow into its folder workflows/.')
}

/** Checks files by their names, each in the workspace it lies in; of a folder, everything below it. Throws `UsageError`. */
export async function checkNamed(names: readonly string[], folder: string): Promise<CheckedFile[]> {
  const files: CheckedFile[] = []
  for (const name of names) {
    const path = resolve(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (!found) throw new UsageError(`There is no file ${name}.`, await nearbyHint(path))
    if (found.isDirectory()) files.push(...(await checkBelow(path, name)))
    else files.push(await checkFile(path, name))
  }
  return files
}

async function checkBelow(folder: string, name: string): Promise<CheckedFile[]> {
  const below = (await checkWorkspace(folder)).filter(
    ({ root, path }) => !relative(folder, join(root, path)).startsWith('..'),
  )
  if (below.length > 0) return below
  throw new UsageError(`There is nothing to check in ${name}.`, 'Workflows are below workflows/, agents below agents/.')
}

async function checkFile(path: string, name: string): Promise<CheckedFile> {
  const root = await findRoot(dirname(path))
  const place = relative(root, path).replaceAll('\\', '/')
  const sources = await withFile(await folderSources(root), place, path)
  if (path.endsWith('.agent.md')) return checkWith(root, sources, place, text => checkAgent(parseAgent(text, place)))
  if (basename(path) === 'orchestrate.yaml') {
    return checkWith(root, sources, place, text => checkConfiguration(parseConfiguration(text, place)))
  }
  if (/\.(workflow\.md|ya?ml)$/.test(path)) return checkWorkflow(root, sources, place)
  const hint = 'Workflows end in .yaml or .workflow.md, agents in .agent.md; the configuration is orchestrate.yaml.'
  throw new UsageError(`${name} is no workflow, agent or configuration.`, hint)
}

async function checkWorkflow(root: string, sources: Sources, path: string): Promise<CheckedFile> {
  const { library } = await readShelf(sources)
  const evaluation = await evaluate(sources, library, path)
  return { root, path, diagnostics: evaluation.diagnostics, text: await textOf(sources, path), evaluation }
}

async function checkWith(
  root: string,
  sources: Sources,
  path: string,
  check: (text: string) => { readonly diagnostics: readonly Diagnostic[] },
): Promise<CheckedFile> {
  const text = await sources.read(path)
  return { root, path, text, diagnostics: check(text).diagnostics }
}

async function textOf(sources: Sources, path: string): Promise<string | undefined> {
  // The check has reported already that the file is no text.
  return sources.read(path).catch(() => undefined)
}

/** The sources of a workspace with one more file, which may lie anywhere. */
async function withFile(sources: Sources, place: string, path: string): Promise<Sources> {
  if (sources.files.has(place)) return sources
  const contents = await readFile(path)
  const files = new Map([...sources.files, [place, { id: 'as it is saved' }]])
  return { files, read: async wanted => (wanted === place ? decode(contents, place) : sources.read(wanted)) }
}

function decode(contents: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(contents)
  } catch (cause) {
    throw new UsageError(`${path} is not UTF-8 text.`, 'Save it as UTF-8.')
  }
}

async function nearbyHint(path: string): Promise<string> {
  const siblings = await readdir(dirname(path)).catch(() => [])
  const { nearest } = await import('../model/nearest.ts')
  const near = nearest(basename(path), siblings)
  return near ? `Did you mean ${near}?` : 'Without a file, `orchestrate check` checks the whole workspace.'
}
