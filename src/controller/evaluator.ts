import { workflowName } from '../checker/check.ts'
import type { Library } from '../checker/library.ts'
import type { Repository } from '../git/repository.ts'
import { commitSources, type Sources } from '../git/sources.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { hashValue } from '../model/hash.ts'
import { Recent } from '../model/recent.ts'
import type { Document } from '../parser/document.ts'
import { closureKey } from './closure.ts'
import { closureOf, type Evaluation, type Examined, examine, maySee, readDocument, workflowPaths } from './evaluate.ts'
import { namesOfWorkflows, underItsName } from './name-problem.ts'
import { readShelf, type Shelf } from './shelf.ts'
import { folderOf, WatchedFiles } from './watched-files.ts'

/** What a commit declares. The same object comes back for commits that declare the same. */
export interface Declaration {
  readonly configuration: Configuration
  readonly workflows: readonly Evaluation[]
  /** What is wrong with files that are no workflows, by path. */
  readonly diagnostics: ReadonlyMap<string, readonly Diagnostic[]>
}

interface Kept {
  readonly blobId: string
  /** What names can be resolved to. */
  readonly names: string
  readonly dependencyIds: string
  readonly examined: Examined
}
type Pass = ReadonlyMap<string, Kept>

/** Declarations that are kept: tips of branches, and the commits that were acted on before. */
const mostDeclarations = 64
const mostShelves = 8
/** Branches whose workflows are kept as they were last examined. */
const mostBranches = 16

/**
 * Evaluates one commit after another. A workflow is read and checked again when its text, a file that it depends on, or
 * what names stand for has changed; a commit that touches none of what is watched costs a look at a few ids.
 */
export class Evaluator {
  readonly #repository: Repository
  /** By branch and commit: what a commit declares never changes. */
  readonly #commits = new Recent<string, Declaration>(mostDeclarations)
  readonly #declarations = new Recent<string, Declaration>(mostDeclarations)
  /** Folders outside of the workspace's own that some workflow watches, by what a commit declares. */
  readonly #folders = new Recent<string, readonly string[]>(mostDeclarations)
  readonly #shelves = new Recent<string, Shelf>(mostShelves)
  readonly #passes = new Recent<string, Pass>(mostBranches)
  #lastPass: Pass = new Map()
  readonly #documents = new Map<string, { readonly blobId: string; readonly document: Document | undefined }>()
  #pass: Promise<unknown> = Promise.resolve()

  constructor(repository: Repository) {
    this.#repository = repository
  }

  /** What a commit declares on a branch. */
  evaluate(revision: string, branch: string): Promise<Declaration> {
    const commit = `${branch} ${revision}`
    const known = this.#commits.get(commit)
    if (known) return Promise.resolve(known)
    const next = this.#pass.then(() => this.#evaluate(revision, branch))
    this.#pass = next.catch(() => undefined)
    return next.then(declaration => {
      this.#commits.set(commit, declaration)
      return declaration
    })
  }

  async #evaluate(revision: string, branch: string): Promise<Declaration> {
    const watched = `${branch}\n${await this.#repository.treeKey(revision)}`
    const folders = this.#folders.get(watched)
    const known = folders && this.#declarations.get(await this.#keyOf(watched, revision, folders))
    if (known) return known
    const sources = await commitSources(this.#repository, revision)
    const shelf = await this.#shelf(sources)
    const all = await this.#examineAll(sources, shelf.library, branch)
    const patterns = [...all.values()].flatMap(({ program }) => program?.triggers.commit?.paths ?? [])
    const found = [...new Set(patterns.map(folderOf))].sort()
    const files = await WatchedFiles.read(this.#repository, revision, found)
    const declaration = {
      configuration: shelf.configuration,
      workflows: [...all.values()].map(examined => evaluationOf(examined, all, sources, files, branch)),
      diagnostics: shelf.diagnostics,
    }
    this.#folders.set(watched, found)
    this.#declarations.set(await this.#keyOf(watched, revision, found), declaration)
    return declaration
  }

  async #keyOf(watched: string, revision: string, folders: readonly string[]): Promise<string> {
    return folders.length === 0 ? watched : `${watched}\n\n${await this.#repository.treeKey(revision, folders)}`
  }

