import { expect, test } from 'vitest'
import { closureKey } from '../../src/controller/closure.ts'
import { type ControllerOptions, createController } from '../../src/controller/controller.ts'
import type { DueRun, Evaluated } from '../../src/controller/look.ts'
import { shortMemory } from '../../src/controller/memory.ts'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type OpenedRepository, openedRepository } from '../git/scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A controller over a real repository. A workflow depends on its own file alone; one that says `broken` is not sound. */
function controlled({ repository }: OpenedRepository, over: Partial<ControllerOptions<Evaluated>> = {}) {
  const runs = new Map<string, DueRun>()
  const memory = shortMemory()
  const options: ControllerOptions<Evaluated> = {
    repository,
    clock: systemClock,
    log: quiet,
    memory,
    pollMs: 1000,
    knownRuns: { get: id => runs.get(id)?.closureKey },
    evaluate: async revision => {
      const { files } = await repository.readTree(revision)
      const workflows = [...files].filter(([path]) => path.startsWith('workflows/'))
      return Promise.all(
        workflows.map(async ([path, { id }]) => {
          const isSound = !(await repository.readBlob(id)).includes('broken')
          const workflow = path.slice('workflows/'.length, -'.yaml'.length)
          return { workflow, case: 'default', closureKey: closureKey({ paths: [path] }, files), isSound }
        }),
      )
    },
    startRun: async run => {
      runs.set(run.runId, run)
    },
    ...over,
  }
  return { ...createController(options), runs }
}

const names = (runs: Iterable<DueRun>) => [...runs].map(run => run.workflow).sort()

test('the first look records the tip and starts nothing; the next commit starts what it changed', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch)
  expect(await controller.reconcileNow()).toEqual([])
  expect(await scratch.repository.reconciled('main')).toBe(scratch.first)
  const revision = await scratch.commit({ 'workflows/digest.yaml': 'steps: [1]\n', 'notes.md': 'also' })
  const started = await controller.reconcileNow()
  expect(started).toMatchObject([{ workflow: 'digest', case: 'default', branch: 'main', revision, trigger: 'commit' }])
  expect(await scratch.repository.reconciled('main')).toBe(revision)
  expect(await controller.reconcileNow()).toEqual([])
})

test('with a starting revision the first look starts what has changed since', async () => {
  await using scratch = await openedRepository()
  await scratch.commit({ 'workflows/digest.yaml': 'steps: [1]\n' })
  expect(names(await controlled(scratch, { from: 'main^' }).reconcileNow())).toEqual(['digest'])
})

test('commits that touch no workflow start nothing', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch)
  await controller.reconcileNow()
  const tip = await scratch.commit({ 'notes.md': 'two', 'runs/marketing/default/run.json': '{}' })
  expect(await controller.reconcileNow()).toEqual([])
  expect(await scratch.repository.reconciled('main')).toBe(tip)
})

test('several commits seen at once are one run, and a revert is another', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch)
  await controller.reconcileNow()
  for (const text of ['1', '2', '3']) await scratch.commit({ 'workflows/marketing.yaml': text })
  expect(names(await controller.reconcileNow())).toEqual(['marketing'])
  await scratch.git('revert', '--no-edit', 'HEAD')
  expect(names(await controller.reconcileNow())).toEqual(['marketing'])
  expect(controller.runs.size).toBe(2)
})

test('an amended message, a rebase of other files and a deleted workflow start nothing', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch)
  await scratch.commit({ 'workflows/digest.yaml': '1' })
  await controller.reconcileNow()
  await scratch.git('commit', '--quiet', '--amend', '-m', 'better words')
  expect(await controller.reconcileNow()).toEqual([])
  await scratch.git('rm', '--quiet', 'workflows/digest.yaml')
  await scratch.git('commit', '--quiet', '-m', 'gone')
  expect(await controller.reconcileNow()).toEqual([])
})

test('a workflow that is not sound is not run, and due again once it is repaired', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch)
  await controller.reconcileNow()
  await scratch.commit({ 'workflows/marketing.yaml': 'broken', 'workflows/digest.yaml': 'fine' })
  expect(names(await controller.reconcileNow())).toEqual(['digest'])
  await scratch.commit({ 'workflows/marketing.yaml': 'steps: []\n' }, 'as it was before')
  expect(names(await controller.reconcileNow())).toEqual(['marketing'])
})

test('a crash between start and mark starts the same run under the same id, even when a trace landed meanwhile', async () => {
  await using scratch = await openedRepository()
  const { repository, git, first } = scratch
  await git('branch', 'served')
  await git('update-ref', 'refs/orchestrate/reconciled/served', first)
  const revision = await scratch.commit({ 'workflows/marketing.yaml': 'new' })
  await git('update-ref', 'refs/heads/served', revision)

  const memory = shortMemory()
  const crashed: DueRun[] = []
  const dying = controlled(scratch, {
    branches: ['served'],
    memory,
    startRun: async run => {
      crashed.push(run)
      throw new Error('killed')
    },
  })
  await expect(dying.reconcileNow()).rejects.toThrow()
  expect(await repository.reconciled('served')).toBe(first)

  await using writer = createTraceWriter(repository, { clock: systemClock, log: quiet })
  const files = new Map([['run.json', '{}']])
  const target = { to: 'branch:served' }
  const trace = { branch: 'served', revision, target, folder: 'runs/marketing/default', files }
  const { ref } = await writer.commitTrace({
    ...trace,
    subject: 'run(marketing)',
    trailers: { 'Orchestrate-Run': 'x' },
  })
  expect(ref).toBe('refs/heads/served')
  const again = await controlled(scratch, { branches: ['served'], memory }).reconcileNow()
  expect(again.map(run => run.runId)).toEqual(crashed.map(run => run.runId))
})

