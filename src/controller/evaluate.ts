import { check, type Checked, workflowName } from '../checker/check.ts'
import type { Library } from '../checker/library.ts'
import { readsBranch } from '../checker/reads-branch.ts'
import { compile } from '../compiler/compile.ts'
import type { Program } from '../compiler/program.ts'
import type { Sources } from '../git/sources.ts'
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import type { Document } from '../parser/document.ts'
import { parseWorkflow } from '../parser/parse.ts'
import { type Closure, closureKey } from './closure.ts'
import { namesOfWorkflows, underItsName } from './name-problem.ts'
import { readFile } from './read-file.ts'

/** A workflow of a workspace, read, checked and, when it is sound, compiled. */
export interface Examined {
  readonly path: string
  readonly workflow: string
  readonly source: string
  readonly diagnostics: readonly Diagnostic[]
  readonly program: Program | undefined
  /** Paths of the files that it depends on, besides its own: of every workflow that it calls, too. */
  readonly dependencies: readonly string[]
  readonly readsBranch: boolean
}

/** And the hash of all that a run of it depends on. */
export interface Evaluation extends Omit<Examined, 'dependencies' | 'readsBranch'> {
  readonly closureKey: string
}

/** Paths of the workflows among some files; templates are no workflows. */
export function workflowPaths(sources: Pick<Sources, 'files'>): string[] {
  return [...sources.files.keys()].filter(isWorkflowPath)
}

function isWorkflowPath(path: string): boolean {
  return /^workflows\/.+\.(workflow\.md|ya?ml)$/.test(path) && !path.startsWith('workflows/templates/')
}

/** Whether a workflow may call others: the word is needed for that. */
export function maySee(source: string): boolean {
  return /\bworkflow\b/i.test(source)
}

// Reading them all is dear, and few workflows call others.
const callable = new WeakMap<Sources, Promise<ReadonlyMap<string, Document>>>()

/** Every workflow of some files by name, read once. */
function workflowsOf(sources: Sources): Promise<ReadonlyMap<string, Document>> {
  const known = callable.get(sources) ?? readWorkflows(sources)
  callable.set(sources, known)
  return known
}

async function readWorkflows(sources: Sources): Promise<ReadonlyMap<string, Document>> {
  const documents = new Map<string, Document>()
  for (const path of workflowPaths(sources)) {
    const document = await readDocument(sources, path)
    if (document) documents.set(workflowName(path), document)
  }
  return documents
}

/** Reads a workflow that another one may call; undefined for a file that is no text. */
export async function readDocument(sources: Sources, path: string): Promise<Document | undefined> {
  return (await readFile(sources, path, text => ({ document: parseWorkflow(text, path), diagnostics: [] }))).document
}

/** Reads, checks and compiles one workflow. `workflows` are those that it may call. */
export async function examine(
  sources: Sources,
  library: Library,
  path: string,
  workflows: () => Promise<ReadonlyMap<string, Document>>,
): Promise<Examined> {
  let source = ''
  const read = await readFile(sources, path, text => {
    source = text
    return { document: parseWorkflow(text, path), diagnostics: [] }
  })
  const called = maySee(source) ? await workflows() : library.workflows
  const checked: Partial<Checked> & Pick<Checked, 'diagnostics'> = read.document
    ? check(read.document, { ...library, workflows: called })
    : { diagnostics: read.diagnostics }
  const { workflow, diagnostics, places = {}, dependencies = [] } = checked
  return {
    path,
    workflow: workflowName(path),
    source,
    diagnostics,
    program: workflow && !hasErrors(diagnostics) ? compile(workflow, places) : undefined,
    dependencies,
    readsBranch: workflow !== undefined && readsBranch(workflow),
  }
}

/** What a run of a workflow depends on. `find` knows the workflows that it calls, by path. */
export function closureOf(
  examined: Examined,
  find: (path: string) => Pick<Examined, 'dependencies' | 'readsBranch'> | undefined,
  branch: string | undefined,
): Closure {
  const called = examined.dependencies.filter(isWorkflowPath).flatMap(path => find(path) ?? [])
  const isOfBranch = branch !== undefined && [examined, ...called].some(each => each.readsBranch)
  return {
    paths: [examined.path, ...examined.dependencies, ...called.flatMap(({ dependencies }) => dependencies)],
    ...(isOfBranch && { branch }),
  }
}

/** Reads, checks and compiles one workflow of some files. The branch counts only where an expression reads `run.branch`. */
export async function evaluate(sources: Sources, library: Library, path: string, branch?: string): Promise<Evaluation> {
  const workflows = () => workflowsOf(sources)
  const names = namesOfWorkflows(workflowPaths(sources), other => readDocument(sources, other))
  const found = await underItsName(await examine(sources, library, path, workflows), names)
  const { dependencies, readsBranch: isOfBranch, ...examined } = found
  const called = new Map<string, Examined>()
  for (const other of dependencies.filter(isWorkflowPath)) {
    called.set(other, await examine(sources, library, other, workflows))
  }
  const closure = closureOf({ ...examined, dependencies, readsBranch: isOfBranch }, other => called.get(other), branch)
  return { ...examined, closureKey: closureKey(closure, sources.files) }
}
