import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { land } from '../../src/git/land.ts'
import { openRepository, type Repository } from '../../src/git/repository.ts'
import type { Trace } from '../../src/git/trace.ts'
import { createTraceWriter, type TraceWriterOptions } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type OpenedRepository, openedRepository } from './scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function openWriter(repository: Repository, options: Partial<TraceWriterOptions> = {}) {
  return createTraceWriter(repository, { clock: systemClock, log: quiet, ...options })
}

function traceOf(runId: string, revision: string, changes: Partial<Trace> = {}): Trace {
  return {
    branch: 'main',
    revision,
    target: { to: 'auto' },
    folder: 'runs/marketing/default',
    files: new Map([
      ['run.json', `{"id":"${runId}"}\n`],
      ['README.md', `# Run\n`],
    ]),
    subject: 'run(marketing): succeeded',
    trailers: { 'Orchestrate-Run': runId, 'Orchestrate-Revision': revision, 'Orchestrate-Result': 'succeeded' },
    ...changes,
  }
}

/** Everything that belongs to the person: HEAD, index and the files of the work tree, byte for byte. */
async function belongings({ path }: OpenedRepository): Promise<Record<string, string>> {
  const files = (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && !entry.parentPath.startsWith(join(path, '.git')))
    .map(entry => join(entry.parentPath, entry.name))
  const all = [...files, join(path, '.git/HEAD'), join(path, '.git/index'), join(path, '.git/config')]
  return Object.fromEntries(await Promise.all(all.map(async file => [file, (await readFile(file)).toString('base64')])))
}

test('beside a checked-out branch the trace goes to its orchestrate branch, and nothing of the person’s changes', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  await scratch.write({ 'notes.md': 'half done', 'new.md': 'untracked' })
  await scratch.git('add', 'notes.md')
  const before = await belongings(scratch)
  const committed = await writer.commitTrace(traceOf('r1', scratch.first))
  expect(await belongings(scratch)).toEqual(before)

  expect(committed.ref).toBe('refs/heads/orchestrate/main')
  expect(await scratch.git('rev-parse', 'orchestrate/main^', 'main')).toBe(`${scratch.first}\n${scratch.first}`)
  expect(
    await scratch.git('log', '-1', '--format=%an <%ae>|%cn <%ce>|%s|%(trailers:only,unfold)', committed.commit),
  ).toBe(
    `Orchestrate <orchestrate@localhost>|Orchestrate <orchestrate@localhost>|run(marketing): succeeded|` +
      `Orchestrate-Run: r1\nOrchestrate-Revision: ${scratch.first}\nOrchestrate-Result: succeeded\n`.trimEnd(),
  )
  expect((await scratch.git('ls-tree', '-r', '--name-only', committed.commit)).split('\n')).toEqual([
    'notes.md',
    'runs/.gitattributes',
    'runs/marketing/default/README.md',
    'runs/marketing/default/run.json',
    'workflows/marketing.yaml',
  ])
  expect(await scratch.git('show', `${committed.commit}:runs/.gitattributes`)).toContain(
    '**/run.json linguist-generated -diff',
  )
})

test('a branch that nobody has checked out gets the trace itself, also in a bare repository', async () => {
  await using scratch = await openedRepository()
  await scratch.git('clone', '--quiet', '--bare', scratch.path, `${scratch.path}-bare`)
  await using bare = await openRepository(`${scratch.path}-bare`)
  await using writer = openWriter(bare)
  const committed = await writer.commitTrace(traceOf('r1', scratch.first))
  expect(committed.ref).toBe('refs/heads/main')
  expect(await bare.tip('main')).toBe(committed.commit)
  expect((await bare.git(['rev-parse', 'main^'])).stdout.trim()).toBe(scratch.first)
})

