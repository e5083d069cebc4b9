import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openImporter } from '../../src/git/fast-import.ts'
import { type Pushed, type PushOptions, pushTraces } from '../../src/git/push.ts'
import { openRepository, type Repository } from '../../src/git/repository.ts'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type OpenedRepository, openedRepository, personalGit } from './scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

interface Shared extends OpenedRepository {
  /** Git in the bare repository that all push to. */
  remote(...words: string[]): Promise<string>
}

/** A repository whose `main` is on a bare remote called `origin`. */
async function sharedRepository(): Promise<Shared> {
  const scratch = await openedRepository()
  const bare = `${scratch.path}-remote`
  await scratch.git('clone', '--quiet', '--bare', scratch.path, bare)
  await scratch.git('remote', 'add', 'origin', bare)
  await scratch.git('push', '--quiet', '--set-upstream', 'origin', 'main')
  return { ...scratch, remote: (...words) => personalGit(bare, ...words) }
}

async function commitRun(
  repository: Repository,
  run: string,
  revision: string,
  workflow = 'marketing',
): Promise<string> {
  await using writer = createTraceWriter(repository, { clock: systemClock, log: quiet })
  const facts = { id: run, workflow, phase: 'succeeded', revision, closureKey: 'key' }
  const files = new Map([
    ['run.json', JSON.stringify(facts)],
    ['README.md', `# Marketing\n\n${run} is done.\n`],
  ])
  const { commit } = await writer.commitTrace({
    ...{ branch: 'main', revision, target: { to: 'auto' }, folder: `runs/${workflow}/default`, files },
    subject: `run(${workflow}): succeeded`,
    trailers: { 'Orchestrate-Run': run, 'Orchestrate-Revision': revision },
  })
  return commit
}

async function push(repository: Repository, changes: Partial<PushOptions> = {}, slot = 'push'): Promise<Pushed> {
  const importer = openImporter(repository.location, slot)
  const source = repository.location.workTree ? 'refs/heads/orchestrate/main' : 'refs/heads/main'
  const options = { remote: 'origin', branch: 'main', source, isStale: async () => false, ...changes }
  try {
    return await pushTraces({ repository, importer, clock: systemClock, random: Math.random }, options)
  } finally {
    await importer.close()
  }
}

test('while the remote branch is at the revision that ran, it gets the commit of the trace itself', async () => {
  await using scratch = await sharedRepository()
  const before = await scratch.git('for-each-ref', 'refs/remotes', 'refs/heads/main')
  const commit = await commitRun(scratch.repository, 'r1', scratch.first)
  expect(await push(scratch.repository)).toBe('pushed')
  expect(await scratch.remote('rev-parse', 'main')).toBe(commit)
  expect(await push(scratch.repository)).toBe('nothing')
  const second = await commitRun(scratch.repository, 'r2', scratch.first)
  expect(await push(scratch.repository)).toBe('pushed')
  expect(await scratch.remote('rev-list', 'main')).toBe([second, commit, scratch.first].join('\n'))
  // What the person sees of the remote is theirs to fetch.
  expect(await scratch.git('for-each-ref', 'refs/remotes', 'refs/heads/main')).toBe(before)
})

