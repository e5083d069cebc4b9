import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMap, type Json } from '../../src/model/json.ts'
import type { Place } from '../../src/parser/document.ts'
import { editWorkflow, editYaml } from '../../src/parser/edit.ts'
import { EditRefused } from '../../src/parser/edit-refused.ts'
import { appliedTo, type Edit, valueAt } from '../../src/parser/edit-value.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from '../generators/cases.ts'
import { decoratedYaml } from '../generators/decorated-yaml.ts'
import { hostileText } from '../generators/hostile-text.ts'
import { plainText } from '../generators/plain-text.ts'

const read = (text: string) => parseWorkflow(text, 'workflows/a.yaml')

function places(value: unknown, place: Place = []): Place[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => places(item, [...place, index]))
    : isMap(value)
      ? Object.entries(value).flatMap(([name, item]) => places(item, [...place, name]))
      : []
  return [place, ...inner]
}

const json: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: plainText },
  { weight: 2, arbitrary: fc.constantFrom<Json[]>(true, 12, null, 0.5, [], {}, ['a', 'b: c'], { attempts: 2 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json[]>({ id: 'x', prompt: 'a\nb\n\n' }, [{ deep: [['a, b'], { '': '#' }] }]),
  },
)

/** A text, a place in it and what might be put there; which edit it becomes depends on what stands at the place. */
const situation = fc.tuple(decoratedYaml, fc.nat(9999), json, fc.constantFrom('set', 'remove', 'rename', 'grow'))

function editOf(value: unknown, number: number, item: Json, kind: string): Edit {
  const all = places(value)
  const place = all[1 + (number % (all.length - 1))] ?? []
  const here = valueAt(value, place)
  if (kind === 'grow' && Array.isArray(here)) return { place, insert: number % (here.length + 1), value: item }
  if (kind === 'grow' && isMap(here)) return { place: [...place, `new ${number % 7}`], set: item }
  if (kind === 'remove' && place.length > 0) return { place, remove: true }
  if (kind === 'rename' && typeof place.at(-1) === 'string') return { place, rename: `other: ${number % 7}` }
  return { place, set: item }
}

test('after an edit the text has the edited value, and everything else as it was', () => {
  fc.assert(
    fc.property(situation, ([{ text, value }, number, item, kind]) => {
      const edit = editOf(value, number, item, kind)
      const after = read(editYaml(text, [edit]))
      expect(after.diagnostics).toEqual([])
      expect(after.value).toEqual(appliedTo(value, edit))
    }),
    cases(250),
  )
})

test('to set a place to what stands there changes nothing', () => {
  fc.assert(
    fc.property(decoratedYaml, fc.nat(9999), ({ text, value }, number) => {
      const all = places(value)
      const place = all[number % all.length] ?? []
      expect(editYaml(text, [{ place, set: valueAt(value, place) as Json }])).toBe(text)
    }),
    cases(150),
  )
})

test('a text stays byte for byte before and behind a value that is set', () => {
  fc.assert(
    fc.property(decoratedYaml, fc.nat(9999), json, ({ text, value }, number, item) => {
      const scalars = places(value).filter(place => /\S/.test(textAt(value, place)))
      const place = scalars[number % scalars.length] ?? []
      const [key, old] = [read(text).spanOf(place, 'key'), read(text).spanOf(place)]
      const edited = editYaml(text, [{ place, set: item }])
      const start = typeof place.at(-1) === 'string' ? key.endOffset : lineStart(text, old.offset)
      // A comment behind the value may have moved to the first line of a longer one.
      const behind = text.slice(text.indexOf('\n', old.endOffset))
      expect(edited.slice(0, start)).toBe(text.slice(0, start))
      expect(edited.endsWith(behind)).toBe(true)
    }),
    cases(250),
  )
})

test('what is added leaves every character of the text where it was, and what is removed is one piece of it', () => {
  fc.assert(
    fc.property(situation, ([{ text, value }, number, item, kind]) => {
      const edit = editOf(value, number, item, kind === 'remove' ? 'remove' : 'grow')
      const around = valueAt(value, 'insert' in edit ? edit.place : edit.place.slice(0, -1))
      const count = isMap(around) || Array.isArray(around) ? Object.keys(around).length : 0
      // An empty list or map is written with brackets, and becomes a block or comes from one.
      fc.pre(
        edit.place.length > 0 &&
          ('remove' in edit ? count > 1 : count > 0 && !('set' in edit && isKnown(value, edit.place))),
      )
      const edited = editYaml(text, [edit])
      expect(alike(text, edited)).toBeGreaterThanOrEqual(Math.min(text.length, edited.length))
    }),
    cases(250),
  )
})

test('an edit that is undone by another one leaves the text as it was', () => {
  fc.assert(
    fc.property(decoratedYaml, fc.nat(9999), ({ text, value }, number) => {
      const lists = places(value).filter(
        place => (valueAt(value, place) as unknown[])?.length > 0 && Array.isArray(valueAt(value, place)),
      )
      const place = lists[number % lists.length] ?? []
      const index = number % ((valueAt(value, place) as unknown[]).length + 1)
      const added = editYaml(text, [{ place, insert: index, value: 'new' }])
      expect(editYaml(added, [{ place: [...place, index], remove: true }])).toBe(text)
    }),
    cases(250),
  )
})

test('few edits of a workflow are refused, and each for a reason', () => {
  let refused = 0
  const tried = fc.sample(situation, { numRuns: 250, seed: 7 })
  for (const [{ text, value }, number, item, kind] of tried) {
    try {
      editYaml(text, [editOf(value, number, item, kind)])
    } catch (error) {
      expect(error).toBeInstanceOf(EditRefused)
      refused += 1
    }
  }
  expect(refused).toBe(0)
})

test('an edit of whatever text is made as asked or refused', () => {
  const edits: readonly Edit[] = [
    { place: ['name'], set: 'a: b' },
    { place: ['steps', 0], remove: true },
    { place: ['steps', 0, 'prompt'], set: 'one\n\ntwo\n' },
    { place: ['steps'], insert: 0, value: { run: 'make' } },
    { place: ['steps', 0, 'id'], rename: 'ident' },
  ]
  fc.assert(
    fc.property(hostileText, fc.constantFrom(...edits), fc.constantFrom('a.yaml', 'a.md'), (text, edit, path) => {
      try {
        expect(parseWorkflow(editWorkflow(text, path, [edit]), path).value).toEqual(
          appliedTo(parseWorkflow(text, path).value, edit),
        )
      } catch (error) {
        if (!(error instanceof EditRefused)) throw error
      }
    }),
    cases(300),
  )
})

function textAt(value: unknown, place: Place): string {
  const text = valueAt(value, place)
  return typeof text === 'string' ? text : ''
}

function isKnown(value: unknown, place: Place): boolean {
  return valueAt(value, place) !== undefined
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** How many characters two texts begin and end with alike. */
function alike(a: string, b: string): number {
  let start = 0
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  return start + end
}
