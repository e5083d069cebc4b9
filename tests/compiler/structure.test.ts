import fc from 'fast-check'
import { expect } from 'vitest'
import { assign, createActor, createMachine } from 'xstate'
import type { Chart, Program } from '../../src/compiler/program.ts'
import { bodyLists } from '../../src/model/step-lists.ts'
import type { Step } from '../../src/model/step.ts'
import { sharedLaws } from '../generators/shared-laws.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { placesOf } from '../runtime/places.ts'
import { soundProgram } from '../runtime/sound-program.ts'
import { chartsOf, type Node, nodesOf, reachable, targetOf, transitionsOf } from './charts.ts'

const holds = sharedLaws(
  fc.tuple(workflowSource, fc.boolean()),
  ([source, holdsAlways]) => ({ ...soundProgram(source), holdsAlways }),
  1000,
)

/** True for a leaf whose own actor is enough where a scheduler, an `each` or the undo starts it. */
function isStartedAlone(id: string, { steps, charts, lists }: Program): boolean {
  const { role, parent } = steps[id] ?? {}
  if (charts[id] !== undefined) return false
  if (role === 'undo' || Object.values(lists).some(list => list.some(({ step }) => step === id))) return true
  const isItem = parent !== undefined && role === 'body' && steps[parent]?.work.kind === 'each'
  return isItem && charts[`${parent}:item`] === undefined && steps[parent]?.lists[0]?.length === 1
}

holds('every step is one state of one chart, or one leaf whose actor is started by itself', ({ program }) => {
  const ids = chartsOf(program).flatMap(chart => nodesOf(chart).flatMap(({ state }) => state.id ?? []))
  const listed = Object.values(program.lists).flatMap(list => list.map(({ step }) => step))
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(listed).size).toBe(listed.length)
  for (const id of program.order) expect(ids.includes(id), id).toBe(!isStartedAlone(id, program))
  expect(Object.keys(program.steps)).toEqual(program.order)
})

holds('every transition leads to a state of its chart', ({ program }) => {
  for (const chart of chartsOf(program)) {
    const nodes = nodesOf(chart)
    for (const node of nodes) {
      if (node.state.initial !== undefined) expect(Object.keys(node.state.states ?? {})).toContain(node.state.initial)
      for (const { target } of transitionsOf(node)) {
        expect(target).toBeDefined()
        expect(targetOf(target ?? '', node, nodes), `${target} from ${node.key}`).toBeDefined()
      }
    }
  }
})

holds('every state can be entered, but for what follows a failure where nothing can fail', ({ program, workflow }) => {
  const steps = new Map([...placesOf(workflow)].map(([id, { step }]) => [id, step]))
  for (const chart of chartsOf(program)) {
    const nodes = nodesOf(chart)
    const entered = reachable(nodes)
    for (const node of nodes) {
      if (entered.has(node) || node.key === 'Failed') continue
      const path = pathOf(node)
      const holders = path.flatMap(({ key }, index) =>
        ['Caught', 'Backoff', 'Handler'].includes(key) ? (steps.get(path[index - 1]?.key ?? '') ?? []) : [],
      )
      expect(holders.every(failsInside), path.map(({ key }) => key).join(' ')).toBe(false)
    }
  }
})

/** A state and those around it, outermost first. */
function pathOf(node: Node): Node[] {
  return node.parent ? [...pathOf(node.parent), node] : [node]
}

/** True when a failure can leave a step. */
function escapes(step: Step): boolean {
  if (step.onError === 'continue') return false
  return failsInside(step) && (step.handler === undefined || step.handler.some(escapes))
}

/** True when a step can fail, whatever deals with that. */
function failsInside(step: Step): boolean {
  if ('output' in step || step.kind === 'each') return true
  const isTested = step.if !== undefined || step.expect !== undefined || step.timeoutMs !== undefined
  const isLoopTested = step.kind === 'loop' && (step.while ?? step.until) !== undefined
  const isChosen = step.kind === 'switch' && (step.chooser ?? step.branches.find(({ when }) => when)) !== undefined
  return isTested || isLoopTested || isChosen || bodyLists(step).some(list => list.some(escapes))
}

holds('what a scheduler waits for stands in its list, and nothing waits for itself', ({ program }) => {
  for (const list of Object.values(program.lists)) {
    const settled = new Set<string>()
    let left = [...list]
    while (left.length > 0) {
      const ready = left.filter(({ after }) => after.every(id => settled.has(id)))
      expect(ready.length, JSON.stringify(left)).toBeGreaterThan(0)
      for (const { step } of ready) settled.add(step)
      left = left.filter(({ step }) => !settled.has(step))
    }
  }
})

holds('invocations of a chart have different ids', ({ program }) => {
  for (const chart of chartsOf(program)) {
    const ids = nodesOf(chart).flatMap(({ state }) => state.invoke?.id ?? [])
    expect(new Set(ids).size).toBe(ids.length)
  }
})

holds('a program is JSON: named references, and nothing lost on the way', ({ compiled, program }) => {
  expect(program).toStrictEqual(compiled)
})

holds('the graph has a node a step, and its edges join nodes', ({ program: { graph, order } }) => {
  expect(graph.nodes.map(({ id }) => id)).toEqual(order)
  const known = new Set(order)
  for (const { from, to } of graph.edges) expect(known.has(from) && known.has(to)).toBe(true)
  for (const { parent } of graph.nodes) if (parent !== undefined) expect(known.has(parent)).toBe(true)
})

/** The names of everything of one sort that a chart refers to. */
function referencesOf(chart: Chart, sort: 'guard' | 'actions'): string[] {
  return nodesOf(chart).flatMap(node => {
    const transitions = transitionsOf(node)
    const found =
      sort === 'guard'
        ? transitions.flatMap(({ guard }) => guard ?? [])
        : transitions.flatMap(({ actions = [] }) => actions)
    return [...found, ...(sort === 'actions' ? (node.state.entry ?? []) : [])].map(({ type }) => type)
  })
}

/** The few lines that anybody needs to run a chart in plain XState, with every step a success. */
function runPlain(chart: Chart, holdsAlways: boolean): unknown {
  const done = createMachine({ initial: 'end', states: { end: { type: 'final' } }, output: { status: 'succeeded' } })
  const count = (by: (turn: number) => number): unknown =>
    assign(({ context }: { context: Record<string, number> }, { step }: { step: string }) => ({
      [step]: by(context[step] ?? -1),
    }))
  const none = <T>(names: string[], what: T): Record<string, T> => Object.fromEntries(names.map(name => [name, what]))
  const guards = {
    ...none(referencesOf(chart, 'guard'), () => false),
    holds: (_: unknown, { at }: { at?: string }) => holdsAlways || at === 'expect',
    takes: () => holdsAlways,
    turns: ({ context }: { context: Record<string, number> }, { step, max }: { step: string; max: number }) =>
      (context[step] ?? -1) + 1 < max,
  }
  const actions = {
    ...none(referencesOf(chart, 'actions'), () => undefined),
    'enter-loop': count(() => -1),
    'begin-turn': count(turn => turn + 1),
  }
  const actors = { step: done, scheduler: done, each: done }
  const config = { ...(JSON.parse(JSON.stringify(chart)) as object), context: {} }
  const machine = createMachine(config as never, { actors, guards, actions } as never)
  const actor = createActor(machine).start()
  actor.send({ type: 'begin' })
  return actor.getSnapshot().value
}

holds('a machine that has been through JSON runs to its success in plain XState', ({ program, holdsAlways }) => {
  for (const chart of chartsOf(program)) expect(runPlain(chart, holdsAlways)).toBe('Succeeded')
})
