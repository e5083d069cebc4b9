import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { type DeclaredRun, declaredRuns } from '../../src/controller/declared-runs.ts'
import { createController } from '../../src/controller/controller.ts'
import { Evaluator } from '../../src/controller/evaluator.ts'
import type { DueRun } from '../../src/controller/look.ts'
import { tracesAt } from '../../src/controller/traces-at.ts'
import { openRepository, type Repository } from '../../src/git/repository.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type ScratchRepository, scratchRepository } from '../git/scratch-repository.ts'
import { keptObjects } from './deeds.ts'
import { type Fate, Killed, Mortal, watchedRepository } from './mortal.ts'
import type { Files, Library, StartedRun, Told } from './oracle.ts'
import { otherTexts, workflowNames, workflowTexts } from './texts.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A repository with a person in it, and a daemon that lives and dies over it. */
export class World implements AsyncDisposable {
  readonly scratch: ScratchRepository
  readonly told: Told[] = []
  readonly #repository: Repository
  readonly #files = new Map<string, Files>()
  readonly #texts = new Map<string, string>()
  #store: Store

  constructor(scratch: ScratchRepository, repository: Repository) {
    this.scratch = scratch
    this.#repository = repository
    this.#store = openStore(`${scratch.path}/.orchestrate`)
  }

  /** One life: it looks at every branch once, unless it dies before the end. */
  async look(fate: Fate = {}): Promise<void> {
    const mortal = new Mortal(fate)
    const repository = watchedRepository(this.#repository, mortal, told => void this.told.push(told))
    const evaluator = new Evaluator(this.#repository)
    const controller = createController<DeclaredRun>({
      repository,
      clock: systemClock,
      log: quiet,
      memory: this.#store,
      branches: ['main', 'side', 'topic'],
      pollMs: 1000,
      evaluate: (revision, branch, read = branch) =>
        mortal.step(async () => declaredRuns(await evaluator.evaluate(revision, read), branch)),
      startRun: run => mortal.step(() => this.#start(run)),
      knownRuns: { get: id => this.#closureKeyOf(id) },
      tracesAt: (revision, declared) => tracesAt(this.#repository, revision, declared),
    })
    try {
      await controller.reconcileNow()
    } catch (error) {
      const all = error instanceof AggregateError ? error.errors : [error]
      if (!all.every(each => each instanceof Killed)) throw error
    }
    if (fate.diesAt === undefined) return
    this.#store.close()
    this.#store = openStore(`${this.scratch.path}/.orchestrate`)
  }

  /** Commits the trace of the newest run that was started on a branch, where a daemon would. */
  async commitTrace(pick: number): Promise<void> {
    const started = this.told.filter(told => told.type === 'started')
    const last = started[started.length - 1 - (pick % Math.min(started.length, 3))]
    if (!last) return
    const { branch, run } = last
    const facts = { id: run.id, closureKey: this.#closureKeyOf(run.id) }
    await using writer = createTraceWriter(this.#repository, { clock: systemClock, log: quiet })
    await writer.commitTrace({
      ...{ branch, revision: run.revision, target: { to: 'auto' }, folder: `runs/${run.workflow}/${run.case}` },
      files: new Map([['run.json', JSON.stringify(facts)]]),
      subject: `run(${run.workflow}): succeeded`,
      trailers: { 'Orchestrate-Run': run.id, 'Orchestrate-Revision': run.revision },
    })
  }

  /** What the oracle may ask git. It does so by the git command, not by the code that is tried. */
  get library(): Library {
    return {
      files: commit => this.#filesOf(commit),
      line: async (from, to) => {
        const all = (await this.#ask('rev-list', '--first-parent', to)).split('\n')
        const at = all.indexOf(from)
        return at === -1 ? undefined : all.slice(0, at).toReversed()
      },
      isBefore: (commit, other) =>
        this.#ask('merge-base', '--is-ancestor', commit, other).then(
          () => true,
          () => false,
        ),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#store.close()
    await this.#repository[Symbol.asyncDispose]()
    await this.scratch[Symbol.asyncDispose]()
  }

  #start({ runId: id, branch, revision, workflow, case: name, closureKey, item }: DueRun<DeclaredRun>): void {
    if (this.#store.hasRun(id)) return
    const run: StartedRun = { id, workflow, case: name, revision }
    const body = {
      ...{ type: 'run-created' as const, trigger: 'commit' as const, isDirty: false, workflow, case: name, closureKey },
      ...{ branch, revision, sourcePath: item.evaluation.path, programHash: '', sourceHash: '', inputs: {} },
    }
    this.#store.commit([{ runId: id, timeMs: 0, body }])
    this.told.push({ type: 'started', branch, run })
  }

  #closureKeyOf(id: string): string | undefined {
    const body = this.#store.read(id)[0]?.body
    return body?.type === 'run-created' ? body.closureKey : undefined
  }

  /** Asks git by its command, also of what `git gc` has thrown away. */
  async #ask(...words: string[]): Promise<string> {
    const env = { ...process.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: keptObjects(this.scratch) }
    const { stdout } = await promisify(execFile)('git', words, { cwd: this.scratch.path, env })
    return stdout.trimEnd()
  }

  async #filesOf(commit: string): Promise<Files> {
    const known = this.#files.get(commit)
    if (known) return known
    const listed = await this.#ask('ls-tree', '-r', commit)
    const files = new Map<string, string>()
    for (const [, id = '', path = ''] of listed.matchAll(/^\d+ blob (\w+)\t(.+)$/gm)) {
      const text = this.#texts.get(id) ?? (await this.#ask('cat-file', '-p', id))
      this.#texts.set(id, text)
      files.set(path, text)
    }
    this.#files.set(commit, files)
    return files
  }
}

/** A world in which every file has been written once, and nothing has been looked at. */
export async function newWorld(): Promise<World> {
  const scratch = await scratchRepository()
  const workflows = workflowNames.map(name => [`workflows/${name}.yaml`, workflowTexts[name]?.(0) ?? ''])
  const others = Object.entries(otherTexts).map(([path, text]) => [path, text(0)])
  await scratch.write({ '.gitignore': '.orchestrate\n' })
  await scratch.commit(Object.fromEntries([...workflows, ...others]), `beginning ${randomUUID()}`)
  await scratch.git('config', 'gc.auto', '0')
  await scratch.git('config', 'merge.renames', 'true')
  return new World(scratch, await openRepository(scratch.path))
}
