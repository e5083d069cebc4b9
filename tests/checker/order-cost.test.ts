import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { emptyLibrary } from '../../src/checker/library.ts'
import { hasSettledBefore, orderOf } from '../../src/checker/order.ts'
import { Outline } from '../../src/checker/outline.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'

/** Steps of which each waits for two above it, though not for the next, and reads one further up. */
function tangled(steps: number): string {
  const rows = Array.from({ length: steps }, (_, index) => {
    const needs = [index - 2, index - 3].filter(above => above >= 0).map(above => `s${above}`)
    const value = index < 5 ? '1' : `\${steps.s${index - 5}.output.x}`
    return `- { id: s${index}, needs: [${needs.join(', ')}], set: { x: "${value}" } }`
  })
  return `steps:\n${rows.join('\n')}\n`
}

/** How often the order of the list is looked at to see that every read is sound. */
function looksAtOrder(steps: number): number {
  const { workflow } = check(parseWorkflow(tangled(steps), 'workflows/tangled.yaml'), emptyLibrary)
  if (!workflow) throw new Error('not sound')
  const outline = new Outline(workflow)
  const { after, shape } = orderOf(outline.listOf(workflow.steps), outline)
  expect(shape).toBe('graph')
  let looks = 0
  const get = after.get.bind(after)
  const counted = (id: string): readonly string[] | undefined => {
    looks += 1
    return get(id)
  }
  Object.assign(after, { get: counted })
  for (const { step } of outline.entries.values())
    for (const id of outline.reads(step)) expect(hasSettledBefore(id, step, outline)).toBe(true)
  return looks
}

test('twice as many steps that read one another take twice as many looks at their order', () => {
  expect(looksAtOrder(800)).toBeLessThanOrEqual(2.1 * looksAtOrder(400))
})
