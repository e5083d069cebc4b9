import fc from 'fast-check'
import { createMachine } from 'xstate'
import { expect, test } from 'vitest'
import { wholeChart } from '../../src/compiler/whole-chart.ts'
import { ChartState } from '../../src/server/chart-contract.ts'
import type { ChartState as Definition, StateValue } from '../../src/ui/api/answers.ts'
import { activeKeys, chartGraphOf } from '../../src/ui/inspect/chart-graph.ts'
import { layoutChart } from '../../src/ui/inspect/chart-layout.ts'
import { cases } from '../generators/cases.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { soundProgram } from '../runtime/sound-program.ts'

/** The way from one state to those that XState says that it leads to. */
interface Node {
  readonly path: readonly string[]
  readonly states: Readonly<Record<string, Node>>
  readonly transitions: ReadonlyMap<string, readonly { readonly target?: readonly Node[] }[]>
  readonly always?: readonly { readonly target?: readonly Node[] }[]
}

function ways(node: Node): string[] {
  const targets = [...node.transitions.values(), node.always ?? []].flat().flatMap(({ target = [] }) => target)
  const own = targets.map(({ path }) => `${keyOf(node.path)} ${keyOf(path)}`)
  return [...own, ...Object.values(node.states).flatMap(ways)]
}

function keyOf(path: readonly string[]): string {
  return ['#', ...path].join('.')
}

function definitionOf(source: Parameters<typeof soundProgram>[0]): Definition {
  return ChartState.parse(JSON.parse(JSON.stringify(wholeChart(soundProgram(source).program)))) as Definition
}

test('every state of a chart is drawn, and every line leads where XState says', () => {
  fc.assert(
    fc.property(workflowSourceOf(3), source => {
      const definition = definitionOf(source)
      const { nodes, lines } = chartGraphOf(definition)
      const machine = createMachine(definition as never)
      const drawn = lines.map(({ from, to }) => `${from} ${to}`)
      expect(new Set(drawn)).toEqual(new Set(ways(machine.root as unknown as Node)))
      expect(new Set(nodes.map(({ key }) => key)).size).toBe(nodes.length)
    }),
    cases(200),
  )
})

test('the active states are those of the value, and those around them', () => {
  fc.assert(
    fc.property(workflowSourceOf(3), source => {
      const definition = definitionOf(source)
      const machine = createMachine(definition as never)
      const state = machine.resolveState({ value: {}, context: {} })
      const keys = new Set(state._nodes.map(({ path }) => keyOf(path)))
      expect(activeKeys(state.value as StateValue)).toEqual(keys)
    }),
    cases(200),
  )
})

test('states are placed inside of those around them', async () => {
  await fc.assert(
    fc.asyncProperty(workflowSourceOf(2), async source => {
      const graph = chartGraphOf(definitionOf(source))
      const { boxes, width, height } = await layoutChart(graph)
      const places = new Map(boxes.map(box => [box.key, box]))
      for (const { key, parent } of graph.nodes) {
        const box = places.get(key)
        const around = parent === undefined ? { x: 0, y: 0, width, height } : places.get(parent)
        if (!box || !around) throw new Error(`${key} has no place`)
        expect(box.x).toBeGreaterThanOrEqual(around.x)
        expect(box.y + box.height).toBeLessThanOrEqual(around.y + around.height + 0.01)
      }
    }),
    cases(15),
  )
})
