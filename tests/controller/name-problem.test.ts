import { expect, test } from 'vitest'
import { evaluate } from '../../src/controller/evaluate.ts'
import { Evaluator } from '../../src/controller/evaluator.ts'
import { readShelf } from '../../src/controller/shelf.ts'
import { commitSources } from '../../src/git/sources.ts'
import { openedRepository } from '../git/scratch-repository.ts'

const sound = 'steps: [{ prompt: Hello }]\n'
const withCase = 'inputs: { day: string }\ncases: { daily: { day: today } }\nsteps: [{ prompt: "Say ${day}." }]\n'
const markdown = '# D\n\n## Say\n\nHello.\n'

/** For each commit of some files, one on top of the other: the workflows that are not sound, and why. */
async function unsound(...commits: Readonly<Record<string, string>>[]): Promise<Record<string, string>[]> {
  await using scratch = await openedRepository()
  const { repository } = scratch
  const evaluator = new Evaluator(repository)
  const found: Record<string, string>[] = []
  for (const files of commits) {
    await scratch.git('rm', '-rq', '--ignore-unmatch', 'workflows')
    const revision = await scratch.commit(files)
    const sources = await commitSources(repository, revision)
    const { library } = await readShelf(sources)
    const problems: Record<string, string> = {}
    for (const workflow of (await evaluator.evaluate(revision, 'main')).workflows) {
      const { path, program, diagnostics } = workflow
      const alone = await evaluate(sources, library, path)
      expect([alone.diagnostics, alone.program === undefined]).toEqual([diagnostics, program === undefined])
      if (!program) problems[path] = diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n')
    }
    found.push(problems)
  }
  return found
}

test('two files of one name do not run, either of them, until there is only one again', async () => {
  const one = { 'workflows/d.yaml': sound, 'workflows/e/d.yaml': sound }
  const two = { ...one, 'workflows/d.workflow.md': markdown }
  expect(await unsound(one, two, { ...one, 'workflows/d.yml': sound }, one)).toEqual([
    {},
    {
      'workflows/d.yaml': 'NAME_TAKEN "d" is the name of workflows/d.workflow.md, too; neither runs.',
      'workflows/d.workflow.md': 'NAME_TAKEN "d" is the name of workflows/d.yaml, too; neither runs.',
    },
    { 'workflows/d.yaml': expect.any(String), 'workflows/d.yml': expect.any(String) },
    {},
  ])
})

test('a workflow whose traces would lie within those of another one does not run; the other one does', async () => {
  const outer = { 'workflows/digest.yaml': sound, 'workflows/digest/daily.yaml': sound }
  expect(
    await unsound(
      outer,
      { ...outer, 'workflows/digest.yaml': withCase },
      { ...outer, 'workflows/digest.yaml': withCase, 'workflows/digest/daily/more.yaml': sound },
      { 'workflows/digest/daily.yaml': sound, 'workflows/digest/manual.yaml': sound },
    ),
  ).toEqual([
    {},
    { 'workflows/digest/daily.yaml': 'NAME_TAKEN runs/digest/daily is where the traces of workflows/digest.yaml go.' },
    { 'workflows/digest/daily.yaml': expect.any(String), 'workflows/digest/daily/more.yaml': expect.any(String) },
    {},
  ])
  for (const name of ['default', 'manual', 'schedule', 'webhook']) {
    const [problems] = await unsound({ 'workflows/x.yaml': sound, [`workflows/x/${name}.yaml`]: sound })
    expect(Object.keys(problems ?? {})).toEqual([`workflows/x/${name}.yaml`])
  }
})
