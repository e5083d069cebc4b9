import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assign, createActor, createMachine } from 'xstate'
import type { Chart, Program } from '../../src/compiler/program.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { soundProgram } from '../runtime/sound-program.ts'
import { chartsOf, nodesOf, reachable, targetOf, transitionsOf } from './charts.ts'

function holds(law: (program: Program) => void): void {
  fc.assert(
    fc.property(workflowSource, source => law(soundProgram(source).program)),
    cases(300),
  )
}

test('every step is one state of one chart, or one leaf that a scheduler starts by itself', () => {
  holds(program => {
    const ids = chartsOf(program).flatMap(chart => nodesOf(chart).flatMap(({ state }) => state.id ?? []))
    const listed = Object.values(program.lists).flatMap(list => list.map(({ step }) => step))
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(listed).size).toBe(listed.length)
    for (const id of program.order) {
      const isLeafOfList = listed.includes(id) && program.charts[id] === undefined
      expect(ids.includes(id), id).toBe(!isLeafOfList)
    }
    expect(Object.keys(program.steps)).toEqual(program.order)
  })
})

test('every transition leads to a state of its chart', () => {
  holds(program => {
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
})

test('every state can be entered, but for the failure of a chart in which nothing can fail', () => {
  holds(program => {
    for (const chart of chartsOf(program)) {
      const nodes = nodesOf(chart)
      const entered = reachable(nodes)
      const idle = nodes.filter(node => !entered.has(node)).map(({ key }) => key)
      expect(idle.filter(key => key !== 'Failed')).toEqual([])
    }
  })
})

test('what a scheduler waits for stands in its list, and nothing waits for itself', () => {
  holds(program => {
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
})

test('invocations of a chart have different ids', () => {
  holds(program => {
    for (const chart of chartsOf(program)) {
      const ids = nodesOf(chart).flatMap(({ state }) => state.invoke?.id ?? [])
      expect(new Set(ids).size).toBe(ids.length)
    }
  })
})

test('a program is JSON: named references, and nothing lost on the way', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const { compiled, program } = soundProgram(source)
      expect(program).toStrictEqual(compiled)
    }),
    cases(300),
  )
})

test('the graph has a node a step, and its edges join nodes', () => {
  holds(({ graph, order }) => {
    expect(graph.nodes.map(({ id }) => id)).toEqual(order)
    const known = new Set(order)
    for (const { from, to } of graph.edges) expect(known.has(from) && known.has(to)).toBe(true)
    for (const { parent } of graph.nodes) if (parent !== undefined) expect(known.has(parent)).toBe(true)
  })
})

/** The few lines that anybody needs to run a chart in plain XState, with every step a success. */
function runPlain(chart: Chart, holdsAlways: boolean): unknown {
  const done = createMachine({ initial: 'end', states: { end: { type: 'final' } }, output: { status: 'succeeded' } })
  const count = (by: (turn: number) => number): unknown =>
    assign(({ context }: { context: Record<string, number> }, { step }: { step: string }) => ({
      [step]: by(context[step] ?? -1),
    }))
  const guards = {
    failed: ({ event }: { event: { output?: { status?: string } } }) => event.output?.status === 'failed',
    isInvalid: () => false,
    holds: () => holdsAlways,
    takes: () => holdsAlways,
    turns: ({ context }: { context: Record<string, number> }, { step, max }: { step: string; max: number }) =>
      (context[step] ?? -1) + 1 < max,
  }
  const actions = {
    'enter-loop': count(() => -1),
    'begin-turn': count(turn => turn + 1),
    'take-branch': () => undefined,
    settle: () => undefined,
    skip: () => undefined,
    reject: () => undefined,
    fail: () => undefined,
  }
  const config = { ...(JSON.parse(JSON.stringify(chart)) as object), context: {} }
  const machine = createMachine(config as never, { actors: { step: done, scheduler: done }, guards, actions } as never)
  const actor = createActor(machine).start()
  actor.send({ type: 'begin' })
  return actor.getSnapshot().value
}

test('a machine that has been through JSON runs to its success in plain XState', () => {
  fc.assert(
    fc.property(workflowSource, fc.boolean(), (source, holdsAlways) => {
      for (const chart of chartsOf(soundProgram(source).program)) expect(runPlain(chart, holdsAlways)).toBe('Succeeded')
    }),
    cases(300),
  )
})
