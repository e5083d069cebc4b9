import type { Permissions } from '../checker/permissions.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { FileDifference } from './changes.ts'

/** The least and the most that is expected. */
export interface Range {
  readonly low: number
  readonly high: number
}

/**
 * What becomes of a step in a run: `cached` is answered from a recorded run; `again` asks what was asked before and is
 * asked once more; `anew` asks what was never asked, or what depends on an answer that is not known yet.
 */
export type Verdict = 'cached' | 'again' | 'anew'

/** One execution of a step that a run would come to. */
export interface PlannedStep {
  readonly path: string
  readonly kind: string
  readonly agent?: string
  /** The models that are tried in order; empty means the default one. */
  readonly models?: readonly string[]
  /** For a step of a workflow that is called: the name of that workflow. */
  readonly calledIn?: string
  readonly verdict: Verdict
}

/** What a run would spend on models. */
export interface PlannedSpending {
  readonly inputTokens: Range
  readonly outputTokens: Range
  /** Null where a price, or an agent, is not known. */
  readonly costUsd: Range | null
  /** Agents of which nothing is recorded: what they will spend is not in the ranges. */
  readonly unknown: readonly string[]
}

/** A run that would start. */
export interface PlannedRun {
  readonly workflow: string
  readonly case: string
  /** The path of the workflow file. */
  readonly file: string
  readonly steps: readonly PlannedStep[]
  /** True when there are more steps than were looked at. */
  readonly isCut: boolean
  /** The recorded run that its steps are compared with, where there is one. */
  readonly recorded?: string
  readonly spending: PlannedSpending
}

/** Permissions that a workflow did not ask for before, in words. */
export interface NewPermissions {
  readonly workflow: string
  readonly asks: readonly string[]
}

/** What would happen if a branch that has come to `base` came to `head`. */
export interface Plan {
  readonly base: string
  readonly head: string
  readonly branch: string
  /** Why a daemon would not act on `head`, where it would not. */
  readonly refused?: string
  readonly files: readonly FileDifference[]
  readonly runs: readonly PlannedRun[]
  readonly permissions: readonly NewPermissions[]
  readonly diagnostics: readonly Diagnostic[]
}

/** How many steps of a run have a verdict. */
export function countSteps({ steps }: Pick<PlannedRun, 'steps'>, ...verdicts: readonly Verdict[]): number {
  return steps.filter(({ verdict }) => verdicts.includes(verdict)).length
}

/** What several runs would spend together. */
export function addSpending(all: readonly PlannedSpending[]): PlannedSpending {
  return all.reduce(
    (sum, each) => ({
      inputTokens: addRanges(sum.inputTokens, each.inputTokens),
      outputTokens: addRanges(sum.outputTokens, each.outputTokens),
      costUsd: sum.costUsd && each.costUsd && addRanges(sum.costUsd, each.costUsd),
      unknown: [...new Set([...sum.unknown, ...each.unknown])].sort(),
    }),
    { inputTokens: nothing, outputTokens: nothing, costUsd: nothing, unknown: [] } as PlannedSpending,
  )
}

const nothing: Range = { low: 0, high: 0 }

/** The sum of two ranges. */
export function addRanges(one: Range, other: Range): Range {
  return { low: one.low + other.low, high: one.high + other.high }
}

/** What a workflow asks to be allowed and did not ask for before, in words; without `before`, all that it asks for. */
export function newPermissions(before: Permissions | undefined, after: Permissions): string[] {
  const flags = [
    ['commands', 'shell commands'],
    ['network', 'the network, in shell commands'],
    ['kilo', 'a coding agent'],
  ] as const
  const lists = [
    ['hosts', 'HTTP requests to'],
    ['tools', 'the tool'],
    ['modules', 'the module'],
    ['secrets', 'the secret'],
  ] as const
  return [
    ...flags.flatMap(([name, words]) => (after[name] && !before?.[name] ? [words] : [])),
    ...lists.flatMap(([name, words]) =>
      after[name].filter(item => !before?.[name].includes(item)).map(item => `${words} ${item}`),
    ),
  ]
}
