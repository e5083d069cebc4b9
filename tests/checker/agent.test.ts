import { expect, test } from 'vitest'
import { agentName, checkAgent } from '../../src/checker/agent.ts'
import { parseAgent } from '../../src/parser/parse.ts'

type Checked = ReturnType<typeof checkAgent>

function read(fields: string): Checked & { readonly text: string } {
  const text = `---\n${fields}\n---\nYou help.\n`
  return { ...checkAgent(parseAgent(text, 'agents/team/helper.agent.md')), text }
}

/** Every diagnostic as `severity CODE |what it marks| message | hint`. */
function told(fields: string): string[] {
  const { diagnostics, text } = read(fields)
  return diagnostics.map(({ severity, code, span, message, hint }) => {
    const marked = text.slice(span.offset, span.endOffset)
    return `${severity} ${code} |${marked}| ${message}${hint === undefined ? '' : ` | ${hint}`}`
  })
}

test('an agent without a name is called like its file', () => {
  expect(read('temperature: 1').agent?.name).toBe('helper')
  expect(read('name: Kind Helper').agent?.name).toBe('Kind Helper')
  expect(agentName('agents/team/code.reviewer.agent.md')).toBe('code.reviewer')
})

test('an agent without a model, or with that of whoever asks, uses the default one', () => {
  for (const fields of ['seed: 1', 'model:', 'model: inherit', 'model: []', 'model: [inherit]', 'model: ""']) {
    expect(read(fields).agent?.models, fields).toEqual([])
  }
})

test.each([
  ['tools: Read, mcp__files__*', { allow: ['Read', 'files.*'], deny: [] }],
  ['tools: "Read Grep"', { allow: ['Read', 'Grep'], deny: [] }],
  ["tools: \"['Read', 'Grep']\"", { allow: ['Read', 'Grep'], deny: [] }],
  ['tools: [files/read, files.write]', { allow: ['files.read', 'files.write'], deny: [] }],
  ['tools: { files/read: true, files/write: false }', { allow: ['files.read'], deny: ['files.write'] }],
  ['tools: { write: false }', { deny: ['write'] }],
  ['tools: {}', { deny: [] }],
  ['tools: ""', { allow: [], deny: [] }],
  ['tools:', { deny: [] }],
  ['tools: "*"', { allow: ['*'], deny: [] }],
  ['tools: [Read, 7, null, { Bash: x }]', { allow: ['Read', '7', '{ Bash: x }'], deny: [] }],
  ['disallowedTools: Write, Edit', { deny: ['Write', 'Edit'] }],
  ['disallowed-tools: { Write: true, Read: false }', { deny: ['Write'] }],
  ['tools: { a: false }\ndisallowedTools: [b]', { deny: ['a', 'b'] }],
])('%j says which tools may be called', (fields, expected) => {
  const { agent, diagnostics } = read(fields)
  expect(diagnostics).toEqual([])
  expect(agent?.tools).toEqual(expected)
})

test.each([
  [
    'temperature: hot',
    'error BAD_VALUE |hot| `temperature` must be a number, not "hot". | Write a number, such as `0.7`.',
  ],
  ['topP: 2', 'error BAD_VALUE |2| `top-p` must be at most 1. | Write 1 or less.'],
  ['maxTurns: 0', 'error BAD_VALUE |0| `max-turns` must be at least 1. | Write 1 or more.'],
  [
    'model: { name: x }',
    'error BAD_VALUE |{ name: x }| `model` must be a text or a list, not a map. | Write a text or a list, such as `coder`.',
  ],
  ['tools: { a: maybe }', 'error BAD_VALUE |maybe| `a` must be true or false, not "maybe". | Write true or false.'],
  ['limits: { token: 5 }', 'error UNKNOWN_FIELD |token| `token` is not a field of `limits`. | Did you mean `tokens`?'],
  [
    'limits: { parallel: 5 }',
    'error UNKNOWN_FIELD |parallel| `parallel` is not a field of `limits`. | Known here: tokens, usd, time.',
  ],
  [
    'max-turns: 3\nmaxTurns: 5',
    'error DUPLICATE_KEY |maxTurns| `maxTurns` is another spelling of `max-turns`, which stands here, too. | Keep one of the two.',
  ],
  [
    'output: { score: nmber }',
    'error BAD_SCHEMA |{ score: nmber }| This is no schema. | Write text, json, a type, a list of values, a map of fields, or JSON Schema.',
  ],
])('%j keeps the agent from being used, and the mark stands where it is written', (fields, expected) => {
  expect(told(fields)).toEqual([expected])
  expect(read(fields).agent).toBeUndefined()
})

test('a slip of the pen gets a warning, a field of another tool that looks like one does not', () => {
  expect(told('temprature: 0.5')).toEqual([
    'warning UNKNOWN_FIELD |temprature| `temprature` is not a field of an agent. | Did you mean `temperature`?',
  ])
  for (const near of ['mode: agent', 'top-k: 5', 'topK: 5', 'steps: 3']) {
    expect(told(near).map(line => line.split(' |')[0])).toEqual(['info FOREIGN_FIELDS'])
  }
})

test('fields of other tools are named once, in the order of the file, and never stop an agent', () => {
  const fields = 'color: 7\nhooks: no map\nname: x\nhandoffs: { not: a list }\nmcp-servers: 5\nuser-invocable: often'
  expect(told(fields)).toEqual([
    'info FOREIGN_FIELDS |color| Other tools may read `color`, `hooks`, `handoffs`, `mcp-servers` and `user-invocable`; here, nothing does.',
  ])
  expect(read(fields).agent?.foreign).toEqual({
    ...{ color: 7, hooks: 'no map', handoffs: { not: 'a list' } },
    ...{ 'mcp-servers': 5, 'user-invocable': 'often' },
  })
})

test('very many fields of other tools are named in one short sentence', () => {
  const fields = Array.from({ length: 50 }, (_, index) => `x-${index}: 1`).join('\n')
  expect(told(fields)).toHaveLength(1)
  expect(told(fields)[0]).toMatch(/`x-19` and 30 more; here, nothing does\.$/)
})

test('what a step may spend is read with its units', () => {
  expect(read('limits: { tokens: 5000, usd: 0.25, time: 1.5m }').agent?.limits).toEqual({
    ...{ tokens: 5000, usd: 0.25, timeMs: 90_000 },
  })
})

test('a file that is no text is no agent', () => {
  const { agent, diagnostics } = checkAgent(parseAgent('---\nname: \uFFFD\n---\n', 'agents/a.agent.md'))
  expect(agent).toBeUndefined()
  expect(diagnostics.map(({ code }) => code)).toEqual(['NOT_UTF8'])
})
