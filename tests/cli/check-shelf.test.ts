import { expect, test } from 'vitest'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const agent = '---\nname: Critic\nskills: [tables, plots]\ncolor: red\n---\nYou judge.\n'
const skill = '---\nname: Tables\ndescription: Makes tables.\n---\nUse few.\n'

test('check reads agents and skills together, and what other tools wrote is no problem', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'agents/judge.agent.md': agent, 'skills/tables/SKILL.md': skill })
  const told = await orchestrate(repository.path, ['check'])
  expect(told.code).toBe(0)
  expect(told.stdout).toContain('agents/judge.agent.md:3:18 warning[UNKNOWN_SKILL] There is no skill `plots`')
  expect(told.stdout).toContain('agents/judge.agent.md:4:1 info[FOREIGN_FIELDS]')
  expect(told.stdout).toContain('skills/tables/SKILL.md:2:7 warning[SKILL_NAME]')
  expect(told.stderr).toBe('✓ 2 files: 2 warnings, 1 remark\n')
})

test('one skill or agent is checked by its name, in the workspace around it', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'agents/judge.agent.md': agent, 'skills/tables/SKILL.md': skill, 'SKILL.md': 'No more.' })
  const ofSkill = await orchestrate(repository.path, ['check', 'skills/tables/SKILL.md'])
  expect(ofSkill).toMatchObject({ code: 0, stderr: '✓ 1 file: 1 warning\n' })
  const ofAgent = await orchestrate(repository.path, ['check', 'agents/judge.agent.md'])
  expect(ofAgent.stdout).toContain('UNKNOWN_SKILL')
  const elsewhere = await orchestrate(repository.path, ['check', 'SKILL.md'])
  expect(elsewhere.stdout).toContain('MISSING_FIELD')
})
