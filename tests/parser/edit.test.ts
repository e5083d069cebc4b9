import { expect, test } from 'vitest'
import { editYaml } from '../../src/parser/edit.ts'
import { EditRefused } from '../../src/parser/edit-refused.ts'
import type { Edit } from '../../src/parser/edit-value.ts'

const text = `# head
name: "Song"   # title
steps:   # the steps
  # first
  - id: a   # id a
    prompt: |  # text
      Hello
      you

    # own comment of a

  # second
  - id: b
    needs: [a, 'c']
    run: make # build
  - { id: c, run: x }
`

const edit = (...edits: Edit[]): string => editYaml(text, edits)

test.each<[string, Edit, string, string]>([
  ['a text keeps its quotes', { place: ['name'], set: 'a "b"' }, '"Song"', '"a \\"b\\""'],
  [
    'a block of text keeps its comment',
    { place: ['steps', 0, 'prompt'], set: 'A\nB' },
    '|  # text\n      Hello\n      you',
    '|- # text\n      A\n      B',
  ],
  [
    'a comment moves to the first line',
    { place: ['steps', 1, 'run'], set: 'a\nb' },
    'make # build',
    '|- # build\n      a\n      b',
  ],
  [
    'a map takes the place of a text',
    { place: ['steps', 1, 'run'], set: { command: 'x' } },
    ' make # build',
    ' # build\n      command: x',
  ],
  ['an item between brackets', { place: ['steps', 1, 'needs', 0], set: 'x, y' }, '[a,', '["x, y",'],
  ['a list changes where it differs', { place: ['steps', 1, 'needs'], set: ['a', 'b', 'c'] }, "'c'", "b, 'c'"],
  [
    'a field goes where its order wants it',
    { place: ['steps', 1, 'if'], set: true },
    '- id: b\n',
    '- id: b\n    if: true\n',
  ],
  [
    'maps on the way are made',
    { place: ['defaults', 'retry', 'attempts'], set: 3 },
    'steps:   ',
    'defaults:\n  retry:\n    attempts: 3\nsteps:   ',
  ],
  ['a field between brackets', { place: ['steps', 2, 'timeout'], set: '5m' }, 'run: x }', 'run: x, timeout: 5m }'],
  ['a name', { place: ['steps', 1, 'run'], rename: 'pro mpt' }, 'run: make', 'pro mpt: make'],
  ['the first field of an item', { place: ['steps', 1, 'id'], remove: true }, '- id: b\n    needs', '- needs'],
  ['the last item', { place: ['steps', 2], remove: true }, '  - { id: c, run: x }\n', ''],
  [
    'an item between others',
    { place: ['steps'], insert: 2, value: { id: 'd', run: 'y' } },
    '  - { id: c',
    '  - id: d\n    run: y\n  - { id: c',
  ],
  [
    'comments of a step stay with it',
    { place: ['steps'], insert: 1, value: { run: 'y' } },
    '# own comment of a\n',
    '# own comment of a\n  - run: y\n',
  ],
])('%s', (_, change, before, after) => {
  expect(edit(change)).toBe(text.replace(before, after))
})

test('edits are made one after the other', () => {
  expect(
    editYaml('a: 1\n', [
      { place: ['a'], rename: 'b' },
      { place: ['b'], set: [1] },
      { place: ['b'], insert: 1, value: 2 },
    ]),
  ).toBe('b: [1, 2]\n')
})

test('lists and maps that run empty are written with brackets, and fill again', () => {
  const empty = edit(
    { place: ['steps', 1, 'needs', 0], remove: true },
    { place: ['steps', 1, 'needs', 0], remove: true },
  )
  expect(empty).toContain('    needs: []\n')
  expect(editYaml('a:\n  b: 1 # one\n', [{ place: ['a', 'b'], remove: true }])).toBe('a: {} # one\n')
  expect(editYaml('a: {}\n', [{ place: ['a', 'b'], set: 1 }])).toBe('a:\n  b: 1\n')
  expect(editYaml('# nothing\n', [{ place: ['a'], set: 1 }])).toBe('# nothing\na: 1\n')
})

test('Windows line breaks, a missing break at the end and the indentation of a file are kept', () => {
  const windows = 'a:\r\n    b: 1\r\n    c:\r\n    - x'
  expect(editYaml(windows, [{ place: ['a', 'c'], insert: 1, value: { y: { z: 'q\nr' } } }])).toBe(
    `${windows}\r\n    - y:\r\n          z: |-\r\n              q\r\n              r`,
  )
})

test.each<[string, string, Edit, string]>([
  ['a text with errors', 'a: [', { place: ['a'], set: 1 }, 'Unreadable'],
  ['an item that is not there', 'a: [1]', { place: ['a', 3], set: 1 }, 'NoSuchPlace'],
  ['a field inside a text', 'a: b', { place: ['a', 'c'], set: 1 }, 'NoSuchPlace'],
  ['the removal of nothing', 'a: b', { place: ['c'], remove: true }, 'NoSuchPlace'],
  ['the removal of everything', 'a: b', { place: [], remove: true }, 'NoSuchPlace'],
  ['an index behind the list', 'a: [1]', { place: ['a'], insert: 2, value: 1 }, 'NoSuchPlace'],
  ['a name that is taken', 'a: 1\nb: 2', { place: ['a'], rename: 'b' }, 'NameTaken'],
])('%s is refused with a reason', (_, yaml, change, reason) => {
  expect(() => editYaml(yaml, [change])).toThrow(EditRefused)
  expect(() => editYaml(yaml, [change])).toThrow(expect.objectContaining({ reason }))
})
