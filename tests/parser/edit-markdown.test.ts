import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMap, type Json } from '../../src/model/json.ts'
import { editWorkflow } from '../../src/parser/edit.ts'
import { EditRefused } from '../../src/parser/edit-refused.ts'
import { appliedTo, type Edit, valueAt } from '../../src/parser/edit-value.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'
import { plainText } from '../generators/plain-text.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'

const path = 'workflows/a.workflow.md'
const text = `---
tags: [a] # words
---
# Song

What it is for.

## Write a song
- **Agent**: [Lyricist](../agents/lyricist.agent.md)
* **Retry:** 2

Write a song,
line by line.

## Polish
* **Loop:** until steps.turn.output == "done", max 3

### Turn
Polish it.
`

test.each<[string, Edit, string, string]>([
  ['a field of the front matter', { place: ['tags'], insert: 1, value: 'b' }, '[a]', '[a, b]'],
  [
    'a new field of the front matter',
    { place: ['defaults', 'agent'], set: 'x' },
    ' # words\n',
    ' # words\ndefaults:\n  agent: x\n',
  ],
  ['the title', { place: ['name'], set: 'Hymn' }, '# Song', '# Hymn'],
  ['the description', { place: ['description'], set: 'New.\n\nTwo.' }, 'What it is for.', 'New.\n\nTwo.'],
  ['a prompt', { place: ['steps', 0, 'prompt'], set: 'Hum.' }, 'Write a song,\nline by line.', 'Hum.'],
  ['a bullet', { place: ['steps', 0, 'retry'], set: 3 }, '* **Retry:** 2', '* **Retry:** 3'],
  ['an agent', { place: ['steps', 0, 'agent'], set: 'judge' }, '[Lyricist](../agents/lyricist.agent.md)', 'judge'],
  [
    'a new bullet',
    { place: ['steps', 0, 'timeout'], set: '5m' },
    '* **Retry:** 2\n',
    '* **Retry:** 2\n* **Timeout:** 5m\n',
  ],
  ['a bullet less', { place: ['steps', 0, 'retry'], remove: true }, '* **Retry:** 2\n', ''],
  ['an id', { place: ['steps', 0, 'id'], set: 'hum_it' }, '## Write a song', '## Hum it'],
  ['the end of a loop', { place: ['steps', 1, 'loop', 'max'], set: 5 }, 'max 3', 'max 5'],
  ['a prompt inside a loop', { place: ['steps', 1, 'loop', 'steps', 0, 'prompt'], set: 'Hi.' }, 'Polish it.', 'Hi.'],
  [
    'a step more',
    { place: ['steps'], insert: 1, value: { id: 'b', prompt: 'B.' } },
    '## Polish',
    '## B\n\nB.\n\n## Polish',
  ],
  ['a step less', { place: ['steps', 0], remove: true }, /## Write[^]*(?=## Polish)/.exec(text)?.[0] ?? '', ''],
])('%s is edited in its place', (_, edit, before, after) => {
  expect(editWorkflow(text, path, [edit])).toBe(text.replace(before, after))
})

test('a block of fields keeps its comments', () => {
  const fenced = '## A\n* **Retry:** 2\n\n```yaml fields\nenv: { A: x }   # one\n```\n\nHi.\n'
  const edited = editWorkflow(fenced, path, [{ place: ['steps', 0, 'env', 'A'], set: 'y' }])
  expect(edited).toBe(fenced.replace('A: x', 'A: y'))
})

test.each<[string, Edit, string]>([
  ['what headings cannot say', { place: ['steps', 1, 'loop', 'steps'], set: [] }, 'NotLocal'],
  ['another name for a bullet', { place: ['steps', 0, 'retry'], rename: 'timeout' }, 'NotLocal'],
  ['a step that is not there', { place: ['steps', 7, 'prompt'], set: 'x' }, 'NoSuchPlace'],
])('%s is refused with a reason', (_, edit, reason) => {
  expect(() => editWorkflow(text, path, [edit])).toThrow(EditRefused)
  expect(() => editWorkflow(text, path, [edit])).toThrow(expect.objectContaining({ reason }))
})

test('an edit of a workflow in Markdown gives the edited value or is refused; most are made', () => {
  let [made, refused] = [0, 0]
  fc.assert(
    fc.property(workflowSourceOf(1), fc.nat(999), plainText, (source, number, words) => {
      const markdown = printWorkflow(source, 'markdown')
      const edit = editOf(source, number, words)
      try {
        expect(parseWorkflow(editWorkflow(markdown, path, [edit]), path).value).toEqual(appliedTo(source, edit))
        made += 1
      } catch (error) {
        if (!(error instanceof EditRefused)) throw error
        expect(error.reason).toBe('NotLocal')
        refused += 1
      }
    }),
    cases(200),
  )
  expect(refused).toBeLessThan(made / 3)
})

function editOf(value: object, number: number, words: string): Edit {
  const steps = valueAt(value, ['steps']) as object[]
  const index = number % steps.length
  const step = steps[index]
  const fields = isMap(step) ? Object.keys(step) : []
  const field = fields[number % fields.length] ?? 'id'
  const place = ['steps', index, field]
  const old = valueAt(value, place)
  if (number % 5 === 0) return { place: ['description'], set: words }
  if (number % 3 === 0 && !['id', 'prompt', 'run', 'set'].includes(field)) return { place, remove: true }
  if (field === 'prompt' || field === 'description') return { place, set: words }
  return { place: ['steps', index, 'timeout'], set: number % 2 ? '7m' : ((old ?? null) as Json) }
}
