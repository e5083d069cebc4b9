import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Trace } from '../../src/git/trace.ts'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type OpenedRepository, openedRepository } from './scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const times = Number(process.env['ORCHESTRATE_TIMES'] ?? 1)

/** A trace of twenty files; a few kilobytes differ from one run to the next, as answers do. */
function traceOf(run: string, revision: string, name = 'marketing'): Trace {
  const answer = Array.from(
    { length: 60 },
    (_, line) => `${run} says ${line}: ${Math.imul(line + 1, run.length * 7919)}`,
  )
  const steps = Array.from({ length: 17 }, (_, step): [string, string] => [
    `steps/step-${step}/output.md`,
    step % 5 === 0 ? answer.join('\n') : `The same words every time, of step ${step}.\n`.repeat(30),
  ])
  const files = new Map([
    ...steps,
    ['README.md', `# Run\n\n${answer.join('\n')}\n`],
    ['run.json', `{"id":"${run}"}\n`],
    ['journal.jsonl', answer.map(text => `${JSON.stringify({ run, text })}\n`).join('')],
  ])
  const trailers = { 'Orchestrate-Run': run, 'Orchestrate-Revision': revision, 'Orchestrate-Result': 'succeeded' }
  return {
    ...{ branch: 'main', revision, target: { to: 'auto' }, folder: `runs/${name}/default`, files, trailers },
    subject: `run(${name}): succeeded`,
  }
}

/** Everything that belongs to the person: HEAD, index, settings and the files of the work tree, byte for byte. */
async function belongings({ path }: OpenedRepository): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile() && !entry.parentPath.startsWith(join(path, '.git')))
    .map(entry => join(entry.parentPath, entry.name))
  const own = ['HEAD', 'index', 'config', 'refs/heads/main', 'logs/HEAD'].map(name => join(path, '.git', name))
  const read = async (file: string) => [file, (await readFile(file)).toString('base64')] as const
  return Object.fromEntries(await Promise.all([...files, ...own].map(read)))
}

async function sizeBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries.filter(entry => entry.isFile()).map(entry => stat(join(entry.parentPath, entry.name)))
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)
}

test('hundreds of traces leave a person’s things as they were, and the repository small and quick', async () => {
  await using scratch = await openedRepository()
  await scratch.write({ 'notes.md': 'half done', 'new.md': 'untracked' })
  await scratch.git('add', 'notes.md')
  const gitDir = join(scratch.path, '.git')
  const [before, bytesBefore] = [await belongings(scratch), await sizeBytes(gitDir)]
  const count = times >= 10 ? 2000 : 200
  {
    await using writer = createTraceWriter(scratch.repository, { clock: systemClock, log: quiet })
    for (let index = 0; index < count; index += 1) await writer.commitTrace(traceOf(`r${index}`, scratch.first))
  }
  expect(await belongings(scratch)).toEqual(before)
  expect(await scratch.git('rev-list', '--count', 'main..orchestrate/main')).toBe(String(count))
  expect((await sizeBytes(gitDir)) - bytesBefore).toBeLessThan(20_000_000)
  const packs = (await readdir(join(gitDir, 'objects/pack'))).filter(name => name.endsWith('.pack'))
  expect(packs.length).toBeLessThan(20)
  const started = performance.now()
  const log = await scratch.git('log', '-p', 'orchestrate/main', '--', 'runs/marketing/default/README.md')
  expect(performance.now() - started).toBeLessThan(1000)
  expect(log).toContain(`+r${count - 1} says 0`)
  expect(await scratch.git('fsck', '--strict', '--no-dangling')).not.toMatch(/error|missing/)
}, 900_000)

/** What a person does in a day, checked for surprises on the way. */
async function personalRound({ git, path, write, commit }: OpenedRepository, round: number): Promise<void> {
  const clean = async () => expect(await git('status', '--porcelain')).toBe('')
  await commit({ 'notes.md': `note ${round}\n` }, `note ${round}`)
  await write({ 'notes.md': `note ${round}, better\n` })
  await promisify(execFile)('git', ['commit', '--quiet', '--all', '--amend', '-m', `note ${round}`], { cwd: path })
  await clean()
  await write({ 'notes.md': 'not yet\n' })
  await git('stash', '--quiet')
  await clean()
  await git('checkout', '--quiet', '-b', `topic-${round}`)
  await commit({ [`topic-${round}.md`]: 'a topic\n' }, `topic ${round}`)
  await git('checkout', '--quiet', 'main')
  await clean()
  await commit({ 'other.md': `round ${round}\n` }, `other ${round}`)
  await git('checkout', '--quiet', `topic-${round}`)
  await git('rebase', '--quiet', 'main')
  await git('checkout', '--quiet', 'main')
  await git('merge', '--quiet', '--no-ff', '-m', `merge ${round}`, `topic-${round}`)
  await clean()
  await git('stash', 'pop', '--quiet')
  await git('checkout', '--quiet', '--', 'notes.md')
  await clean()
}

test('a person who commits, amends, rebases, merges, stashes and switches beside the traces never fails because of them', async () => {
  await using scratch = await openedRepository()
  await using writer = createTraceWriter(scratch.repository, { clock: systemClock, log: quiet, tracesPerProcess: 10 })
  let isDone = false
  let traces = 0
  const committing = (async () => {
    while (!isDone) {
      const revision = (await scratch.repository.tip('main')) ?? ''
      await writer.commitTrace(traceOf(`r${traces}`, revision, `w${traces % 7}`))
      traces += 1
    }
  })()
  const rounds = 6 * times
  try {
    for (let round = 0; round < rounds; round += 1) await personalRound(scratch, round)
  } finally {
    isDone = true
    await committing
  }
  const subjects = (await scratch.git('log', '--format=%s', 'main')).split('\n')
  for (let round = 0; round < rounds; round += 1) {
    for (const word of ['note', 'topic', 'other', 'merge']) expect(subjects).toContain(`${word} ${round}`)
  }
  expect(traces).toBeGreaterThan(rounds)
  const kept = await scratch.git(
    'log',
    '--format=%(trailers:key=Orchestrate-Run,valueonly)',
    'main',
    'orchestrate/main',
  )
  expect(new Set(kept.split('\n').filter(Boolean)).size).toBe(traces)
}, 300_000)
