import type { Program } from '../compiler/program.ts'
import type { JournalEvent, Reuse } from '../model/journal-event.ts'
import { entryAt, pathAround, stepIdOf } from './path.ts'
import type { Answer, AttemptRequest } from './ports.ts'

interface Recorded {
  readonly path: string
  readonly key: string
  readonly answer: Answer
}

/** Kinds of steps whose answer depends on the files of the workspace, and not on their key alone. */
export const readsTree: ReadonlySet<AttemptRequest['work']['kind']> = new Set(['run', 'code', 'kilo', 'workflow'])

/** Kinds of steps whose answer is about what came before them, whatever words they ask in. */
const readsOutside: ReadonlySet<AttemptRequest['work']['kind']> = new Set(['ask', 'wait'])

/** The recorded answers of a run that another one takes up, so that nothing is asked for, or paid for, twice. */
export class ReusedAnswers {
  readonly #runId: string
  readonly #byPath = new Map<string, Recorded>()
  readonly #byKey = new Map<string, Recorded>()
  readonly #isFork: boolean
  readonly #isSameTree: boolean

  /**
   * `program` and `events` are those of the run whose answers are taken up; `isSameTree` tells whether both run on the
   * same files.
   */
  constructor({ kind, runId, from }: Reuse, program: Program, events: readonly JournalEvent[], isSameTree: boolean) {
    this.#runId = runId
    this.#isSameTree = isSameTree
    this.#isFork = kind === 'fork'
    const isAnew = kind === 'rollback' || from === undefined ? () => false : anewFrom(program, events, from)
    const undone = undonePaths(program, events)
    for (const recorded of answersOf(events)) {
      if (
        isAnew(recorded.path) ||
        isAfterAll(program, recorded.path) ||
        (kind !== 'rollback' && undone.has(recorded.path))
      )
        continue
      this.#byPath.set(recorded.path, recorded)
      if (!this.#byKey.has(recorded.key)) this.#byKey.set(recorded.key, recorded)
    }
  }

  /** The recorded answer to an attempt: of the same place, or, in a fork, of any place where the same was asked. */
  answerTo({ path, key, work }: AttemptRequest): Answer | undefined {
    if (!this.#isSameTree && readsTree.has(work.kind)) return undefined
    if (this.#isFork && readsOutside.has(work.kind)) return undefined
    const here = this.#byPath.get(path)
    const found = here?.key === key ? here : this.#isFork ? this.#byKey.get(key) : undefined
    if (!found) return undefined
    const { origin } = found.answer
    // An origin without a path is the run that a step has started: its answer was recorded here first.
    const isOlder = origin !== undefined && origin.path !== ''
    return { ...found.answer, origin: isOlder ? origin : { runId: this.#runId, path: found.path } }
  }
}

/** The answers that were accepted, each with its place and what was asked. */
export function answersOf(events: readonly JournalEvent[]): Recorded[] {
  const keys = new Map<string, string>()
  const accepted = new Map<string, Recorded>()
  for (const { body } of events) {
    if (body.type === 'attempt-started') keys.set(body.path, body.key)
    else if (body.type === 'attempt-rejected') accepted.delete(body.path)
    else if (body.type === 'attempt-succeeded') {
      const { type: _, path, attempt: __, ...answer } = body
      accepted.set(path, { path, key: keys.get(path) ?? '', answer: answer as Answer })
    }
  }
  return [...accepted.values()]
}

/** True inside what takes steps back, and inside what runs whatever happened: that is done again each time. */
function isAfterAll(program: Program, path: string): boolean {
  return pathsAround(program, path).some(around => {
    const role = entryAt(program, around)?.role
    return role === 'undo' || role === 'finally'
  })
}

/** The executions that a run has begun to take back: what they did is no longer there. */
function undonePaths(program: Program, events: readonly JournalEvent[]): ReadonlySet<string> {
  const undoes = new Map(Object.entries(program.steps).flatMap(([id, { undo }]) => (undo ? [[undo, id] as const] : [])))
  const undone = new Set<string>()
  for (const { body } of events) {
    const id = 'path' in body ? undoes.get(stepIdOf(body.path)) : undefined
    if (id !== undefined && 'path' in body) undone.add([...body.path.split('/').slice(0, -1), id].join('/'))
  }
  return undone
}

/** Tells of a path whether it comes after a step: it began later, and waits for the step. */
function anewFrom(program: Program, events: readonly JournalEvent[], from: string): (path: string) => boolean {
  const started = events.flatMap(({ body }) => (body.type === 'attempt-started' ? [body.path] : []))
  const isFrom = (path: string): boolean =>
    pathsAround(program, path).some(around => around === from || stepIdOf(around) === from)
  const first = started.findIndex(isFrom)
  const later = new Set(first === -1 ? [] : started.slice(first))
  const after = stepsAfter(program, stepIdOf(from))
  return path => isFrom(path) || (later.has(path) && after.has(stepIdOf(path)))
}

/** A path and those of the blocks around it. */
function pathsAround(program: Program, path: string): string[] {
  const paths = [path]
  for (let around = pathAround(program, path); around !== undefined; around = pathAround(program, around))
    paths.push(around)
  return paths
}

/** Ids of the steps that wait for a step, directly or through others; in a loop, its further turns do. */
export function stepsAfter(program: Program, from: string): ReadonlySet<string> {
  const after = new Set<string>()
  const add = (id: string): void => {
    if (after.has(id)) return
    after.add(id)
    for (const inner of program.steps[id]?.lists.flat() ?? []) add(inner)
    follow(id)
  }
  const followed = new Set<string>()
  const follow = (id: string): void => {
    if (followed.has(id)) return
    followed.add(id)
    for (const [other, entry] of Object.entries(program.steps)) if (entry.after.includes(id)) add(other)
    const parent = program.steps[id]?.parent
    if (parent === undefined) return
    if (program.steps[parent]?.work.kind === 'loop') for (const inner of program.steps[parent].lists.flat()) add(inner)
    follow(parent)
  }
  follow(from)
  return after
}
