import { expect, test } from 'vitest'
import { checkSkill } from '../../src/checker/skill.ts'
import { parseSkill } from '../../src/parser/parse.ts'

function read(fields: string, path = 'skills/tables/SKILL.md'): ReturnType<typeof checkSkill> {
  return checkSkill(parseSkill(`---\n${fields}\n---\nUse few.\n`, path))
}

const told = (fields: string, path?: string): string[] =>
  read(fields, path).diagnostics.map(({ severity, code, message }) => `${severity} ${code} ${message}`)

test('a skill in the format of Agent Skills has nothing to be said of', () => {
  const fields = `name: tables
description: Makes tables.
license: MIT
compatibility: Needs nothing
metadata: { author: someone, version: "1.0" }
allowed-tools: Bash(column:*) Read`
  expect(read(fields)).toEqual({
    skill: {
      ...{ name: 'tables', description: 'Makes tables.', license: 'MIT', compatibility: 'Needs nothing' },
      metadata: { author: 'someone', version: '1.0' },
      allowedTools: ['Bash(column:*)', 'Read'],
      foreign: {},
      body: 'Use few.',
    },
    diagnostics: [],
  })
})

test('a skill without a name is called like its folder', () => {
  expect(read('description: Makes tables.', 'skills/writing/plain-words/SKILL.md').skill?.name).toBe('plain-words')
})

test('a skill without a description is warned of', () => {
  for (const fields of ['name: tables', 'description:', 'description: "  "']) {
    expect(told(fields)).toEqual(['warning MISSING_FIELD `description` is missing.'])
    expect(read(fields).skill?.description).toBe('')
  }
})

test.each(['Tables', 'my tables', 'tables-', '-tables', 'my--tables', 'tables_2', 'täbles', 'a'.repeat(65)])(
  '%j is no name for a skill, in whatever folder it is',
  name => {
    expect(told(`name: ${name}\ndescription: x`, `skills/${name}/SKILL.md`)).toEqual([
      'warning SKILL_NAME A skill is called by lower-case letters, digits and single hyphens, at most 64.',
    ])
  },
)

test.each(['tables', 't', '2nd-table', 'a'.repeat(64)])('%j is a name for a skill', name => {
  expect(told(`name: ${name}\ndescription: x`, `skills/${name}/SKILL.md`)).toEqual([])
})

test('a skill is called like its folder', () => {
  expect(told('name: plots\ndescription: x')).toEqual([
    'warning SKILL_NAME This skill is called "plots", but its folder "tables".',
  ])
})

test('a description has at most 1024 characters, and what a skill needs 500', () => {
  expect(told(`description: ${'x'.repeat(1024)}\ncompatibility: ${'x'.repeat(500)}`)).toEqual([])
  expect(told(`description: ${'x'.repeat(1025)}\ncompatibility: ${'x'.repeat(501)}`)).toEqual([
    'warning BAD_VALUE `description` has 1025 characters; the format allows 1024.',
    'warning BAD_VALUE `compatibility` has 501 characters; the format allows 500.',
  ])
})

test('tools of a wrong form are none, and nothing stops a skill', () => {
  const { skill, diagnostics } = read('description: x\nallowed-tools: { Read: perhaps }\nmetadata: [a]')
  expect(skill).toMatchObject({ allowedTools: [], metadata: {} })
  expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
    ...['warning BAD_VALUE', 'warning BAD_VALUE'],
  ])
})

test('fields that other tools read in a skill are named once', () => {
  expect(told('description: x\nmodel: opus\ncontext: fork\nwhen_to_use: often')).toEqual([
    'info FOREIGN_FIELDS Other tools may read `model`, `context` and `when_to_use`; here, nothing does.',
  ])
})

test('a file that is no text is no skill', () => {
  const { skill, diagnostics } = checkSkill(parseSkill('\0', 'skills/a/SKILL.md'))
  expect(skill).toBeUndefined()
  expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['error NOT_UTF8'])
})