test('a new branch starts what it changed since it left a reconciled one', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch, { branches: ['main', 'feature/*'] })
  await controller.reconcileNow()
  await scratch.git('checkout', '--quiet', '-b', 'feature/same')
  expect(await controller.reconcileNow()).toEqual([])
  await scratch.git('checkout', '--quiet', '-b', 'feature/new')
  await scratch.commit({ 'workflows/digest.yaml': '1' })
  expect(await controller.reconcileNow()).toMatchObject([{ workflow: 'digest', branch: 'feature/new' }])
  await scratch.git('checkout', '--quiet', 'main')
  await scratch.git('merge', '--quiet', '--no-ff', '--no-edit', 'feature/new')
  expect(await controller.reconcileNow()).toMatchObject([{ workflow: 'digest', branch: 'main' }])
})

test('a deleted branch leaves no mark in the way of one with a longer name', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch, { branches: ['**'] })
  await scratch.git('branch', 'feature')
  await controller.reconcileNow()
  await scratch.git('branch', '-D', 'feature')
  await scratch.git('branch', 'feature/a')
  await controller.reconcileNow()
  expect([...(await scratch.repository.reconciledBranches()).keys()]).toEqual(['feature/a', 'main'])
})

test('a commit that lands while runs are started is seen in the same pass', async () => {
  await using scratch = await openedRepository()
  let hasLanded = false
  const controller = controlled(scratch, {
    startRun: async () => {
      if (!hasLanded) await scratch.commit({ 'workflows/late.yaml': '1' })
      hasLanded = true
    },
  })
  await controller.reconcileNow()
  await scratch.commit({ 'workflows/digest.yaml': '1' })
  expect(names(await controller.reconcileNow())).toEqual(['digest', 'late'])
})

test('a branch that cannot be read does not hold up the others', async () => {
  await using scratch = await openedRepository()
  await scratch.git('branch', 'broken')
  const controller = controlled(scratch, { branches: ['broken', 'main'] })
  await controller.reconcileNow()
  await scratch.git('checkout', '--quiet', 'broken')
  const tip = await scratch.commit({ 'workflows/digest.yaml': '1' })
  await scratch.git('checkout', '--quiet', 'main')
  await scratch.commit({ 'workflows/marketing.yaml': '2' })
  const started: string[] = []
  const failing = controlled(scratch, {
    branches: ['broken', 'main'],
    startRun: async run => {
      if (run.revision === tip) throw new Error('disk full')
      started.push(run.workflow)
    },
  })
  await expect(failing.reconcileNow()).rejects.toThrow('disk full')
  expect(started).toEqual(['marketing'])
  expect(names(await controller.reconcileNow())).toEqual(['digest'])
})

test('while it watches, a commit is acted on without being asked', async () => {
  await using scratch = await openedRepository()
  let heard = (_run: DueRun) => {}
  const next = () => new Promise<DueRun>(resolve => (heard = resolve))
  const controller = controlled(scratch, { startRun: async run => heard(run) })
  await controller.reconcileNow()
  const stop = new AbortController()
  const watching = controller.watch(stop.signal)
  for (const text of ['1', '2']) {
    const run = next()
    const revision = await scratch.commit({ 'workflows/marketing.yaml': text })
    expect(await run).toMatchObject({ workflow: 'marketing', revision })
  }
  stop.abort()
  await watching
})

test('a pass that failed is tried again later without a further commit', async () => {
  await using scratch = await openedRepository()
  const timers: (() => void)[] = []
  const clock = { ...systemClock, at: (_timeMs: number, callback: () => void) => (timers.push(callback), () => {}) }
  let heard = () => {}
  let attempts = 0
  const controller = controlled(scratch, {
    clock,
    startRun: async () => {
      attempts += 1
      heard()
      if (attempts === 1) throw new Error('disk full')
    },
  })
  await controller.reconcileNow()
  await scratch.commit({ 'workflows/marketing.yaml': '1' })
  const stop = new AbortController()
  const first = new Promise<void>(resolve => (heard = resolve))
  const watching = controller.watch(stop.signal)
  await first
  const second = new Promise<void>(resolve => (heard = resolve))
  while (timers.length < 2) await new Promise<void>(resolve => systemClock.soon(resolve))
  for (const fire of timers.splice(0)) fire()
  await second
  expect(attempts).toBe(2)
  stop.abort()
  await watching
})

test('a branch that is set back and forth between two commits runs again each time', async () => {
  await using scratch = await openedRepository()
  const controller = controlled(scratch)
  await controller.reconcileNow()
  const second = await scratch.commit({ 'workflows/marketing.yaml': '2' })
  for (const to of [second, scratch.first, second, scratch.first]) {
    await scratch.git('reset', '--quiet', '--hard', to)
    expect(names(await controller.reconcileNow())).toEqual(['marketing'])
  }
  expect(controller.runs.size).toBe(4)
})