test('once the remote branch has moved on, the trace is brought onto its tip, and says so where the workflow changed', async () => {
  await using scratch = await sharedRepository()
  await commitRun(scratch.repository, 'r1', scratch.first)
  const moved = await scratch.commit({ 'workflows/marketing.yaml': 'steps: [2]\n' })
  await scratch.git('push', '--quiet')
  const asked: string[] = []
  const isStale: PushOptions['isStale'] = async (run, tip) => {
    asked.push(`${run.id} ${run.closureKey} ${tip}`)
    return true
  }
  expect(await push(scratch.repository, { isStale })).toBe('pushed')
  expect(asked).toEqual([`r1 key ${moved}`])
  expect(await scratch.remote('rev-parse', 'main^')).toBe(moved)
  expect(
    await scratch.remote('log', '-1', '--format=%an|%s|%(trailers:key=Orchestrate-Run,valueonly)', 'main'),
  ).toContain('Orchestrate|run(marketing): succeeded|r1')
  expect(await scratch.remote('log', '-1', '--format=%(trailers:key=Orchestrate-Stale,valueonly)', 'main')).toBe('true')
  expect(await scratch.remote('show', 'main:runs/marketing/default/README.md')).toContain(
    '# Marketing\n\n> **Out of date.**',
  )
  expect(await scratch.remote('diff', '--name-only', 'main^', 'main')).toBe(
    ['.gitattributes', 'marketing/default/README.md', 'marketing/default/run.json']
      .map(name => `runs/${name}`)
      .join('\n'),
  )
  // The next run is of the new text: its page takes the place of the old one.
  await commitRun(scratch.repository, 'r2', moved)
  expect(await push(scratch.repository)).toBe('pushed')
  expect(await scratch.remote('show', 'main:runs/marketing/default/README.md')).toBe('# Marketing\n\nr2 is done.')
})

test('a trace waits while the remote has not got the revision that ran', async () => {
  await using scratch = await sharedRepository()
  const local = await scratch.commit({ 'notes.md': 'not pushed yet\n' })
  await commitRun(scratch.repository, 'r1', local)
  expect(await push(scratch.repository)).toBe('behind')
  expect(await scratch.remote('rev-parse', 'main')).toBe(scratch.first)
  await scratch.git('push', '--quiet')
  expect(await push(scratch.repository)).toBe('pushed')
  expect(await scratch.remote('rev-parse', 'main^')).toBe(local)
})

test('what was taken off the remote branch is not pushed again, and a branch that the remote lacks is not made', async () => {
  await using scratch = await sharedRepository()
  await commitRun(scratch.repository, 'r1', scratch.first)
  await push(scratch.repository)
  await scratch.git('pull', '--quiet')
  await scratch.git('rm', '-r', '--quiet', 'runs')
  await scratch.commit({}, 'drop')
  await scratch.git('push', '--quiet')
  expect(await push(scratch.repository)).toBe('nothing')
  expect(await push(scratch.repository, { branch: 'gone' })).toBe('no-branch')
  expect(await scratch.remote('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
})

test('pushers and people that race for one branch all get there', async () => {
  await using scratch = await sharedRepository()
  const others = await Promise.all(
    [1, 2, 3].map(async index => {
      const path = `${scratch.path}-${index}`
      await scratch.git('clone', '--quiet', `${scratch.path}-remote`, path)
      return openRepository(path)
    }),
  )
  await Promise.all(others.map((repository, index) => commitRun(repository, `r${index}`, scratch.first, `w${index}`)))
  const person = async () => {
    for (let round = 0; round < 3; round += 1) {
      await scratch.commit({ 'notes.md': `round ${round}\n` }, `person ${round}`)
      await promisify(execFile)('sh', ['-c', 'until git pull -q --rebase && git push -q; do :; done'], {
        cwd: scratch.path,
      })
    }
  }
  const pushed = await Promise.all([...others.map(repository => push(repository)), person()])
  expect(pushed.slice(0, 3)).toEqual(['pushed', 'pushed', 'pushed'])
  const files = (await scratch.remote('ls-tree', '-r', '--name-only', 'main')).split('\n')
  for (const index of [0, 1, 2]) expect(files).toContain(`runs/w${index}/default/run.json`)
  const subjects = (await scratch.remote('log', '--format=%s', 'main')).split('\n')
  expect(subjects.filter(subject => subject.startsWith('person'))).toHaveLength(3)
  for (const repository of others) await repository[Symbol.asyncDispose]()
}, 120_000)

test('a remote that refuses is not asked again and again, and says why', async () => {
  await using scratch = await sharedRepository()
  await commitRun(scratch.repository, 'r1', scratch.first)
  await scratch.git('remote', 'set-url', 'origin', `${scratch.path}-nowhere`)
  await expect(push(scratch.repository)).rejects.toMatchObject({ reason: 'CommandFailed' })
})
