import { check, type Checked, workflowName } from '../checker/check.ts'
import type { Library } from '../checker/library.ts'
import { compile } from '../compiler/compile.ts'
import type { Program } from '../compiler/program.ts'
import type { Sources } from '../git/sources.ts'
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import type { Document } from '../parser/document.ts'
import { parseWorkflow } from '../parser/parse.ts'
import { closureKey } from './closure.ts'
import { matches } from './commit-cases.ts'
import { readFile } from './read-file.ts'

/** A workflow of a workspace, read, checked and, when it is sound, compiled. */
export interface Evaluation {
  readonly path: string
  readonly workflow: string
  readonly source: string
  readonly diagnostics: readonly Diagnostic[]
  readonly program: Program | undefined
  readonly closureKey: string
}

/** Paths of the workflows among some files; templates are no workflows. */
export function workflowPaths(sources: Sources): string[] {
  return [...sources.files.keys()].filter(
    path => /^workflows\/.+\.(workflow\.md|ya?ml)$/.test(path) && !path.startsWith('workflows/templates/'),
  )
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
    const read = await readFile(sources, path, text => ({ document: parseWorkflow(text, path), diagnostics: [] }))
    if (read.document) documents.set(workflowName(path), read.document)
  }
  return documents
}

/** Reads, checks and compiles one workflow. The branch counts only where an expression reads `run.branch`. */
export async function evaluate(sources: Sources, library: Library, path: string, branch?: string): Promise<Evaluation> {
  let source = ''
  const read = await readFile(sources, path, text => {
    source = text
    return { document: parseWorkflow(text, path), diagnostics: [] }
  })
  const workflows = /\bworkflow\b/i.test(source) ? await workflowsOf(sources) : library.workflows
  const checked = read.document ? check(read.document, { ...library, workflows }) : { diagnostics: read.diagnostics }
  const {
    workflow,
    diagnostics,
    places = {},
    dependencies = [],
  }: Partial<Checked> & Pick<Checked, 'diagnostics'> = checked
  const readsBranch = branch !== undefined && /\brun\.branch\b/.test(source)
  const watched = (workflow?.triggers.commit?.paths ?? []).flatMap(pattern =>
    [...sources.files.keys()].filter(file => matches(pattern, file)),
  )
  const closure = { paths: [path, ...dependencies, ...watched], ...(readsBranch && { branch }) }
  const key = closureKey(closure, sources.files)
  return {
    path,
    workflow: workflowName(path),
    source,
    diagnostics,
    program: workflow && !hasErrors(diagnostics) ? compile(workflow, places) : undefined,
    closureKey: key,
  }
}