test('a trace replaces the folder of the one before and keeps the traces beside it', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  await writer.commitTrace(
    traceOf('r1', scratch.first, {
      files: new Map([
        ['run.json', '1'],
        ['out/old.txt', 'x'],
      ]),
    }),
  )
  await writer.commitTrace(traceOf('r2', scratch.first, { folder: 'runs/marketing/loud' }))
  const bytes = new Uint8Array([0, 255, 10, 13])
  const { commit } = await writer.commitTrace(
    traceOf('r3', scratch.first, { files: new Map([['out/a "b".bin', bytes]]) }),
  )
  const listed = await scratch.git('ls-tree', '-r', '-z', '--name-only', commit, 'runs')
  expect(listed.split('\0').filter(Boolean)).toEqual([
    'runs/.gitattributes',
    'runs/marketing/default/out/a "b".bin',
    'runs/marketing/loud/README.md',
    'runs/marketing/loud/run.json',
  ])
  const { files } = await scratch.repository.readTree(commit, ['runs/marketing/default'])
  const [entry] = files.values()
  expect((await scratch.repository.objects.read(entry?.id ?? ''))?.contents).toEqual(Buffer.from(bytes))
  expect(await scratch.git('rev-list', '--count', `main..${commit}`)).toBe('3')
})

test('a trace that was committed and not noted is found, though another run has written over it since', async () => {
  await using scratch = await openedRepository()
  const [first, second] = [traceOf('r1', scratch.first), traceOf('r2', scratch.first)]
  await using writer = openWriter(scratch.repository)
  const { commit } = await writer.commitTrace(first)
  const over = await writer.commitTrace(second)
  await using restarted = openWriter(scratch.repository)
  const third = traceOf('r3', scratch.first, { folder: 'runs/other/default', mayBeThere: true })
  const again = await Promise.all([{ ...first, mayBeThere: true }, third].map(trace => restarted.commitTrace(trace)))
  expect(again[0]?.commit).toBe(commit)
  expect(await scratch.git('rev-list', '--count', `${over.commit}..orchestrate/main`)).toBe('1')
  expect(await scratch.git('log', '-1', '--format=%(trailers:key=Orchestrate-Run,valueonly)', 'orchestrate/main')).toBe(
    'r3',
  )
  // Alone, it moves nothing.
  expect((await restarted.commitTrace({ ...second, mayBeThere: true })).commit).toBe(over.commit)
  expect(await scratch.git('rev-list', '--count', `${over.commit}..orchestrate/main`)).toBe('1')
})

test('in a clone without all of its history a trace that may have been committed is looked for as far as there is history', async () => {
  await using scratch = await openedRepository()
  await scratch.commit({ 'notes.md': 'more\n' }, 'second')
  await scratch.git('clone', '--quiet', '--depth', '1', `file://${scratch.path}`, 'shallow')
  await using repository = await openRepository(join(scratch.path, 'shallow'))
  await using writer = openWriter(repository)
  const revision = (await repository.tip('main')) ?? ''
  const { commit } = await writer.commitTrace(traceOf('r1', revision))
  const next = traceOf('r2', revision, { folder: 'runs/other/default', mayBeThere: true })
  expect((await writer.commitTrace(next)).commit).not.toBe(commit)
  expect((await writer.commitTrace({ ...traceOf('r1', revision), mayBeThere: true })).commit).toBe(commit)
})

test('committing the same run again answers with the first commit', async () => {
  await using scratch = await openedRepository()
  const trace = traceOf('r1', scratch.first)
  const other = traceOf('r2', scratch.first, { folder: 'runs/other/default' })
  await using writer = openWriter(scratch.repository)
  const first = await writer.commitTrace(trace)
  expect(await writer.commitTrace(trace)).toEqual(first)
  const second = await writer.commitTrace(other)
  await using restarted = openWriter(scratch.repository)
  expect(await restarted.commitTrace(trace)).toEqual(first)
  expect(await scratch.repository.tip('orchestrate/main')).toBe(second.commit)
  const same = await writer.commitTrace(traceOf('r3', scratch.first, { files: trace.files }))
  expect(same.commit).not.toBe(first.commit)
})

