import { expect, test } from 'vitest'
import { createController } from '../../src/controller/controller.ts'
import { declaredRuns } from '../../src/controller/declared-runs.ts'
import { Evaluator } from '../../src/controller/evaluator.ts'
import { shortMemory } from '../../src/controller/memory.ts'
import type { Repository } from '../../src/git/repository.ts'
import { systemClock } from '../../src/system/clock.ts'
import { openedRepository } from '../git/scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Looks at every branch, each time as a process of its own; the first start of a run may be its last deed. */
function looking(repository: Repository) {
  const memory = shortMemory()
  return async (dies = false): Promise<string[]> => {
    const evaluator = new Evaluator(repository)
    const controller = createController({
      ...{ repository, memory, clock: systemClock, log: quiet, branches: ['**'], pollMs: 1000 },
      evaluate: async (revision, branch, read = branch) =>
        declaredRuns(await evaluator.evaluate(revision, read), branch),
      startRun: async () => {
        if (dies) throw new Error('killed')
      },
    })
    return (await controller.reconcileNow()).map(({ branch, workflow }) => `${branch} ${workflow}`)
  }
}

const files = {
  'workflows/plain.yaml': 'steps: [{ prompt: Of run.branch }]\n',
  'workflows/dotted.yaml': 'steps: [{ prompt: "On ${run.branch}" }]\n',
  'workflows/bracketed.yaml': 'steps: [{ prompt: "On ${run[\'branch\']}" }]\n',
  'workflows/condition.yaml': 'steps: [{ if: run.branch == "x", prompt: Hello }]\n',
  'workflows/output.yaml': 'steps: [{ prompt: Hello }]\noutputs: { at: "${run.branch}" }\n',
  'workflows/filed.yaml': 'steps: [{ prompt: { file: prompts/where.md } }]\n',
  'prompts/where.md': 'On ${run.branch}.\n',
  'workflows/elsewhere.yaml': 'on: { commit: { branches: [topic] } }\nsteps: [{ prompt: Hello }]\n',
}
const readers = ['bracketed', 'condition', 'dotted', 'filed', 'output']

test('the first commit of a new branch starts what reads the branch, once, also after a crash', async () => {
  await using scratch = await openedRepository()
  const look = looking(scratch.repository)
  await scratch.commit(files)
  expect(await look()).toEqual([])
  await scratch.git('switch', '--quiet', '--create', 'topic')
  expect(await look()).toEqual([])
  await scratch.commit({ 'notes.md': 'one' })
  await expect(look(true)).rejects.toThrow('killed')
  expect((await look()).toSorted()).toEqual(readers.map(name => `topic ${name}`))
  await scratch.commit({ 'notes.md': 'two' })
  expect(await look()).toEqual([])
})

test('a branch that is first seen with a commit of its own starts what reads the branch', async () => {
  await using scratch = await openedRepository()
  const look = looking(scratch.repository)
  await scratch.commit(files)
  await look()
  await scratch.git('switch', '--quiet', '--create', 'topic')
  await scratch.commit({ 'workflows/plain.yaml': 'steps: [{ prompt: Anew }]\n' })
  expect((await look()).toSorted()).toEqual([...readers, 'plain'].map(name => `topic ${name}`))
})
