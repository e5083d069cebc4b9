import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Expressions } from '../../src/model/expression.ts'
import { renameReferences } from '../../src/model/expression-rename.ts'
import type { Reference } from '../../src/model/expression-tree.ts'
import { cases } from '../generators/cases.ts'

/** As a template is spliced in: its ids get a prefix, its inputs become the output of a step. */
function splice({ root, member }: Reference): string | undefined {
  if (root === 'steps' && member !== undefined) return `steps["sum-${member}"]`
  if (root === 'inputs') return 'steps["sum-with"].output'
  if (root === 'x') return 'steps["sum-with"].output.x'
  return undefined
}

test.each([
  ['steps.read.output', 'steps["sum-read"].output'],
  ['steps["read"].output', 'steps["sum-read"].output'],
  ["steps[ 'read' ] .output", 'steps["sum-read"] .output'],
  ['steps\n.read // what was read.\n.output', 'steps["sum-read"]\n // what was read.\n.output'],
  ['steps // first. [sic]\n.read.output', 'steps["sum-read"] // first. [sic]\n.output'],
  ['(steps).read', '(steps["sum-read"])'],
  ['((steps).read).output', '((steps["sum-read"])).output'],
  ['((steps) ["read"]).output', '((steps["sum-read"]) ).output'],
  ['inputs.x + inputs["y"]', 'steps["sum-with"].output.x + steps["sum-with"].output["y"]'],
  ['json(inputs)', 'json(steps["sum-with"].output)'],
  ['x', 'steps["sum-with"].output.x'],
  ['x.y[x.z]', 'steps["sum-with"].output.x.y[steps["sum-with"].output.x.z]'],
  ['run.x + "x" + r"inputs.x" + """steps.read"""', 'run.x + "x" + r"inputs.x" + """steps.read"""'],
  ['{"x": x, x: 1}', '{"x": steps["sum-with"].output.x, steps["sum-with"].output.x: 1}'],
  ['items.map(x, x + 1)', 'items.map(x, x + 1)'],
  ['x.map(x, x + 1)', 'steps["sum-with"].output.x.map(x, x + 1)'],
  ['items.map(inputs, inputs.x + steps.a.output)', 'items.map(inputs, inputs.x + steps["sum-a"].output)'],
  ['steps[x].output', 'steps[steps["sum-with"].output.x].output'],
  ['1 +', '1 +'],
])('%s becomes %s', (source, renamed) => {
  expect(renameReferences(source, splice)).toBe(renamed)
})

test('a macro variable makes way for a name that comes in', () => {
  expect(renameReferences('items.map(steps, steps.n + x)', splice)).toBe(
    'items.map(steps_, steps_.n + steps["sum-with"].output.x)',
  )
  expect(renameReferences('items.map(steps, k.map(steps, x))', splice)).toBe(
    'items.map(steps__, k.map(steps_, steps["sum-with"].output.x))',
  )
  expect(renameReferences('items.map(steps, steps_ + x)', splice)).toBe(
    'items.map(steps__, steps_ + steps["sum-with"].output.x)',
  )
})

const chain = fc.constantFrom('steps.read.output', '(steps["read"]).output', 'inputs.x', 'inputs["y"]', 'x', 'k', 'n')
const { source } = fc.letrec<{ source: string }>(tie => ({
  source: fc.oneof(
    { depthSize: 'small' },
    chain,
    fc.constantFrom('1', '"inputs.x"', 'null'),
    fc.tuple(tie('source'), tie('source')).map(([a, b]) => `[${a}, // x\n${b}]`),
    fc.tuple(tie('source'), tie('source')).map(([a, b]) => `(${a} == null ? ${b} : ${a})`),
    fc
      .tuple(tie('source'), fc.constantFrom('x', 'steps', 'inputs', 'n'), tie('source'))
      .map(([a, name, b]) => `[${a}, ${a}].map(${name}, [${name}, ${b}])`),
  ),
}))

test('a renamed expression has the value in the renamed scope that it had before', () => {
  const expressions = new Expressions(['steps', 'inputs', 'x', 'n', 'k'])
  const inputs = { x: [1, { x: 2 }], y: 'why' }
  const read = { output: { x: 3 } }
  const outcome = (text: string, scope: Record<string, unknown>): unknown => {
    try {
      return expressions.evaluate(text, scope)
    } catch {
      return 'failed'
    }
  }
  fc.assert(
    fc.property(source, text => {
      const before = outcome(text, { steps: { read }, inputs, x: inputs.x, n: 4, k: null })
      const steps = { 'sum-read': read, 'sum-with': { output: inputs } }
      expect(outcome(renameReferences(text, splice), { steps, n: 4, k: null })).toEqual(before)
    }),
    cases(2_000),
  )
})
