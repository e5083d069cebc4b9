import { workflowName } from '../checker/check.ts'
import type { Program } from '../compiler/program.ts'
import { type Diagnostic, spanAt } from '../model/diagnostic.ts'
import { isMap } from '../model/json.ts'
import type { Document } from '../parser/document.ts'

interface NamedWorkflow {
  readonly path: string
  readonly workflow: string
  readonly source: string
  readonly diagnostics: readonly Diagnostic[]
  readonly program: Program | undefined
}

/** The paths of workflows by their names, and how to read one of them. */
export interface Names {
  readonly paths: ReadonlyMap<string, readonly string[]>
  read(path: string): Promise<Document | undefined>
}

/** The folders of traces that every workflow has, besides one for each case. */
const everyFolder: ReadonlySet<string> = new Set(['default', 'manual', 'schedule', 'webhook'])

/** Sorts the paths of workflows by what they are called. */
export function namesOfWorkflows(paths: readonly string[], read: Names['read']): Names {
  return { paths: Map.groupBy(paths, workflowName), read }
}

/** The workflow as it was examined; not sound where another one has its name, or writes its traces around those of it. */
export async function underItsName<Each extends NamedWorkflow>(examined: Each, names: Names): Promise<Each> {
  const found = await nameProblem(examined, names)
  if (!found) return examined
  const { path, source, diagnostics } = examined
  const span = spanAt(path, [0], 0, /^[^\r\n]*/.exec(source)?.[0].length ?? 0)
  const problem: Diagnostic = { code: 'NAME_TAKEN', severity: 'error', span, ...found }
  return { ...examined, diagnostics: [problem, ...diagnostics], program: undefined }
}

async function nameProblem(
  { path, workflow }: NamedWorkflow,
  { paths, read }: Names,
): Promise<Pick<Diagnostic, 'message' | 'hint'> | undefined> {
  const all = paths.get(workflow) ?? []
  // A file that is checked from elsewhere is no workflow of this workspace.
  if (!all.includes(path)) return undefined
  const twin = all.find(other => other !== path)
  if (twin !== undefined) {
    return { message: `"${workflow}" is the name of ${twin}, too; neither runs.`, hint: 'Rename one of the two files.' }
  }
  const parts = workflow.split('/')
  for (const [index, folder] of parts.entries()) {
    const [outer] = paths.get(parts.slice(0, index).join('/')) ?? []
    if (outer === undefined || !(everyFolder.has(folder) || hasCase(await read(outer), folder))) continue
    const traces = `runs/${parts.slice(0, index + 1).join('/')}`
    return { message: `${traces} is where the traces of ${outer} go.`, hint: `Rename this file or its folder.` }
  }
  return undefined
}

function hasCase(document: Document | undefined, name: string): boolean {
  const value = document?.value
  const cases = isMap(value) ? value['cases'] : undefined
  return isMap(cases) && Object.hasOwn(cases, name)
}
