import { canonicalJson, isMap, type Json } from '../model/json.ts'
import type { StepList, WrittenStep, WrittenWorkflow } from './diff-outline.ts'

/** Which step, and which list, of one workflow is which of another. */
export interface Pairing {
  /** By the step of the first workflow. */
  readonly steps: ReadonlyMap<WrittenStep, WrittenStep>
  /** By the step of the second. */
  readonly backwards: ReadonlyMap<WrittenStep, WrittenStep>
}

/** Two steps with less than this in common, of 1, are not taken for one that was renamed. */
const leastInCommon = 0.6
/** Where so many pairs would have to be compared, only what is the same word for word counts as renamed. */
const mostPairs = 40_000

/**
 * Pairs the steps of two workflows: by id, then by what they say, then those without an id by their place. A step that
 * keeps its id is never taken for another one.
 */
export function pairSteps(before: WrittenWorkflow, after: WrittenWorkflow): Pairing {
  const steps = new Map<WrittenStep, WrittenStep>()
  const backwards = new Map<WrittenStep, WrittenStep>()
  const pair = (one: WrittenStep, other: WrittenStep): void => {
    steps.set(one, other)
    backwards.set(other, one)
  }
  const named = new Map(after.steps.filter(({ isNamed }) => isNamed).map(step => [step.name, step]))
  for (const step of before.steps) {
    const same = step.isNamed ? named.get(step.name) : undefined
    if (same) pair(step, same)
  }
  const left = (): [WrittenStep[], WrittenStep[]] => [
    before.steps.filter(step => !steps.has(step)),
    after.steps.filter(step => !backwards.has(step)),
  ]
  for (const [one, other] of sameContents(...left())) pair(one, other)
  for (const [one, other] of similarContents(...left())) pair(one, other)
  for (const step of after.steps) {
    if (step.isNamed || backwards.has(step)) continue
    const twin = unnamedTwin(step, before, { steps, backwards })
    if (twin) pair(twin, step)
  }
  return { steps, backwards }
}

/** Which list of a step is which of the same step afterwards: by label, the others in their order. */
export function pairLists(before: readonly StepList[], after: readonly StepList[]): ReadonlyMap<StepList, StepList> {
  const pairs = new Map<StepList, StepList>()
  const free = new Set(after)
  const pair = (one: StepList, other: StepList | undefined): void => {
    if (!other) return
    pairs.set(one, other)
    free.delete(other)
  }
  for (const list of before) {
    pair(
      list,
      [...free].find(({ label }) => label === list.label),
    )
  }
  const isBranch = ({ label }: StepList): boolean => label !== 'on-error' && label !== 'undo'
  for (const list of before.filter(item => !pairs.has(item) && isBranch(item))) pair(list, [...free].find(isBranch))
  return pairs
}

type Pair = readonly [WrittenStep, WrittenStep]

function sameContents(before: readonly WrittenStep[], after: readonly WrittenStep[]): Pair[] {
  const byContent = Map.groupBy(after, contentOf)
  return before.flatMap(step => {
    const same = byContent.get(contentOf(step))?.shift()
    return same ? [[step, same] as const] : []
  })
}

function similarContents(before: readonly WrittenStep[], after: readonly WrittenStep[]): Pair[] {
  if (before.length * after.length > mostPairs) return []
  const words = new Map([...before, ...after].map(step => [step, wordsOf(contentOf(step))]))
  const scored = before.flatMap(one =>
    after
      .filter(({ kind }) => kind === one.kind)
      .map(other => ({ one, other, score: inCommon(words.get(one) ?? [], words.get(other) ?? []) })),
  )
  const taken = new Set<WrittenStep>()
  const pairs: Pair[] = []
  for (const { one, other, score } of scored.toSorted((a, b) => b.score - a.score)) {
    if (score < leastInCommon || taken.has(one) || taken.has(other)) continue
    taken.add(one).add(other)
    pairs.push([one, other])
  }
  return pairs
}

/** The first step without an id that stands in the same list, is of the same kind and is not taken. */
function unnamedTwin(
  step: WrittenStep,
  before: WrittenWorkflow,
  { steps, backwards }: Pairing,
): WrittenStep | undefined {
  const { parent, list } = step.at
  const around = parent && backwards.get(parent)
  if (parent && !around) return undefined
  const lists = pairLists(around?.lists ?? before.lists, parent?.lists ?? [list])
  const [twins] = [...lists].find(([, other]) => other === list) ?? []
  return twins?.steps.find(twin => !twin.isNamed && twin.kind === step.kind && !steps.has(twin))
}

/** All that a step says but its id. */
function contentOf({ written }: WrittenStep): string {
  if (!isMap(written)) return canonicalJson(written)
  const { id: _, ...rest } = written as Record<string, Json>
  return canonicalJson(rest)
}

function wordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}_]+/gu) ?? []).sort()
}

/** What share of the words of two sorted lists stand in both. */
function inCommon(one: readonly string[], other: readonly string[]): number {
  let [a, b, common] = [0, 0, 0]
  while (a < one.length && b < other.length) {
    const [mine = '', theirs = ''] = [one[a], other[b]]
    if (mine === theirs) common += 1
    if (mine <= theirs) a += 1
    if (theirs <= mine) b += 1
  }
  return (2 * common) / Math.max(1, one.length + other.length)
}
