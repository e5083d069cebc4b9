import { expect, test } from 'vitest'
import { parseAgent } from '../../src/parser/parse.ts'

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

test('front matter that is not quite YAML is recovered line by line, with a warning', () => {
  const text = `---
name: helper
description: Use when: someone asks. <example>user: "Hi"</example>
tools: *
handoffs:
  - label: Go
    agent: other
---
Help.
`
  const document = parseAgent(text, 'agents/helper.agent.md')
  expect(document.value).toEqual({
    name: 'helper',
    description: 'Use when: someone asks. <example>user: "Hi"</example>',
    tools: '*',
    handoffs: [{ label: 'Go', agent: 'other' }],
  })
  expect(document.diagnostics.map(({ code, severity, span }) => [code, severity, span.line, span.column])).toEqual([
    ['FRONT_MATTER_RECOVERED', 'warning', 3, 14],
    ['FRONT_MATTER_RECOVERED', 'warning', 4, 8],
  ])
  const span = document.spanOf(['handoffs', 0, 'agent'])
  expect(text.slice(span.offset, span.endOffset)).toBe('other')
})

test('front matter that nothing closes is an error', () => {
  const { diagnostics } = parseAgent('---\nname: x\n', 'a.agent.md')
  expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['YAML_SYNTAX', 'error']])
})

test('a reserved name is refused in recovered front matter, too', () => {
  const { value, diagnostics } = parseAgent('---\n__proto__: x\na: b: c\n---\n', 'a.agent.md')
  expect(value).toEqual({ a: 'b: c' })
  expect(diagnostics.map(({ code }) => code)).toEqual(['RESERVED_KEY', 'FRONT_MATTER_RECOVERED'])
})

test('a line that belongs to no field is an error', () => {
  const { value, diagnostics } = parseAgent('---\n# fine\noops\na: b: c\n---\n', 'a.agent.md')
  expect(value).toEqual({ a: 'b: c' })
  expect(diagnostics.map(({ code, span }) => [code, span.line])).toEqual([
    ['YAML_SYNTAX', 3],
    ['FRONT_MATTER_RECOVERED', 4],
  ])
})

test('front matter with very many fields is not recovered', () => {
  const text = `---\n${'a: b: c\n'.repeat(201)}---\nHi`
  const { value, system, diagnostics } = parseAgent(text, 'a.agent.md')
  expect([value, system]).toEqual([{}, 'Hi'])
  expect(diagnostics[0]).toMatchObject({ code: 'QUOTE_NEEDED', severity: 'error' })
})