test('when the branch has moved on, the next trace joins the new revision and keeps the earlier traces', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const early = await writer.commitTrace(traceOf('r1', scratch.first, { folder: 'runs/other/default' }))
  const second = await scratch.commit({ 'workflows/marketing.yaml': 'steps: [2]\n' })
  const late = await writer.commitTrace(traceOf('r2', second))
  expect(await scratch.git('log', '-1', '--format=%P', late.commit)).toBe(`${second} ${early.commit}`)
  expect(await scratch.git('show', `${late.commit}:workflows/marketing.yaml`)).toBe('steps: [2]')
  expect((await scratch.git('diff', '--name-only', `main...${late.commit}`)).split('\n').sort()).toEqual([
    'runs/.gitattributes',
    'runs/marketing/default/README.md',
    'runs/marketing/default/run.json',
    'runs/other/default/README.md',
    'runs/other/default/run.json',
  ])
  const belated = await writer.commitTrace(traceOf('r3', scratch.first, { folder: 'runs/belated/default' }))
  expect(await scratch.git('log', '-1', '--format=%P', belated.commit)).toBe(late.commit)
  expect(await writer.commitTrace(traceOf('r1', scratch.first, { folder: 'runs/other/default' }))).toEqual(early)
})

test('one branch can take all traces; it holds nothing else', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const target = { to: 'branch:traces' }
  await writer.commitTrace(traceOf('r1', scratch.first, { target }))
  await writer.commitTrace(traceOf('r2', scratch.first, { target, branch: 'feature', folder: 'runs/other/default' }))
  expect(await scratch.git('rev-list', '--count', 'traces')).toBe('2')
  expect(await scratch.git('ls-tree', '--name-only', 'traces')).toBe('runs')
  await scratch.git('checkout', '--quiet', 'traces')
  const beside = await writer.commitTrace(traceOf('r3', scratch.first, { target }))
  expect(beside.ref).toBe('refs/heads/orchestrate/traces')
  expect(await scratch.git('status', '--porcelain')).toBe('')
})

test('a branch that was deleted during its run is not brought back', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const { ref } = await writer.commitTrace(traceOf('r1', scratch.first, { branch: 'gone' }))
  expect(ref).toBe('refs/heads/orchestrate/gone')
  expect(await scratch.repository.tip('gone')).toBeUndefined()
})

test('paths that leave the folder of traces are refused, and so is a link in its place', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const odd = ['../../x', '.git/config', 'a//b', 'a\nb', '.GIT/x']
  for (const name of odd) {
    const trace = traceOf('r1', scratch.first, { files: new Map([[name, 'x']]) })
    await expect(writer.commitTrace(trace)).rejects.toMatchObject({ reason: 'UnsafePath' })
  }
  await expect(writer.commitTrace(traceOf('r1', scratch.first, { folder: 'workflows/a' }))).rejects.toMatchObject({
    reason: 'UnsafePath',
  })
  const blob = await scratch.git('rev-parse', 'main:notes.md')
  await scratch.git('update-index', '--add', '--cacheinfo', `120000,${blob},runs`)
  await scratch.git('commit', '--quiet', '-m', 'link')
  const revision = await scratch.git('rev-parse', 'HEAD')
  await expect(writer.commitTrace(traceOf('r1', revision))).rejects.toMatchObject({ reason: 'UnsafePath' })
})

test('a killed fast-import loses nothing: the next trace starts another', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const commits: string[] = []
  for (let index = 0; index < 6; index += 1) {
    const pending = writer.commitTrace(traceOf(`r${index}`, scratch.first, { folder: `runs/w${index}/default` }))
    // Killed before, while and after it works, in turn.
    await new Promise(resolve => systemClock.at(systemClock.now() + index, () => resolve(undefined)))
    const pid = writer.pid()
    if (pid) process.kill(pid, 'SIGKILL')
    commits.push((await pending).commit)
  }
  expect((await scratch.git('rev-list', '--reverse', 'main..orchestrate/main')).split('\n')).toEqual(commits)
  expect(await scratch.git('fsck', '--strict', '--no-dangling')).not.toMatch(/error|missing/)
})

