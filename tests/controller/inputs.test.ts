import { expect, test } from 'vitest'
import { readInput, resolveInputs, unsetInputs } from '../../src/controller/inputs.ts'
import type { Input } from '../../src/model/workflow.ts'

const inputs: Record<string, Input> = {
  topic: { schema: { type: 'string' } },
  depth: { schema: { type: 'integer', minimum: 1, maximum: 9 }, default: 2 },
  kind: { schema: { enum: ['bug', '7'] }, default: 'bug' },
}

test('a run has the inputs that are given, and defaults for the rest', () => {
  expect(resolveInputs({ inputs }, { topic: 'owls', depth: 3 })).toEqual({
    ok: true,
    inputs: { topic: 'owls', depth: 3, kind: 'bug' },
  })
})

test.each<[name: string, value: string | number | string[], problem: string]>([
  ['depth', 'many', 'Input "depth" cannot be "many". Write a whole number.'],
  ['depth', 0, 'Input "depth" cannot be 0. Write 1 or more and 9 or less.'],
  ['kind', 'cheerful', 'Input "kind" cannot be "cheerful". Write bug or 7.'],
  ['dept', 1, 'The workflow has no input "dept". Did you mean "depth"?'],
])('the input %s cannot be %j, and hears what it can be', (name, value, problem) => {
  expect(resolveInputs({ inputs }, { topic: 'owls', [name]: value })).toEqual({ ok: false, problems: [problem] })
})

test('every input that keeps a run from starting is told, by its name', () => {
  expect(resolveInputs({ inputs }, { depth: 'many' })).toEqual({
    ok: false,
    problems: ['Input "topic" has no value: give it with -i topic=…', expect.stringContaining('Input "depth"')],
  })
  expect(unsetInputs({ inputs })).toEqual(['topic'])
})

test('what was typed is text where text is allowed, else JSON', () => {
  expect(readInput({ inputs }, 'topic', '7')).toBe('7')
  expect(readInput({ inputs }, 'depth', '7')).toBe(7)
  expect(readInput({ inputs }, 'depth', 'seven')).toBe('seven')
  const given = { topic: 5, kind: readInput({ inputs }, 'kind', '7') }
  expect(resolveInputs({ inputs }, given)).toMatchObject({ inputs: { topic: '5', kind: '7' } })
})
