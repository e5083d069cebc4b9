import type { Program } from '../compiler/program.ts'
import type { Repository } from '../git/repository.ts'
import type { JournalEvent, RunCreated } from '../model/journal-event.ts'
import type { Usage } from '../model/usage.ts'
import { stepIdOf } from '../runtime/path.ts'
import type { Answer, AttemptRequest } from '../runtime/ports.ts'
import { answersOf, readsTree } from '../runtime/reuse.ts'
import type { Store } from '../store/store.ts'
import { readTraceJournal } from '../store/trace-journal.ts'
import { KnownAnswers } from './known-answers.ts'

/** A run whose answers are recorded. */
export interface RecordedRun {
  readonly id: string
  readonly created: RunCreated
  readonly events: readonly JournalEvent[]
  /** What ran, where that is known. */
  readonly program: Program | undefined
}

/** What is known of questions and answers of the past. */
export interface Records {
  /** Runs that have ended, newest first. */
  readonly runs: readonly RecordedRun[]
  /** The answer that a step with `cache` would be given. */
  cached(request: AttemptRequest, created: RunCreated): Answer | undefined
  /** The newest answer to a question, whoever asked. */
  answered(key: string): Answer | undefined
}

/** The newest runs of each workflow that are looked at. */
const mostRunsEach = 5
const mostRuns = 100
const mostTraces = 200

/** The records of a workspace in which runs were made; simulated ones only count for simulated plans. */
export function recordsOfStore(store: Store, isSimulated: boolean): Records {
  const programs = new Map<string, Program | undefined>()
  const program = (hash: string): Program | undefined => {
    const text = programs.has(hash) ? undefined : store.readBlob(hash)
    if (text !== undefined) programs.set(hash, JSON.parse(text) as Program)
    return programs.get(hash)
  }
  const known = new KnownAnswers(store, hash => {
    const found = program(hash)
    if (!found) throw new Error(`the journal lacks the program ${hash}`)
    return found
  })
  const runs = newestRuns(store, isSimulated, program)
  return {
    runs,
    cached: (request, created) => {
      const result = known.decide(request, created)
      return result?.type === 'answered' ? result.answer : undefined
    },
    answered: key => {
      for (const { runId } of store.asked(key)) {
        const run = runs.find(({ id }) => id === runId) ?? recordedRun(store.read(runId), program)
        if (!run || (run.created.isSimulated ?? false) !== isSimulated) continue
        const found = answersIn(run).byKey.get(key)
        if (found) return found
      }
      return undefined
    },
  }
}

/** The newest runs of each workflow and case that have ended, newest first. */
function newestRuns(store: Store, isSimulated: boolean, program: (hash: string) => Program | undefined): RecordedRun[] {
  const counts = new Map<string, number>()
  const runs: RecordedRun[] = []
  for (const { id, workflow, case: name, phase } of store.runs()) {
    if (runs.length >= mostRuns) break
    const form = `${workflow} ${name}`
    const count = counts.get(form) ?? 0
    if (phase === 'running' || phase === 'paused' || count >= mostRunsEach) continue
    const run = recordedRun(store.read(id), program)
    if (!run || (run.created.isSimulated ?? false) !== isSimulated) continue
    counts.set(form, count + 1)
    runs.push(run)
  }
  return runs
}

/** The records that the traces of a commit hold: what another machine, as one that checks pull requests, can know. */
export async function recordsOfTraces(
  repository: Repository,
  revisions: readonly string[],
  program: (created: RunCreated) => Program | undefined,
): Promise<Records> {
  const runs = new Map<string, RecordedRun>()
  for (const revision of revisions) {
    const { files } = await repository.readTree(revision, ['runs'])
    const journals = [...files].filter(([path]) => path.endsWith('/journal.jsonl')).slice(0, mostTraces)
    for (const [path, { id }] of journals) {
      const run = readTrace(await repository.readBlob(id, path).catch(() => ''), program)
      if (run && !runs.has(run.id)) runs.set(run.id, run)
    }
  }
  const newest = [...runs.values()].sort((a, b) => (b.events[0]?.timeMs ?? 0) - (a.events[0]?.timeMs ?? 0))
  const answered = (key: string): Answer | undefined => {
    for (const run of newest) {
      const found = answersIn(run).byKey.get(key)
      if (found) return found
    }
    return undefined
  }
  return {
    runs: newest,
    answered,
    cached: ({ key, isCached, work }) => (isCached && !readsTree.has(work.kind) ? answered(key) : undefined),
  }
}

interface Answers {
  readonly byKey: ReadonlyMap<string, Answer>
  readonly byPath: ReadonlyMap<string, Answer>
  /** Of the last execution of each step. */
  readonly byStep: ReadonlyMap<string, Answer>
}

const known = new WeakMap<RecordedRun, Answers>()

/** The accepted answers of a run, ready to be found. */
export function answersIn(run: RecordedRun): Answers {
  const found = known.get(run)
  if (found) return found
  const all = answersOf(run.events)
  const made = {
    byKey: new Map(all.map(({ key, answer }) => [key, answer])),
    byPath: new Map(all.map(({ path, answer }) => [path, answer])),
    byStep: new Map(all.map(({ path, answer }) => [stepIdOf(path), answer])),
  }
  known.set(run, made)
  return made
}

/** A trace of another version, or one that somebody has edited, counts as none. */
function readTrace(text: string, program: (created: RunCreated) => Program | undefined): RecordedRun | undefined {
  try {
    const events = readTraceJournal(text)
    const created = events[0]?.body
    return created?.type === 'run-created'
      ? { id: events[0]?.runId ?? '', created, events, program: program(created) }
      : undefined
  } catch {
    return undefined
  }
}

function recordedRun(
  events: readonly JournalEvent[],
  program: (hash: string) => Program | undefined,
): RecordedRun | undefined {
  const created = events[0]?.body
  if (created?.type !== 'run-created') return undefined
  return { id: events[0]?.runId ?? '', created, events, program: program(created.programHash) }
}

/** What the answers of each agent have cost in some runs; what was taken from another run is counted there. */
export function usagesByAgent(runs: readonly RecordedRun[]): ReadonlyMap<string, readonly Usage[]> {
  const usages = new Map<string, Usage[]>()
  for (const { events, program } of runs) {
    for (const { body } of events) {
      if (body.type !== 'attempt-succeeded' || !body.usage || body.origin) continue
      const work = program?.steps[stepIdOf(body.path)]?.work
      if (work?.kind !== 'prompt') continue
      const known = usages.get(work.agent.name) ?? []
      known.push(body.usage)
      usages.set(work.agent.name, known)
    }
  }
  return usages
}
