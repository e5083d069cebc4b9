import { expect, test } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, createMachine, fromTransition } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import type { Chart, ChartState } from '../../src/compiler/program.ts'
import { chartsOf, nodesOf, reachable, transitionsOf } from '../compiler/charts.ts'
import { soundProgram } from '../runtime/sound-program.ts'
import { smallPrograms } from './small-programs.ts'

const guards = ['holds', 'takes', 'turns', 'isInvalid', 'retries']

/** A guard of one step, which may hold or not: `takes route 1`. That something cannot be computed is one for all. */
type Choice = string
interface Asked {
  readonly step?: unknown
  readonly branch?: unknown
}
const choiceOf = (type: string, { step, branch = '' }: Asked): Choice =>
  type === 'isInvalid' ? type : `${type} ${String(step)} ${String(branch)}`

interface Event {
  readonly type: string
  readonly output?: { readonly status: string }
  readonly yes: readonly Choice[]
}

/** The chart as XState reads it; every guard is a free choice, which the event makes for all that follows from it. */
function freeMachine(chart: Chart): AnyStateMachine {
  let yes: readonly Choice[] = []
  // A loop of which nothing waits would turn for ever, were the choice the same each time.
  let asked = 0
  const free = Object.fromEntries(
    guards.map(type => [
      type,
      (_: unknown, params: Asked) => yes.includes(choiceOf(type, params)) && (asked += 1) < 12,
    ]),
  )
  const idle = fromTransition(state => state, {})
  const machine = createMachine(
    withStateIds(chart) as never,
    {
      actors: { step: idle, scheduler: idle, each: idle },
      guards: {
        ...free,
        failed: ({ event }: { event: Event }) => event.output?.status === 'failed',
        isTimer: () => true,
      },
      actions: Object.fromEntries(actionsOf(chart).map(name => [name, () => undefined])),
    } as never,
  )
  const { transition } = machine
  machine.transition = (snapshot, event, scope) => {
    yes = (event as unknown as Event).yes
    asked = 0
    return transition.call(machine, snapshot, event, scope)
  }
  return machine
}

/** Each state says which node of the chart it is. */
function withStateIds(state: ChartState, path = 'root'): object {
  const inner = Object.entries(state.states ?? {}).map(([key, child]) => [key, withStateIds(child, `${path}/${key}`)])
  return { ...state, meta: { path }, ...(inner.length > 0 && { states: Object.fromEntries(inner) }) }
}

function actionsOf(chart: Chart): string[] {
  return [...new Set([...JSON.stringify(chart).matchAll(/"type":"([a-z-]+)"/g)].map(([, name = '']) => name))]
}

function eventsOf(chart: Chart): Event[] {
  const ids = nodesOf(chart).flatMap(({ state }) => (state.invoke ? [state.invoke.id] : []))
  const tested = nodesOf(chart)
    .flatMap(transitionsOf)
    .flatMap(({ guard }) => guard ?? [])
  const choices = new Set(
    tested.filter(({ type }) => guards.includes(type)).map(({ type, params }) => choiceOf(type, params ?? {})),
  )
  const ways = [...choices].reduce<Choice[][]>((sets, choice) => [...sets, ...sets.map(set => [...set, choice])], [[]])
  const ends = ids.flatMap(id =>
    ['succeeded', 'failed'].map(status => ({ type: `xstate.done.actor.${id}`, actorId: id, output: { status } })),
  )
  return [{ type: 'begin' }, { type: 'timer-fired' }, ...ends].flatMap(event => ways.map(yes => ({ ...event, yes })))
}

/** The nodes that XState itself enters, over all events and all choices. */
function entered(chart: Chart): Set<string> {
  const events = eventsOf(chart)
  const paths = getShortestPaths(freeMachine(chart), {
    events: events as never,
    serializeState: snapshot => JSON.stringify((snapshot as AnyMachineSnapshot).value),
    limit: 20_000,
  })
  const metas = paths.flatMap(({ state }) => Object.values((state as AnyMachineSnapshot).getMeta()))
  return new Set(metas.map(meta => (meta as { path: string }).path))
}

test('XState enters exactly the states that the transitions of a chart lead to', () => {
  let states = 0
  for (const [name, source] of smallPrograms()) {
    for (const chart of chartsOf(soundProgram(source).program)) {
      const found = entered(chart)
      const nodes = nodesOf(chart)
      const led = [...reachable(nodes)].filter(({ children }) => children.length === 0)
      const pathOf = (node: (typeof nodes)[number]): string =>
        node.parent ? `${pathOf(node.parent)}/${node.key}` : 'root'
      // A choice and the end of a block are passed through: seen are states that wait, and the ends of the chart.
      const stays = led.filter(
        ({ state, parent }) => state.invoke ?? state.on ?? (parent?.parent === undefined && state.type),
      )
      const seen = stays.map(pathOf)
      expect([name, chart.id, seen.filter(path => !found.has(path))]).toEqual([name, chart.id, []])
      states += seen.length
    }
  }
  expect(states).toBeGreaterThan(1000)
}, 240_000)
