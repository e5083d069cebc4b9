import type { StatusWord } from '../../model/glyph.ts'
import type { Attempt, Graph, Step } from '../api/answers.ts'
import { wordOfStep } from '../app/status-words.ts'
import type { LiveRun } from '../live/live-run.ts'

/** A step of the graph, with the executions of it that there have been. */
export interface NodeView {
  readonly word: StatusWord
  /** The execution that tells how the step is: one that is under way, else the last. */
  readonly step: Step | undefined
  readonly executions: readonly Step[]
}

const untouched: NodeView = { word: 'waiting', step: undefined, executions: [] }

/** The id of the step that a path names an execution of: `judge` of `refine/2/judge`. */
export function stepIdOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

type Views = ReadonlyMap<string, NodeView>

const viewsOfLive = new WeakMap<LiveRun, Views>()
let latest: Views = new Map()

/** The steps that have been begun, by their id in the graph. */
export function nodeViews(live: LiveRun): Views {
  const known = viewsOfLive.get(live)
  if (known) return known
  const byNode = Map.groupBy(live.steps.values(), ({ path }) => stepIdOf(path))
  const views = new Map([...byNode].map(([id, executions]) => [id, sameOr(latest.get(id), executions)]))
  viewsOfLive.set(live, views)
  latest = views
  return views
}

/** How a step of the graph is. */
export function nodeView(live: LiveRun | undefined, id: string): NodeView {
  return (live && nodeViews(live).get(id)) ?? untouched
}

/** What has not changed stays the same object, so that nothing is drawn anew for it. */
function sameOr(before: NodeView | undefined, executions: readonly Step[]): NodeView {
  const isSame =
    before?.executions.length === executions.length &&
    before.executions.every((step, index) => step === executions[index])
  return isSame ? before : viewOf(executions)
}

function viewOf(executions: readonly Step[]): NodeView {
  const step = executions.find(isAsking) ?? executions.findLast(isOpen) ?? executions.at(-1)
  return { word: step ? wordOfStep(step) : 'waiting', step, executions }
}

function isOpen({ endedMs }: Step): boolean {
  return endedMs === undefined
}

export function isAsking(step: Step): boolean {
  return wordOfStep(step) === 'asking'
}

/** The second line of a step's card: how many turns, and who works or has worked; before that, what the step does. */
export interface SecondLine {
  readonly text: string
  /** Behind the text, and the last to be cut off. */
  readonly host?: string | undefined
}

export function secondLine({ step, executions }: NodeView, label: string): SecondLine {
  const { model, host } = step?.attempts.at(-1) ?? {}
  const turns = executions.length > 1 ? [`${executions.length} turns`] : []
  if (model === undefined) return { text: [...turns, label].join(' · ') }
  // A host that names no model of its own serves `default`: that tells nobody anything.
  const models = model === 'default' && host !== undefined ? [] : [model]
  return { text: [...turns, ...models].join(' · '), host }
}

/** How many steps of the graph are over, of how many; blocks are not counted beside what is in them. */
export function progressOf(live: LiveRun): { readonly done: number; readonly all: number } {
  const leaves = leavesOf(live.run.graph)
  const views = nodeViews(live)
  const done = leaves.filter(id => views.get(id)?.step?.endedMs !== undefined).length
  return { done, all: leaves.length }
}

function leavesOf({ nodes }: Graph): string[] {
  const blocks = new Set(nodes.map(({ parent }) => parent))
  return nodes.filter(({ id }) => !blocks.has(id)).map(({ id }) => id)
}

/**
 * The step to show to somebody who has not chosen one: the one that the failure began with, or one that waits for a
 * person.
 */
export function firstToShow(live: LiveRun): string | undefined {
  const { error } = live.run
  if (error && live.steps.has(error.step)) return error.step
  const steps = [...live.steps.values()]
  const failed = error && steps.findLast(({ path }) => stepIdOf(path) === stepIdOf(error.step))
  return failed?.path ?? steps.find(isAsking)?.path
}

/** The execution that works now: the latest begun that is no block around others. */
export function runningStep(live: LiveRun): string | undefined {
  const blocks = new Set(live.run.graph.nodes.map(({ parent }) => parent))
  const open = [...live.steps.values()].filter(step => isOpen(step) && !blocks.has(stepIdOf(step.path)))
  return open.at(-1)?.path
}

/** Steps that failed, or only those, in the order in which they began. */
export function shownSteps(live: LiveRun, isOnlyFailed: boolean): Step[] {
  const steps = [...live.steps.values()]
  return isOnlyFailed ? steps.filter(isFailing) : steps
}

function isFailing({ status, attempts }: Step): boolean {
  return status === 'failed' || attempts.some(({ failure }) => failure !== undefined)
}

/** False for what was skipped, and for a block that was only told of when it was over. */
export function tookTime({ status, attempts, startedMs, endedMs }: Step): boolean {
  return status !== 'skipped' && (attempts.length > 0 || startedMs !== endedMs)
}

/** The attempt that a person chose, or else the last. */
export function chosenAttempt({ attempts }: Step, number: number | undefined): Attempt | undefined {
  return attempts.find(({ attempt }) => attempt === number) ?? attempts.at(-1)
}

/** Which turn of which block an execution is, for people: `turn 2` for `refine/1/judge`; empty outside of blocks. */
export function turnText(path: string): string {
  const numbers = path.split('/').filter(part => /^\d+$/.test(part))
  return numbers.length === 0 ? '' : `turn ${numbers.map(number => Number(number) + 1).join(' · ')}`
}
