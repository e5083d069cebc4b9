import { expect, test } from 'vitest'
import { parseAgent, parseSkill } from '../../src/parser/parse.ts'

/** What is said of a front matter: the code, the line and column, the words it marks. */
function told(text: string): unknown[] {
  return parseAgent(text, 'a.agent.md').diagnostics.map(({ code, severity, span }) => {
    return [`${severity} ${code}`, `${span.line}:${span.column}`, text.slice(span.offset, span.endOffset)]
  })
}

const valueOf = (text: string): unknown => parseAgent(text, 'a.agent.md').value

test('an agent file is its front matter and its system prompt', () => {
  const text = '---\nname: critic\nmodel: [a, b]\n---\n\nYou are *strict*.\n\n---\nAlways.\n'
  const { value, system, diagnostics } = parseAgent(text, 'agents/critic.agent.md')
  expect(value).toEqual({ name: 'critic', model: ['a', 'b'] })
  expect(system).toBe('You are *strict*.\n\n---\nAlways.')
  expect(diagnostics).toEqual([])
})

test('an agent file needs no front matter', () => {
  const { value, system, diagnostics } = parseAgent('\uFEFFYou are kind.\r\nVery.\r\n', 'agents/kind.agent.md')
  expect([value, system, diagnostics]).toEqual([{}, 'You are kind.\nVery.', []])
})

test('an empty front matter says nothing', () => {
  expect(parseAgent('---\n---\nHi', 'a.agent.md')).toMatchObject({ value: {}, system: 'Hi', diagnostics: [] })
})

test('a skill is its front matter and the instructions below it', () => {
  const { value, body } = parseSkill('---\r\nname: tables\r\n---\r\n# Tables\r\n\r\nUse few.', 'skills/tables/SKILL.md')
  expect([value, body]).toEqual([{ name: 'tables' }, '# Tables\n\nUse few.'])
})

const helper = `---
name: helper
description: Use when: someone asks. <example>user: "Hi"</example>
tools: *
handoffs:
  - label: Go
    agent: other
---
Help.
`

test('front matter that is not quite YAML is recovered line by line, with one warning', () => {
  const document = parseAgent(helper, 'agents/helper.agent.md')
  expect(document.value).toEqual({
    name: 'helper',
    description: 'Use when: someone asks. <example>user: "Hi"</example>',
    tools: '*',
    handoffs: [{ label: 'Go', agent: 'other' }],
  })
  expect(document.diagnostics.map(({ code, severity, message, span }) => [code, severity, message, span.line])).toEqual(
    [
      [
        ...['FRONT_MATTER_RECOVERED', 'warning'],
        'The values of "description" and "tools" are not quite YAML; they were read as probably meant.',
        3,
      ],
    ],
  )
})

test('what was recovered has its places in the file', () => {
  const document = parseAgent(helper, 'agents/helper.agent.md')
  const wordAt = ({ offset, endOffset }: { offset: number; endOffset: number }): string =>
    helper.slice(offset, endOffset)
  expect(wordAt(document.spanOf(['handoffs', 0, 'agent']))).toBe('other')
  expect(wordAt(document.spanOf(['tools'], 'key'))).toBe('tools')
  expect(wordAt(document.spanWithin(['description'], 10, 17))).toBe('someone')
})

test.each<[string, string, unknown]>([
  ['a colon', 'description: Fixes: bugs', { description: 'Fixes: bugs' }],
  ['an @ at the beginning', 'description: @team reviewer', { description: '@team reviewer' }],
  ['a backtick at the beginning', 'description: `lint` runner', { description: '`lint` runner' }],
  ['a * at the beginning', 'globs: **/*.ts', { globs: '**/*.ts' }],
  ['one word after a *', 'description: *all', { description: '*all' }],
  ['a ! at the beginning', 'description: !important', { description: '!important' }],
  ['brackets after brackets', 'argument-hint: [file] [more]', { 'argument-hint': '[file] [more]' }],
  ['quotes within quotes', 'description: "Say "hi" to me"', { description: 'Say "hi" to me' }],
  ['a quote that nothing closes', 'description: "Half', { description: 'Half' }],
  ['quotes around a part', 'description: "Half" and half', { description: '"Half" and half' }],
  ['an apostrophe in quotes', "description: 'It's fine'", { description: "It's fine" }],
  ['an entry with an @', 'tools:\n  - read\n  - @all\n  - 7', { tools: ['read', '@all', 7] }],
  ['entries that are not indented', 'tools:\n- read\n- *\nseed: 1', { tools: ['read', '*'], seed: 1 }],
  ['a list of a star', 'tools: [*]', { tools: ['*'] }],
  ['a list of names that begin with @', 'tools: [@a/b, c]', { tools: ['@a/b', 'c'] }],
  ['tabs before entries', 'tools:\n\t- read\n\t- 7', { tools: ['read', 7] }],
  ['tabs before fields', 'limits:\n\ttokens: 5', { limits: { tokens: 5 } }],
  [
    'a text of many lines',
    'description: One: two\nthree.\n# why\nseed: 7',
    { description: 'One: two\nthree.', seed: 7 },
  ],
  ['a field in it', 'output:\n  score: number\n  why: @text', { output: { score: 'number', why: '@text' } }],
  ['a field below it', 'a:\n  b:\n    c: x: y\n    d: 7\n  e: no', { a: { b: { c: 'x: y', d: 7 }, e: 'no' } }],
  ['an entry with a colon', 'a:\n  - b: c: d\n    e: 7\n  - 8', { a: [{ b: 'c: d', e: 7 }, 8] }],
  ['a line that looks like a field', 'description: Note: be kind', { description: 'Note: be kind' }],
  ['CRLF', 'description: a: b\r\nseed: 7\r', { description: 'a: b', seed: 7 }],
])('a value with %s is recovered', (_, fields, expected) => {
  const text = `---\nbackground: true\n${fields}\n---\nHi`
  expect(valueOf(text)).toEqual({ background: true, ...(expected as object) })
  expect(told(text).map(item => (item as string[])[0])).toEqual(['warning FRONT_MATTER_RECOVERED'])
})

