import { expect, test } from 'vitest'
import { mergeWorkflows } from '../../src/difference/merge.ts'

const path = 'workflows/a.yaml'
const base = 'steps:\n  - id: one\n    run: make one\n    timeout: 1m\n  - run: make two\n'
const slower = base.replace('1m', '2m')
const again = base.replace('make two', 'make two again')
const both = slower.replace('make two', 'make two again')
const windows = (text: string): string => text.replaceAll('\n', '\r\n')

test('the line breaks of ours stay, whatever theirs has', () => {
  expect(mergeWorkflows(base, windows(slower), again, path)).toEqual({ text: windows(both), conflicts: 0 })
  expect(mergeWorkflows(windows(base), slower, windows(again), path)).toEqual({ text: both, conflicts: 0 })
})

test('the last line has a line break unless a side took it away', () => {
  const cut = (text: string): string => text.slice(0, -1)
  expect(mergeWorkflows(base, slower, cut(again), path).text).toBe(cut(both))
  expect(mergeWorkflows(cut(base), cut(slower), again, path).text).toBe(both)
  expect(mergeWorkflows(cut(base), cut(slower), cut(again), path).text).toBe(cut(both))
})

test('markers are as long as asked for, and say whose side is whose', () => {
  const fast = base.replace('1m', '5s')
  const markers = { size: 9, ours: 'main', theirs: 'feature' }
  expect(mergeWorkflows(base, slower, fast, path, { markers })).toEqual({
    text: base.replace(
      '    timeout: 1m\n',
      '<<<<<<<<< main\n    timeout: 2m\n=========\n    timeout: 5s\n>>>>>>>>> feature\n',
    ),
    conflicts: 1,
  })
})

test('where one side indents a list further, the line of its name stays where it was', () => {
  const listed = 'steps:\n  - id: one\n    parallel:\n      - run: make one\n'
  const indented = 'steps:\n  - id: one\n    parallel: # both\n          - run: make one\n'
  const described = listed.replace('id: one\n', 'id: one\n    description: Two.\n')
  const merged = listed.replace('parallel:', 'description: Two.\n    parallel: # both')
  expect(mergeWorkflows(listed, described, indented, path)).toEqual({ text: merged, conflicts: 0 })
})

test('a text that one side only writes in another way takes the words of the other', () => {
  const quoted = 'steps:\n  - id: one\n    prompt: "Hi\\n# Title"\n'
  const reworded = quoted.replace('Title', 'Name')
  const asBlock = 'steps:\n  - id: one\n    prompt: |-\n      Hi\n      # Title\n'
  expect(mergeWorkflows(quoted, asBlock, reworded, path)).toEqual({ text: reworded, conflicts: 0 })
  expect(mergeWorkflows(quoted, reworded, asBlock, path)).toEqual({ text: reworded, conflicts: 0 })
})

test('what is no YAML merges line by line', () => {
  const broken = 'steps: [\n\none: 1\n\ntwo: 2\n'
  const merge = mergeWorkflows(broken, broken.replace('one: 1', 'one: 3'), broken.replace('two: 2', 'two: 4'), path)
  expect(merge).toEqual({ text: 'steps: [\n\none: 3\n\ntwo: 4\n', conflicts: 0 })
})

test('front matter that is broken is merged all the same', () => {
  const broken = (words: string): string => `---\n? >{\n: ${words}\n---\nHi.\n`
  const merge = mergeWorkflows(broken('a'), broken('b'), `${broken('a')}More.\n`, 'agents/a.agent.md')
  expect(merge).toEqual({ text: `${broken('b')}More.\n`, conflicts: 0 })
})

test('a text that is none of ours merges line by line', () => {
  const text = 'First.\n\nSecond.\n\nThird.\n'
  const [ours, theirs] = [text.replace('First', '1st'), text.replace('Third', '3rd')]
  expect(mergeWorkflows(text, ours, theirs, 'prompts/a.md')).toEqual({
    text: '1st.\n\nSecond.\n\n3rd.\n',
    conflicts: 0,
  })
})

test('a thousand changed steps merge in no time', () => {
  const steps = (word: string, step: number): string =>
    `steps:\n${Array.from({ length: 1000 }, (_, index) => {
      return `  - id: s${index}\n    prompt: ${index % 2 === step ? word : 'Say it.'}\n    timeout: 1m\n`
    }).join('')}`
  const started = process.cpuUsage().user
  const merge = mergeWorkflows(steps('', 2), steps('Ours.', 0), steps('Theirs.', 1), path)
  expect(merge.conflicts).toBe(0)
  expect(merge.text).toContain('id: s999\n    prompt: Theirs.')
  expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(10)
})

test('a step that one side removes and the other puts on one line with others is a conflict', () => {
  const two = 'steps:\n  - id: one\n    run: make one\n  - run: make two\n'
  const wrapped = 'steps:\n  - id: both\n    steps: [{ id: one, run: make one }]\n  - run: make two\n'
  const removed = 'steps:\n  - run: make two\n'
  expect(mergeWorkflows(two, wrapped, removed, path).conflicts).toBe(1)
  expect(mergeWorkflows(two, removed, wrapped, path).conflicts).toBe(1)
})
