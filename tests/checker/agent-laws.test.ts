import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { checkAgent } from '../../src/checker/agent.ts'
import { checkSkill } from '../../src/checker/skill.ts'
import type { Agent } from '../../src/model/agent.ts'
import { AgentSource, foreignAgentFields } from '../../src/model/agent.ts'
import { type Diagnostic, hasErrors, lineStartsOf, spanAt } from '../../src/model/diagnostic.ts'
import type { Json } from '../../src/model/json.ts'
import { foreignSkillFields } from '../../src/model/skill.ts'
import { parseAgent, parseSkill } from '../../src/parser/parse.ts'
import { reservedKeys } from '../../src/parser/map-builder.ts'
import { strangeCharacter } from '../../src/parser/strange.ts'
import { cases } from '../generators/cases.ts'
import { mutated } from '../generators/hostile-text.ts'

const textsBelow = (folder: string): string[] =>
  globSync(`tests/cases/${folder}/**/*.md`)
    .sort()
    .map(path => readFileSync(path, 'utf8'))
const agents = textsBelow('agents')
const corpus = [...agents, ...textsBelow('skills')]
const anyText = fc.oneof(
  { weight: 9, arbitrary: mutated(corpus) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }).map(text => `---\n${text}\n---\n`) },
)

const agentOf = (text: string): ReturnType<typeof checkAgent> => checkAgent(parseAgent(text, 'agents/a.agent.md'))
const skillOf = (text: string): ReturnType<typeof checkSkill> => checkSkill(parseSkill(text, 'skills/a/SKILL.md'))
const fileOf = (fields: object): string => `---\n${stringify(fields)}---\nHi\n`

function expectInside(diagnostics: readonly Diagnostic[], text: string): void {
  for (const { code, message, span } of diagnostics) {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
    expect(message.trim()).not.toBe('')
    expect(span.endOffset).toBeGreaterThanOrEqual(span.offset)
    expect(span.endOffset).toBeLessThanOrEqual(text.length)
    expect(spanAt(span.path, lineStartsOf(text), span.offset, span.endOffset)).toEqual(span)
  }
}

test('any text is an agent, or says in its own lines why not', () => {
  let loaded = 0
  fc.assert(
    fc.property(anyText, text => {
      const { agent, diagnostics } = agentOf(text)
      expectInside(diagnostics, text)
      expect(agent === undefined).toBe(hasErrors(diagnostics))
      if (agent) loaded += 1
    }),
    cases(1000),
  )
  expect(loaded).toBeGreaterThan(cases(1000).numRuns / 2)
})

test('any text in UTF-8 is a skill, and nothing said of it is worse than a warning', () => {
  fc.assert(
    fc.property(anyText, text => {
      const { skill, diagnostics } = skillOf(text)
      expectInside(diagnostics, text)
      expect(skill === undefined).toBe(strangeCharacter.test(text))
      expect(hasErrors(diagnostics)).toBe(skill === undefined)
    }),
    cases(1000),
  )
})

/** Texts and values that a file in UTF-8 can hold, without the names that no file may use. */
const sane = fc.string({ unit: 'binary', maxLength: 30 }).filter(text => !strangeCharacter.test(text))
const name = fc.oneof(fc.stringMatching(/^[a-z][a-zA-Z-]{0,12}$/), sane).filter(text => !reservedKeys.has(text))
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(sane, fc.boolean(), fc.integer(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

test('fields of other tools load with any value, and are kept', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...foreignAgentFields), value, { noNullPrototype: true }), fields => {
      const { agent, diagnostics } = agentOf(fileOf(fields))
      expect(agent?.foreign).toEqual(JSON.parse(JSON.stringify(fields)))
      expect(diagnostics.map(({ code }) => code)).toEqual(Object.keys(fields).length > 0 ? ['FOREIGN_FIELDS'] : [])
    }),
    cases(500),
  )
})

test('fields of other tools load with any value in a skill, too', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...foreignSkillFields), value, { noNullPrototype: true }), fields => {
      const { skill } = skillOf(fileOf({ description: 'Helps.', ...fields }))
      expect(skill).toMatchObject({ name: 'a', description: 'Helps.' })
      expect(skill?.foreign).toEqual(JSON.parse(JSON.stringify(fields)))
    }),
    cases(300),
  )
})

test('fields that nobody knows load with any value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^x-[a-z]{9,12}$/), value, { noNullPrototype: true }), fields => {
      expect(agentOf(fileOf(fields)).agent?.foreign).toEqual(JSON.parse(JSON.stringify(fields)))
    }),
    cases(300),
  )
})

const toolName = fc.constantFrom('files.read', 'files/write', 'mcp__mail__send', 'github/*', 'Bash(git *)', 'Read')
const names = fc.uniqueArray(toolName, { maxLength: 4 })
const ownFields = fc.record(
  {
    name: fc.stringMatching(/^[a-z]{1,9}$/),
    description: sane,
    model: fc.oneof(fc.constant('gpt-4o'), fc.array(fc.constantFrom('coder', 'gpt-4o'))),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    'top-p': fc.double({ min: 0, max: 1, noNaN: true }),
    'max-tokens': fc.integer({ min: 1 }),
    seed: fc.integer(),
    'max-turns': fc.integer({ min: 1 }),
    tools: fc.oneof(names, fc.dictionary(toolName, fc.boolean(), { noNullPrototype: true })),
    'disallowed-tools': names,
    skills: fc.array(fc.constantFrom('tables', './skills/plots/SKILL.md')),
    output: fc.constantFrom<Json>('text', 'json', 'schemas/a.json', ['yes', 'no'], { score: 'number' }),
    limits: fc.constantFrom({ tokens: 5 }, { usd: 0.5, time: '90s' }),
  },
  { requiredKeys: [] },
)

test('the fields of our own load together, and the generated ones are all of them', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(ownFields, fields => {
      const { agent, diagnostics } = agentOf(fileOf(fields))
      expect(diagnostics).toEqual([])
      expect(agent).toMatchObject({ foreign: {}, system: 'Hi' })
      expect(agent?.name).toBe(fields.name ?? 'a')
      for (const key of Object.keys(fields)) seen.add(key)
    }),
    cases(300),
  )
  expect([...seen].sort()).toEqual(Object.keys(AgentSource.shape).sort())
})

function renamed(fields: object, rename: (key: string) => string): Agent | undefined {
  return agentOf(fileOf(Object.fromEntries(Object.entries(fields).map(([key, item]) => [rename(key), item])))).agent
}

test('kebab case, camel case and snake case are spellings of one name', () => {
  fc.assert(
    fc.property(ownFields, fields => {
      const kebab = agentOf(fileOf(fields)).agent
      expect(kebab).toBeDefined()
      expect(renamed(fields, key => key.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))).toEqual(kebab)
      expect(renamed(fields, key => key.replaceAll('-', '_'))).toEqual(kebab)
    }),
    cases(200),
  )
})

test('an agent says the same with the line ends of Windows and with a byte order mark', () => {
  fc.assert(
    fc.property(fc.constantFrom(...agents), text => {
      const plain = agentOf(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')).agent
      expect(plain).toBeDefined()
      expect(agentOf(text.replaceAll(/\r?\n/g, '\r\n')).agent).toEqual(plain)
      expect(agentOf(`\uFEFF${text.replace(/^\uFEFF/, '')}`).agent).toEqual(plain)
    }),
    cases(100),
  )
})