test('fields that a long description talks about are no fields', () => {
  const description = 'Use it for: reviews.\n<example>\nuser: "Hello"\nassistant: I review.\n</example>'
  expect(valueOf(`---\nname: x\ndescription: ${description}\nmodel: inherit\n---\n`)).toEqual({
    ...{ name: 'x', description, model: 'inherit' },
  })
})

test('a # after a blank begins a comment, as in all YAML', () => {
  expect(valueOf('---\ndescription: foo # bar\n---\n')).toEqual({ description: 'foo' })
})

test('front matter that nothing closes ends where its fields do', () => {
  const text = '---\nname: x\ntools:\n  - read\n# note\n\nYou are x.\nNote: be kind.\n'
  expect(parseAgent(text, 'a.agent.md')).toMatchObject({
    value: { name: 'x', tools: ['read'] },
    system: 'You are x.\nNote: be kind.',
  })
  expect(told(text)).toEqual([['warning FRONT_MATTER_RECOVERED', '1:1', '---\n']])
})

test.each(['---', '---\n', '---\nJust a rule above a text.'])('%j has no fields', text => {
  expect(valueOf(text)).toEqual({})
  expect(told(text)).toHaveLength(1)
})

test.each(['just text', '- a\n- b', '"a: b"'])('front matter that is %j has no fields', text => {
  expect(valueOf(`---\n${text}\n---\n`)).toEqual({})
  expect(told(`---\n${text}\n---\n`)).toEqual([['warning FRONT_MATTER_RECOVERED', '2:1', text.split('\n')[0]]])
})

test('a line that belongs to no field is left out', () => {
  const text = '---\n# fine\noops\na: b: c\n---\n'
  expect(valueOf(text)).toEqual({ a: 'b: c' })
  expect(told(text)).toEqual([['warning FRONT_MATTER_RECOVERED', '3:1', 'oops']])
})

test('a reserved name is refused in recovered front matter, too', () => {
  const { value, diagnostics } = parseAgent('---\n__proto__: x\na: b: c\n---\n', 'a.agent.md')
  expect(value).toEqual({ a: 'b: c' })
  expect(diagnostics.map(({ code }) => code)).toEqual(['RESERVED_KEY', 'FRONT_MATTER_RECOVERED'])
})

test('front matter with very many fields is not recovered', () => {
  const text = `---\n${'a: b: c\n'.repeat(201)}---\nHi`
  const { value, system, diagnostics } = parseAgent(text, 'a.agent.md')
  expect([value, system]).toEqual([{}, 'Hi'])
  expect(diagnostics[0]).toMatchObject({ code: 'QUOTE_NEEDED', severity: 'error' })
})

test('very many values that are not quite YAML are named in one short sentence', () => {
  const fields = Array.from({ length: 40 }, (_, index) => `f${index}: a: b\n`)
  const { diagnostics } = parseAgent(`---\n${fields.join('')}---\n`, 'a.agent.md')
  expect(diagnostics).toHaveLength(1)
  expect(diagnostics[0]?.message).toMatch(/^The values of "f0", .*"f11" and 28 more are not quite YAML/)
})

test('front matter that is too deep for a reader is plain text, and stops nobody', () => {
  const { value, diagnostics } = parseAgent(`---\nx: [${'a: '.repeat(10_000)}]\n---\nHi`, 'a.agent.md')
  expect(Object.keys(value as object)).toEqual(['x'])
  expect(diagnostics.map(({ code }) => code)).toEqual(['FRONT_MATTER_RECOVERED'])
})
