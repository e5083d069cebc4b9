import { expect, test } from 'vitest'
import { openImporter } from '../../src/git/fast-import.ts'
import { type Resolution, resolveTraces } from '../../src/git/resolve.ts'
import { type OpenedRepository, openedRepository } from './scratch-repository.ts'

const notes = 'one\n\n2\n\n3\n\nfour\n'
const trace = (run: string, steps: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries({ 'run.json': `{"id":"${run}"}\n`, 'README.md': `${run}\n`, ...steps }).map(([name, text]) => [
      `runs/tale/default/${name}`,
      text,
    ]),
  )

type Files = Readonly<Record<string, string>>

/** Both sides change files; the base is merged into the branch, as the daemon does it. */
async function resolved(scratch: OpenedRepository, before: Files, ours: Files, theirs: Files): Promise<Resolution> {
  await scratch.commit(before)
  await scratch.git('switch', '--quiet', '--create', 'pr')
  const tip = await scratch.commit(ours)
  await scratch.git('switch', '--quiet', 'main')
  const baseTip = await scratch.commit(theirs)
  const { repository } = scratch
  const importer = openImporter(repository.location, 'resolve')
  try {
    const ports = { repository, importer, clock: { now: () => 0 } }
    return await resolveTraces(ports, { branch: 'pr', tip, base: 'main', baseTip })
  } finally {
    await importer.close()
  }
}

test('of a trace in conflict every file is of one run, and notes beside it are merged line by line', async () => {
  await using scratch = await openedRepository()
  const found = await resolved(
    scratch,
    { ...trace('0', { 'a.md': 'a\n', 'b.md': 'b\n' }), 'runs/NOTES.md': notes },
    { ...trace('1', { 'a.md': 'a of ours\n', 'c.md': 'c\n' }), 'runs/NOTES.md': notes.replace('one', 'ONE') },
    {
      ...trace('2', { 'b.md': 'b of theirs\n', 'd.md': 'd\n' }),
      'runs/NOTES.md': notes.replace('four', 'FOUR'),
      'runs/other/default/run.json': '{}\n',
    },
  )
  if (found.state !== 'resolved') throw new Error(found.state)
  const { commit } = found
  expect(await scratch.git('show', `${commit}:runs/NOTES.md`)).toBe(
    notes.replace('one', 'ONE').replace('four', 'FOUR').trimEnd(),
  )
  const folder = (revision: string) => scratch.git('rev-parse', `${revision}:runs/tale/default`)
  expect(await folder(commit)).toBe(await folder('pr'))
  expect(await scratch.git('show', `${commit}:runs/other/default/run.json`)).toBe('{}')
  expect(await scratch.git('rev-parse', `${commit}^1`, `${commit}^2`)).toBe(
    await scratch.git('rev-parse', 'pr', 'main'),
  )
})

test.each([
  ['a note beside the traces', 'runs/NOTES.md'],
  ['a folder that is a trace on one side only', 'runs/tale/other/README.md'],
])('what both sides wrote on one line is left to people: %s', async (_name, path) => {
  await using scratch = await openedRepository()
  const ours = { ...trace('1', {}), [path]: 'ours\n' }
  const theirs = { ...trace('2', {}), [path]: 'theirs\n', 'runs/tale/other/run.json': '{}\n' }
  expect(await resolved(scratch, trace('0', {}), ours, theirs)).toEqual({ state: 'conflict', files: [path] })
})

test.each([
  ['hides a conflict', 'true', 'one', 'conflict'],
  ['sees a conflict where there is none', 'false', 'four', 'clean'],
])('a driver that %s does not count, since a forge has none', async (_name, driver, line, state) => {
  await using scratch = await openedRepository()
  await scratch.git('config', 'merge.orchestrate.driver', driver)
  await scratch.git('config', 'merge.of person.driver', driver)
  await scratch.git('config', 'merge.default', 'of person')
  const attributes = { '.gitattributes': 'tale.yaml merge=orchestrate\n', 'tale.yaml': notes, 'other.md': notes }
  const edited = (from: string, to: string) => ({
    'tale.yaml': notes.replace(from, to),
    'other.md': notes.replace(from, to),
  })
  const found = await resolved(scratch, attributes, edited('one', 'ours'), edited(line, 'theirs'))
  expect(found).toEqual(state === 'clean' ? { state } : { state, files: ['other.md', 'tale.yaml'] })
})
