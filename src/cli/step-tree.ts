import { tryCounter } from '../compiler/frames.ts'
import type { Program, StepEntry, StepWork } from '../compiler/program.ts'
import type { StatusWord } from '../model/glyph.ts'
import { isReused, type RunStatus, type StepStatus, wordOfStep } from '../runtime/status.ts'
import { stepIdOf } from '../trace/step-order.ts'

/** A step of a run as the tree shows it: of a loop, the turn that is under way. */
export interface StepNode {
  readonly id: string
  readonly path: string
  readonly work: StepWork
  readonly word: StatusWord
  /** Undefined until something was heard of it; a block is first heard of when it settles, branches or turns. */
  readonly step: StepStatus | undefined
  readonly children: readonly StepNode[]
  /** Of the step itself, or of everything in the block and all its turns. */
  readonly tokens: number
  readonly startedMs: number | undefined
}

/** What all turns of a step have come to. */
interface Total {
  readonly tokens: number
  readonly startedMs: number
}

/** The steps of a run as a tree, in document order. Branches that were not taken are left out. */
export function stepTree(program: Program, status: RunStatus): StepNode[] {
  const totals = totalsById(status)
  const tokensInside = (id: string): number => {
    const inside = program.steps[id]?.lists.flat() ?? []
    return inside.reduce((sum, child) => sum + tokensInside(child), totals.get(id)?.tokens ?? 0)
  }
  const nodeOf = (id: string, turns: Readonly<Record<string, number>>): StepNode[] => {
    const entry = program.steps[id]
    if (!entry || (entry.work.kind === 'set' && entry.work.isInternal)) return []
    const path = pathIn(entry, id, turns)
    const step = status.steps.get(path)
    const inside = { ...turns, ...countersOf(entry, path, step, status) }
    const children = [
      ...takenLists(entry.work, entry.lists, step).flatMap(list => list.flatMap(child => nodeOf(child, inside))),
      ...(step?.isHandled ? (entry.handler ?? []) : []).flatMap(child => nodeOf(child, turns)),
    ]
    const isBlock = entry.lists.length > 0
    const own = totals.get(id)
    const starts = [own?.startedMs, ...children.map(child => child.startedMs)].filter(start => start !== undefined)
    return [
      {
        ...{ id, path, work: entry.work, step, children },
        word: wordOf(step, children),
        tokens: isBlock ? tokensInside(id) : tokensOf(step),
        startedMs: isBlock ? starts.reduce<number | undefined>(least, undefined) : step?.startedMs,
      },
    ]
  }
  return [...program.top, ...(program.finally?.steps ?? [])].flatMap(id => nodeOf(id, {}))
}

/** Of what a block does several times the tree shows the last: its try, its turn, its item. */
function countersOf(
  { work }: StepEntry,
  path: string,
  step: StepStatus | undefined,
  status: RunStatus,
): Readonly<Record<string, number>> {
  const tries = step?.tries ?? 0
  const counters = { [tryCounter(work.id)]: tries }
  if (work.kind === 'loop') return { ...counters, [work.id]: Math.max(0, (step?.turns ?? 1) - 1) }
  if (work.kind !== 'each') return counters
  const place = work.retry.attempts > 0 ? `${path}/${tries}/` : `${path}/`
  const items = [...status.steps.keys()]
    .filter(key => key.startsWith(place))
    .map(key => Number.parseInt(key.slice(place.length), 10))
  return { ...counters, [work.id]: Math.max(0, ...items) }
}

/** The path of a step where the counters around it stand so; one that is not given is at its beginning. */
function pathIn(entry: StepEntry, id: string, turns: Readonly<Record<string, number>>): string {
  const parts = entry.frames.flatMap(({ block, counter }, index) => {
    const number = String(turns[counter] ?? 0)
    return entry.frames[index - 1]?.block === block ? [number] : [block, number]
  })
  return [...parts, id].join('/')
}

/** Input and output tokens of all attempts of a step; none for an answer that another run has paid for. */
export function tokensOf(step: StepStatus | undefined): number {
  if (step && isReused(step)) return 0
  const usages = step?.attempts.flatMap(({ usage }) => usage ?? []) ?? []
  return usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0)
}

function takenLists(
  work: StepWork,
  lists: readonly (readonly string[])[],
  step: StepStatus | undefined,
): readonly (readonly string[])[] {
  if (work.kind !== 'switch') return lists
  const index = work.branches.findIndex(({ label }) => label === step?.branch)
  return lists.slice(index, index + 1)
}

function wordOf(step: StepStatus | undefined, children: readonly StepNode[]): StatusWord {
  if (step) return wordOfStep(step)
  return children.some(({ word, step: inside }) => inside !== undefined || word !== 'waiting') ? 'running' : 'waiting'
}

function totalsById(status: RunStatus): ReadonlyMap<string, Total> {
  const totals = new Map<string, Total>()
  for (const step of status.steps.values()) {
    const id = stepIdOf(step.path)
    const before = totals.get(id)
    const tokens = (before?.tokens ?? 0) + tokensOf(step)
    totals.set(id, { tokens, startedMs: Math.min(before?.startedMs ?? step.startedMs, step.startedMs) })
  }
  return totals
}

function least(a: number | undefined, b: number): number {
  return a === undefined || b < a ? b : a
}
