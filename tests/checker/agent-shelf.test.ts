import { expect, test } from 'vitest'
import { checkAgent } from '../../src/checker/agent.ts'
import { findSkill, shelve, type Shelved } from '../../src/checker/shelf.ts'
import { checkSkill } from '../../src/checker/skill.ts'
import { parseAgent, parseSkill } from '../../src/parser/parse.ts'

/** A workspace of agents and skills, by path. */
function shelfOf(files: Readonly<Record<string, string>>): Shelved {
  const paths = Object.keys(files)
  const agents = paths.flatMap(path => {
    const document = parseAgent(files[path] ?? '', path)
    const { agent } = checkAgent(document)
    return agent && path.startsWith('agents/') ? [{ agent, document }] : []
  })
  const skills = paths.flatMap(path => {
    const document = parseSkill(files[path] ?? '', path)
    const { skill } = checkSkill(document)
    return skill && path.startsWith('skills/') ? [{ skill, document }] : []
  })
  return shelve(agents, skills)
}

const named = (name: string): string => `---\nname: ${name}\n---\n`

function pathsOf({ agents }: Shelved): Record<string, string> {
  return Object.fromEntries([...agents].map(([name, { path }]) => [name, path]))
}

const told = ({ diagnostics }: Shelved): string[] =>
  diagnostics.map(({ severity, code, span, message, hint }) => `${span.path} ${severity} ${code} ${message} ${hint}`)

test('an agent is found by the name of its file and by the name it gives itself', () => {
  const shelf = shelfOf({ 'agents/team/critic.agent.md': named('Kind Critic') })
  expect(pathsOf(shelf)).toEqual({
    ...{ critic: 'agents/team/critic.agent.md', 'Kind Critic': 'agents/team/critic.agent.md' },
  })
  expect(told(shelf)).toEqual([])
})

test('a name that two agents give themselves means neither of them', () => {
  const shelf = shelfOf({ 'agents/b.agent.md': named('Critic'), 'agents/a.agent.md': named('Critic') })
  expect(pathsOf(shelf)).toEqual({ a: 'agents/a.agent.md', b: 'agents/b.agent.md' })
  expect(told(shelf)).toEqual([
    'agents/b.agent.md warning NAME_TAKEN "Critic" is the name of agents/a.agent.md, too. Workflows find this agent as `b`.',
  ])
})

test('the name of a file goes before the names that agents give themselves', () => {
  const shelf = shelfOf({ 'agents/a.agent.md': named('critic'), 'agents/critic.agent.md': named('Sceptic') })
  expect(pathsOf(shelf)).toEqual({
    ...{ a: 'agents/a.agent.md', critic: 'agents/critic.agent.md', Sceptic: 'agents/critic.agent.md' },
  })
  expect(told(shelf)).toEqual([
    'agents/a.agent.md warning NAME_TAKEN "critic" is the name of agents/critic.agent.md, too. Workflows find this agent as `a`.',
  ])
})

test('of two files with the same name, the first path has it', () => {
  const shelf = shelfOf({ 'agents/z/critic.agent.md': named('Z'), 'agents/a/critic.agent.md': 'You judge.' })
  expect(pathsOf(shelf)).toEqual({ critic: 'agents/a/critic.agent.md', Z: 'agents/z/critic.agent.md' })
  expect(told(shelf)).toEqual([
    'agents/z/critic.agent.md warning NAME_TAKEN "critic" is the name of agents/a/critic.agent.md, too. Give this file another name.',
  ])
})

test('of two skills with the same name, the first path has it', () => {
  const shelf = shelfOf({ 'skills/b/tables/SKILL.md': 'B', 'skills/a/tables/SKILL.md': 'A' })
  expect([...shelf.skills.values()].map(({ path }) => path)).toEqual(['skills/a/tables/SKILL.md'])
  expect(told(shelf)).toEqual([
    'skills/b/tables/SKILL.md warning NAME_TAKEN "tables" is the name of skills/a/tables/SKILL.md, too. Give this skill and its folder another name.',
  ])
})

const skills = { 'skills/writing/tables/SKILL.md': 'Use few.', 'skills/plots/SKILL.md': named('drawings') }

test.each([
  ['tables', 'tables'],
  ['drawings', 'drawings'],
  ['plots', 'drawings'],
  ['skills/plots', 'drawings'],
  ['./skills/plots/', 'drawings'],
  ['../skills/writing/tables/SKILL.md', 'tables'],
  ['writing/tables', 'tables'],
  ['ables', undefined],
  ['writing', undefined],
  ['', undefined],
  ['SKILL.md', undefined],
])('the skill %j is %s', (written, expected) => {
  expect(findSkill(shelfOf(skills).skills, written)?.skill.name).toBe(expected)
})

test('an agent that names a skill which is not there is told so, where it names it', () => {
  const text = '---\nskills: [tables, ~, table, table, ./skills/music/SKILL.md]\n---\n'
  const shelf = shelfOf({ ...skills, 'agents/a.agent.md': text })
  expect(told(shelf)).toEqual([
    'agents/a.agent.md warning UNKNOWN_SKILL There is no skill `table`; the agent has to do without. Did you mean `tables`?',
    'agents/a.agent.md warning UNKNOWN_SKILL There is no skill `./skills/music/SKILL.md`; the agent has to do without. Create `skills/music/SKILL.md`.',
  ])
  expect(shelf.diagnostics.map(({ span }) => text.slice(span.offset, span.endOffset))).toEqual([
    ...['table', './skills/music/SKILL.md'],
  ])
})