test('traces and a stranger’s commits to the same branch all arrive', async () => {
  await using scratch = await openedRepository()
  const { git, first } = scratch
  const bare = `${scratch.path}-bare`
  await git('clone', '--quiet', '--bare', scratch.path, bare)
  await using repository = await openRepository(bare)
  await using writer = openWriter(repository)
  const strangers = async () => {
    let landed = 0
    while (landed < 10) {
      const tip = (await repository.tip('main')) ?? ''
      const own = await git('-C', bare, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', `stranger ${landed}`)
      if ((await repository.updateRefs([{ ref: 'refs/heads/main', new: own, old: tip }])) === 'won') landed += 1
    }
  }
  const traces = async () => {
    for (let index = 0; index < 10; index += 1)
      await writer.commitTrace(traceOf(`r${index}`, first, { folder: `runs/w${index}/default` }))
  }
  await Promise.all([strangers(), traces()])
  const subjects = (await git('-C', bare, 'log', '--format=%s', `${first}..main`)).split('\n')
  expect(subjects.filter(subject => subject.startsWith('stranger'))).toHaveLength(10)
  expect(subjects.filter(subject => subject.startsWith('run('))).toHaveLength(10)
  expect((await git('-C', bare, 'ls-tree', '--name-only', 'main:runs')).split('\n')).toHaveLength(11)
})

test('where a person works, a branch that they have not checked out is not moved either', async () => {
  await using scratch = await openedRepository()
  await scratch.git('branch', 'feature')
  await using writer = openWriter(scratch.repository)
  const { ref } = await writer.commitTrace(traceOf('r1', scratch.first, { branch: 'feature' }))
  expect(ref).toBe('refs/heads/orchestrate/feature')
  expect(await scratch.repository.tip('feature')).toBe(scratch.first)
})

test('traces of one revision that settle at once share a commit; each is found by its run', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const second = await scratch.commit({ 'workflows/marketing.yaml': 'steps: [2]\n' })
  const asked = [
    ...[1, 2, 3].map(index => traceOf(`r${index}`, scratch.first, { folder: `runs/w${index}/default` })),
    traceOf('r4', scratch.first, { folder: 'runs/w1/default', files: new Map([['run.json', '4']]) }),
    traceOf('r5', second, { folder: 'runs/w5/default' }),
  ]
  const committed = await Promise.all(asked.map(trace => writer.commitTrace(trace)))
  const [one, two, three, four, five] = committed.map(({ commit }) => commit)
  expect([two, three]).toEqual([one, one])
  expect(new Set([one, four, five]).size).toBe(3)
  const runsOf = (commit = '') => scratch.git('log', '-1', '--format=%(trailers:key=Orchestrate-Run,valueonly)', commit)
  expect(await runsOf(one)).toBe('r1\nr2\nr3')
  expect(await runsOf(four)).toBe('r4')
  expect(await scratch.git('show', 'orchestrate/main:runs/w1/default/run.json')).toBe('4')
  expect(await scratch.git('log', '-1', '--format=%s', one ?? '')).toBe('run(marketing): succeeded, and 2 more')
})

test('of traces that come together only those are committed that are not there yet', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  const old = traceOf('r1', scratch.first)
  const { commit } = await writer.commitTrace(old)
  const fresh = traceOf('r2', scratch.first, { folder: 'runs/other/default' })
  const [again, added] = await Promise.all([writer.commitTrace(old), writer.commitTrace(fresh)])
  expect(again.commit).toBe(commit)
  expect(
    await scratch.git('log', '--format=%s%(trailers:key=Orchestrate-Run,valueonly)', `${commit}..${added.commit}`),
  ).toBe('run(marketing): succeededr2\n'.trimEnd())
})

test('a trace that cannot be written keeps none of its neighbours from their place', async () => {
  await using scratch = await openedRepository()
  const revision = await scratch.commit({ 'runs/taken': 'a file\n' })
  await using writer = openWriter(scratch.repository)
  const [bad, good] = await Promise.allSettled([
    writer.commitTrace(traceOf('r1', revision, { folder: 'runs/taken/default' })),
    writer.commitTrace(traceOf('r2', revision)),
  ])
  expect(bad).toMatchObject({ status: 'rejected', reason: { reason: 'UnsafePath' } })
  expect(good.status).toBe('fulfilled')
})