  async #shelf(sources: Sources): Promise<Shelf> {
    const workflows = new Set(workflowPaths(sources))
    const key = idsOf(
      [...sources.files.keys()].filter(path => !workflows.has(path)),
      sources,
    )
    const shelf = this.#shelves.get(key) ?? (await readShelf(sources))
    this.#shelves.set(key, shelf)
    return shelf
  }

  async #examineAll(sources: Sources, library: Library, branch: string): Promise<Map<string, Examined>> {
    const paths = workflowPaths(sources)
    const names = namesOf(library, sources)
    const callable = `${names} ${hashValue(paths)}`
    const before = this.#passes.get(branch) ?? this.#lastPass
    let documents: Promise<Map<string, Document>> | undefined
    const workflows = () => (documents ??= this.#documentsOf(sources, paths))
    const pass = new Map<string, Kept>()
    for (const path of paths) {
      const blobId = sources.files.get(path)?.id ?? ''
      const kept = before.get(path)
      if (kept?.blobId === blobId && isAsItWas(kept, sources, maySee(kept.examined.source) ? callable : names)) {
        pass.set(path, kept)
        continue
      }
      const examined = await examine(sources, library, path, workflows)
      const dependencyIds = idsOf(examined.dependencies, sources)
      pass.set(path, { blobId, names: maySee(examined.source) ? callable : names, dependencyIds, examined })
    }
    this.#passes.set(branch, pass)
    this.#lastPass = pass
    const called = namesOfWorkflows(paths, path => this.#documentOf(sources, path))
    const all = [...pass].map(async ([path, { examined }]) => [path, await underItsName(examined, called)] as const)
    return new Map(await Promise.all(all))
  }

  async #documentsOf(sources: Sources, paths: readonly string[]): Promise<Map<string, Document>> {
    const found = new Map<string, Document>()
    for (const path of paths) {
      const document = await this.#documentOf(sources, path)
      if (document) found.set(workflowName(path), document)
    }
    return found
  }

  async #documentOf(sources: Sources, path: string): Promise<Document | undefined> {
    const blobId = sources.files.get(path)?.id ?? ''
    const kept = this.#documents.get(path)
    const document = kept?.blobId === blobId ? kept.document : await readDocument(sources, path)
    this.#documents.set(path, { blobId, document })
    return document
  }
}

// Of those that depend on nothing but what they were examined with.
const settled = new WeakMap<Examined, Evaluation>()

function evaluationOf(
  examined: Examined,
  all: ReadonlyMap<string, Examined>,
  sources: Sources,
  files: WatchedFiles,
  branch: string,
): Evaluation {
  const known = settled.get(examined)
  if (known) return known
  const { dependencies, readsBranch, ...rest } = examined
  const patterns = examined.program?.triggers.commit?.paths ?? []
  const key = closureKey(
    closureOf(examined, path => all.get(path), branch),
    sources.files,
  )
  const evaluation = { ...rest, closureKey: patterns.length === 0 ? key : hashValue([key, files.matching(patterns)]) }
  const isAlone = !readsBranch && patterns.length === 0 && !dependencies.some(path => all.has(path))
  if (isAlone) settled.set(examined, evaluation)
  return evaluation
}

function isAsItWas({ names, dependencyIds, examined }: Kept, sources: Sources, namesNow: string): boolean {
  return names === namesNow && dependencyIds === idsOf(examined.dependencies, sources)
}

function idsOf(paths: readonly string[], { files }: Sources): string {
  return paths.map(path => `${path} ${files.get(path)?.id ?? '-'}`).join('\n')
}

/** What the names in workflows can stand for: while this is the same, only the files themselves count. */
function namesOf(library: Library, { files }: Sources): string {
  return hashValue({
    agents: [...library.agents].map(([name, { path }]) => [name, path]),
    skills: [...library.skills].map(([name, { path }]) => [name, path]),
    schemas: [...library.schemas.keys()],
    prompts: [...library.prompts.keys()],
    templates: [...library.templates.keys()],
    configuration: files.get('orchestrate.yaml')?.id,
  })
}
