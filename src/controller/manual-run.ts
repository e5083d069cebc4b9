import { relative, resolve } from 'node:path'
import { workflowName } from '../checker/check.ts'
import { type Evaluation, evaluate, workflowPaths } from './evaluate.ts'
import { readShelf, type Shelf } from './shelf.ts'
import { readInput, resolveInputs } from './inputs.ts'
import type { Program } from '../compiler/program.ts'
import { commitSources, folderSources, type Sources } from '../git/sources.ts'
import type { Repository } from '../git/repository.ts'
import { hasHost, type ResolvedHosts, waysToAHost } from '../hosts/resolve.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { StartRequest } from './start-request.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'

/** A workflow as it is saved, ready to run, with the rest of the workspace. */
export interface SavedWorkflow {
  readonly sources: Sources
  readonly shelf: Shelf
  readonly evaluation: Evaluation & { readonly program: Program }
}

/**
 * Reads and checks one workflow of a folder, named by path or by name. Throws `UsageError` or `InvalidFiles`. `permit` hears
 * the name that is meant before anything is said of it, whether there is such a workflow or not.
 */
export async function readSavedWorkflow(
  root: string,
  wanted: string,
  cwd: string,
  permit: (name: string) => void = () => {},
): Promise<SavedWorkflow> {
  const sources = await folderSources(root)
  const shelf = await readShelf(sources)
  permit(nameMeant(sources, root, wanted, cwd))
  const path = findWorkflow(sources, root, wanted, cwd)
  const evaluation = await evaluate(sources, shelf.library, path)
  const configurationProblems = shelf.diagnostics.get('orchestrate.yaml') ?? []
  const errors = [...configurationProblems, ...evaluation.diagnostics].filter(({ severity }) => severity === 'error')
  const { program } = evaluation
  if (errors.length > 0 || !program) {
    throw new InvalidFiles(
      errors,
      await textsOf(
        sources,
        errors.map(({ span }) => span.path),
      ),
    )
  }
  return { sources, shelf, evaluation: { ...evaluation, program } }
}

function nameMeant(sources: Sources, root: string, wanted: string, cwd: string): string {
  const found = pathMeant(sources, root, wanted, cwd)
  return found === undefined ? wanted : workflowName(found)
}

function pathMeant(sources: Sources, root: string, wanted: string, cwd: string): string | undefined {
  const paths = workflowPaths(sources)
  const asPath = relative(root, resolve(cwd, wanted)).replaceAll('\\', '/')
  const byPath = paths.find(path => path === asPath || path === wanted)
  return byPath ?? paths.find(path => workflowName(path) === wanted)
}

function findWorkflow(sources: Sources, root: string, wanted: string, cwd: string): string {
  const paths = workflowPaths(sources)
  const found = pathMeant(sources, root, wanted, cwd)
  if (found !== undefined) return found
  const names = new Map(paths.map(path => [workflowName(path), path]))
  const near = nearest(wanted, [...names.keys(), ...paths])
  const known = [...names.keys()].join(', ')
  const hint = near ? `Did you mean ${near}?` : known ? `There are ${known}.` : 'Put one into the folder workflows/.'
  throw new UsageError(`There is no workflow "${wanted}".`, hint)
}

async function textsOf(sources: Sources, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const path of paths) texts.set(path, await sources.read(path).catch(() => ''))
  return texts
}

/** Inputs as a person typed them, or as they are, each as the type it must have. */
export function inputsGiven(program: Program, given: Readonly<Record<string, Json>>): Record<string, Json> {
  const read = (name: string, value: Json): Json =>
    typeof value === 'string' ? readInput(program, name, value) : value
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, read(name, value)]))
}

/** The inputs of a run from `-i name=value` and a file of inputs. Throws `UsageError` with every problem. */
export function inputsOf(program: Program, pairs: readonly string[], file: Record<string, Json>): Record<string, Json> {
  const given = new Map(Object.entries(file))
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`"${pair}" is no input.`, 'Write -i name=value.')
    const name = pair.slice(0, at)
    given.set(name, readInput(program, name, pair.slice(at + 1)))
  }
  const resolved = resolveInputs(program, Object.fromEntries(given))
  if (!resolved.ok) throw new UsageError(resolved.problems.join('\n'), 'Inputs are given with -i name=value.')
  return resolved.inputs
}

/** False when a program asks a model and there is no host. */
export function canAsk(program: Program, hosts: ResolvedHosts): boolean {
  return hasHost(hosts) || Object.values(program.steps).every(step => step.work.kind !== 'prompt')
}

/** Refuses a run that would ask a model where there is none. */
export function requireHost(program: Program, hosts: ResolvedHosts): void {
  if (!canAsk(program, hosts)) throw new UsageError('NO_HOST: there is no model server to ask.', waysToAHost)
}

/** The request that starts a run by hand. It is dirty when what is saved is not what is committed. */
export async function manualRequest(
  id: string,
  saved: SavedWorkflow,
  inputs: Record<string, Json>,
  repository: Repository | undefined,
  noCommit: boolean,
): Promise<StartRequest> {
  const base = { id, evaluation: saved.evaluation, inputs, case: 'manual', trigger: 'manual' as const }
  const branch = await repository?.currentBranch()
  const revision = branch === undefined ? undefined : await repository?.tip(branch)
  if (!repository || branch === undefined || revision === undefined) return { ...base, isDirty: true }
  const committed = await commitSources(repository, revision)
  const isCommitted = committed.files.has(saved.evaluation.path)
  const { library } = await readShelf(committed)
  const same =
    isCommitted &&
    (await evaluate(committed, library, saved.evaluation.path)).closureKey === saved.evaluation.closureKey
  return { ...base, branch, revision, isDirty: !same || noCommit }
}