test('a repository that is opened by its .git folder is still where a person works', async () => {
  await using scratch = await openedRepository()
  await using repository = await openRepository(join(scratch.path, '.git'))
  await using writer = openWriter(repository)
  const { ref } = await writer.commitTrace(traceOf('r1', scratch.first))
  expect(ref).toBe('refs/heads/orchestrate/main')
  expect(await scratch.git('status', '--porcelain')).toBe('')
})

test('while packs are joined a person’s loose objects and their folders stay where they are', async () => {
  await using scratch = await openedRepository()
  const loose = async () =>
    (await readdir(join(scratch.path, '.git/objects'))).filter(name => /^[0-9a-f]{2}$/.test(name)).sort()
  await scratch.git('repack', '-a', '-q')
  const before = await loose()
  expect(before.length).toBeGreaterThan(3)
  const writer = openWriter(scratch.repository, { tracesPerProcess: 5 })
  for (let index = 0; index < 10; index += 1)
    await writer.commitTrace(traceOf(`r${index}`, scratch.first, { files: new Map([['run.json', `${index}`]]) }))
  await writer[Symbol.asyncDispose]()
  expect(await loose()).toEqual(before)
})

test('packs of many traces are joined and the repository stays whole', async () => {
  await using scratch = await openedRepository()
  const writer = openWriter(scratch.repository, { tracesPerProcess: 10 })
  for (let index = 0; index < 30; index += 1) {
    await writer.commitTrace(traceOf(`r${index}`, scratch.first, { files: new Map([['run.json', `${index}`]]) }))
  }
  await writer[Symbol.asyncDispose]()
  const packs = await readdir(join(scratch.path, '.git/objects/pack'))
  expect(packs.filter(name => name.endsWith('.pack')).length).toBeLessThan(10)
  expect(packs.filter(name => name.endsWith('.keep'))).toEqual([])
  expect(await scratch.git('rev-list', '--count', 'main..orchestrate/main')).toBe('30')
  expect(await scratch.git('fsck', '--strict', '--no-dangling')).not.toMatch(/error|missing/)
  expect(await scratch.git('status', '--porcelain')).toBe('')
})

test('where the traces of another branch stand in the way of a name, another one is taken and kept, and landing finds it', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  await scratch.git('branch', 'orchestrate/feature')
  await scratch.git('switch', '--quiet', '--create', 'feature/login')
  const revision = scratch.first
  const first = await writer.commitTrace(traceOf('r1', revision, { branch: 'feature/login' }))
  expect(first.ref).toBe('refs/heads/orchestrate-2/feature/login')
  await scratch.git('branch', '--delete', '--force', 'orchestrate/feature')
  const second = await writer.commitTrace(traceOf('r2', revision, { branch: 'feature/login' }))
  expect(second.ref).toBe(first.ref)
  expect(await scratch.git('rev-parse', `${second.commit}^`)).toBe(first.commit)
  expect(await land(scratch.repository)).toMatchObject({ branch: 'feature/login', traces: ['runs/marketing/default'] })
  expect(await scratch.repository.branchesMatching(['**'])).toEqual(['feature/login', 'main'])
})

test('a branch called orchestrate, or traces below the name, keep no trace from being committed', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  await scratch.git('branch', 'orchestrate')
  expect((await writer.commitTrace(traceOf('r1', scratch.first))).ref).toBe('refs/heads/orchestrate-2/main')
  await scratch.git('branch', '--move', 'orchestrate', 'orchestrate/feature/login')
  // Packed refs have no folders of their own.
  await scratch.git('pack-refs', '--all')
  const other = traceOf('r2', scratch.first, { branch: 'feature' })
  expect((await writer.commitTrace(other)).ref).toBe('refs/heads/orchestrate-2/feature')
})

test('where the branch that all traces were to go to cannot be made, it is told which other stands in the way', async () => {
  await using scratch = await openedRepository()
  await using writer = openWriter(scratch.repository)
  await scratch.git('branch', 'traces/old')
  await expect(writer.commitTrace(traceOf('r1', scratch.first, { target: { to: 'branch:traces' } }))).rejects.toThrow(
    expect.objectContaining({
      reason: 'RefNameTaken',
      message: expect.stringContaining('Rename or delete refs/heads/traces/old'),
    }),
  )
})
