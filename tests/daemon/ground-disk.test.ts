import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { realPorts } from '../../src/cli/ports.ts'
import { serve } from '../../src/cli/serve.ts'
import { type Daemon, openDaemon } from '../../src/daemon.ts'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'
import type { Server } from '../../src/server/listen.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { orchestrate } from '../cli/command.ts'
import { authorization, launchDaemon, startDaemon, type StartingDaemon } from './daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

const longText = 'word '.repeat(2500)
const questions = 6
const steps = Array.from(
  { length: questions },
  (_, at) => `  - { id: step_${at}, prompt: "Question ${at}. ${longText}" }`,
)
const workflows = {
  'workflows/chain.yaml': `steps:\n${steps.join('\n')}\n`,
  'workflows/short.yaml': 'steps:\n  - { id: only, prompt: Short. }\n',
}

/** The real daemon over a workspace, with its server, in this process: a test can fill its disk. */
class Ground implements AsyncDisposable {
  readonly host: MockHost
  readonly workspace: ScratchWorkspace
  readonly daemon: Daemon
  readonly server: Server

  private constructor(host: MockHost, workspace: ScratchWorkspace, daemon: Daemon, server: Server) {
    this.host = host
    this.workspace = workspace
    this.daemon = daemon
    this.server = server
  }

  static async open(host: MockHost, workspace: ScratchWorkspace): Promise<Ground> {
    const daemon = await openDaemon(
      { root: workspace.root, mock: false },
      await realPorts(workspace.root, 'silent'),
      '1',
    )
    daemon.recover()
    const server = await serve(daemon, { host: '127.0.0.1', port: 0 })
    await daemon.catchUp()
    return new Ground(host, workspace, daemon, server)
  }

  get store(): Store {
    return this.daemon.workspace.store
  }

  get trouble(): Error | undefined {
    return this.daemon.workspace.keeper.trouble
  }

  async health(): Promise<{ code: number; reasons: readonly string[] }> {
    const response = await fetch(`${this.server.url}/healthz`)
    const { reasons } = (await response.json()) as { reasons: string[] }
    return { code: response.status, reasons }
  }

  /** Asks the server to start the short workflow. */
  execute(): Promise<Response> {
    return fetch(`${this.server.url}/workflows/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization(this.workspace.root) },
      body: JSON.stringify({ workflow: 'short' }),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    await this.daemon[Symbol.asyncDispose]()
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 5))
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** How often each question was asked. */
function timesAsked({ requests }: MockHost): number[] {
  return [...Map.groupBy(requests, ({ idempotencyKey }) => idempotencyKey).values()].map(({ length }) => length)
}

/** A chain of questions that meets a full disk on its way. */
async function withFullDisk(host: MockHost, workspace: ScratchWorkspace): Promise<Ground> {
  const ground = await Ground.open(host, workspace)
  workspace.commit('chain', workflows)
  void ground.daemon.catchUp()
  await until(() => host.requests.length >= 2)
  ground.store.limitPages(1)
  await until(() => ground.trouble !== undefined)
  return ground
}

const steady = { profile: { firstTokenMs: 40, perTokenMs: 0, slots: 4 }, seed: 8 }

test('a full disk is said by the server and beside the runs; nothing acknowledged is lost, and all goes on when there is room', async () => {
  await using host = await startMockHost(steady)
  using workspace = scratchWorkspace([host])
  await using ground = await withFullDisk(host, workspace)
  const why = 'JournalUnavailable: the journal cannot be written: database or disk is full'
  expect(await ground.health()).toEqual({ code: 503, reasons: [why] })
  for (const words of [['runs'], ['show', 'latest']]) {
    expect((await orchestrate(workspace.root, words)).stderr).toBe(`warning: ${why}; runs wait until it can\n`)
  }
  expect((await orchestrate(workspace.root, ['doctor'])).stdout).toContain(`The daemon says: ${why}.`)

  const acknowledged = ground.store.eventsFrom(0, 10_000)
  const asked = host.requests.length
  const executed = ground.execute()
  expect(await Promise.race([executed.then(() => 'acknowledged'), pause(1500).then(() => 'waits')])).toBe('waits')
  expect(host.requests).toHaveLength(asked)
  expect(ground.store.eventsFrom(0, 10_000)).toEqual(acknowledged)

  ground.store.limitPages(1_000_000)
  const { runId } = (await (await executed).json()) as { runId: string }
  await until(() => ground.store.runs().every(({ phase }) => phase === 'succeeded'))
  expect(ground.store.runs().map(({ id }) => id)).toContain(runId)
  expect(ground.store.eventsFrom(0, acknowledged.length)).toEqual(acknowledged)
  expect(timesAsked(host)).toEqual(Array.from({ length: questions + 2 }, () => 1))
  expect(await ground.health()).toEqual({ code: 200, reasons: [] })
  expect((await orchestrate(workspace.root, ['runs'])).stderr).toBe('')
})

test('a daemon that is stopped while the disk is full ends, and the next one goes on from what was acknowledged', async () => {
  await using host = await startMockHost(steady)
  using workspace = scratchWorkspace([host])
  let acknowledged: unknown[] = []
  {
    await using ground = await withFullDisk(host, workspace)
    acknowledged = ground.store.eventsFrom(0, 10_000)
    // A run that is being started must not keep the daemon from ending.
    workspace.commit('another', { 'workflows/other.yaml': 'steps:\n  - { id: only, prompt: Other. }\n' })
    void ground.daemon.watch()
    await pause(300)
  }
  await using ground = await Ground.open(host, workspace)
  expect(ground.store.eventsFrom(0, acknowledged.length)).toEqual(acknowledged)
  await until(() => ground.store.runs().length === 3 && ground.store.runs().every(({ phase }) => phase === 'succeeded'))
  // What each of the two runs was answered and could not be written is asked again, and nothing else.
  const times = timesAsked(host)
  expect(times).toHaveLength(questions + 2)
  expect(times.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(questions + 2 + 2)
})

/** Another process that holds the database of a workspace for some time. */
function holdDatabase(root: string, forMs: number): ChildProcess {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(process.argv[1])
    database.exec('BEGIN IMMEDIATE')
    console.log('held')
    setTimeout(() => database.exec('COMMIT'), ${forMs})`
  return spawn(process.execPath, ['-e', script, join(root, '.orchestrate/state.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('while another process holds the database runs wait, the server answers, and then all goes on', async () => {
  await using host = await startMockHost(steady)
  using workspace = scratchWorkspace([host])
  await using ground = await Ground.open(host, workspace)
  const holder = holdDatabase(workspace.root, 2500)
  const ended = once(holder, 'exit')
  if (holder.stdout) await once(holder.stdout, 'data')
  workspace.commit('chain', workflows)
  void ground.daemon.catchUp()
  await until(() => ground.trouble !== undefined)
  const begun = performance.now()
  expect(await ground.health()).toEqual({
    code: 503,
    reasons: ['JournalUnavailable: the journal cannot be written: database is locked'],
  })
  expect(performance.now() - begun).toBeLessThan(1000)
  expect(host.requests).toHaveLength(0)
  await ended
  await until(() => ground.store.runs().filter(({ phase }) => phase === 'succeeded').length === 2)
  expect(timesAsked(host)).toEqual(Array.from({ length: questions + 1 }, () => 1))
  expect((await ground.health()).code).toBe(200)
})

test('the journal of a full disk can be read by a store that is opened beside it', async () => {
  await using host = await startMockHost(steady)
  using workspace = scratchWorkspace([host])
  await using ground = await withFullDisk(host, workspace)
  using store = openStore(join(workspace.root, '.orchestrate'))
  expect(store.eventsFrom(0, 10_000)).toEqual(ground.store.eventsFrom(0, 10_000))
})

/** What a disk can do to a write or a sync, and how SQLite says so. The points are those of `man fiu-run`. */
const diskFaults = [
  { name: 'without room', points: ['posix/io/rw/pwrite', 'posix/io/rw/pwrite64'], errno: 28, says: 'disk is full' },
  { name: 'that fails to write', points: ['posix/io/rw/pwrite', 'posix/io/rw/pwrite64'], errno: 5, says: 'I/O error' },
  {
    name: 'that fails to sync',
    points: ['posix/io/sync/fsync', 'posix/io/sync/fdatasync'],
    errno: 5,
    says: 'I/O error',
  },
]

/** A daemon whose disk can be made to fail, by fiu-run. */
function daemonOnFailingDisk(
  root: string,
): StartingDaemon & { fail(points: readonly string[], errno: number): void; heal(): void } {
  const control = join(root, 'fiu')
  const daemon = launchDaemon(root, [], ['fiu-run', '-x', '-f', control])
  const tell = (...commands: string[]): void => {
    const words = commands.flatMap(command => ['-c', command])
    execFileSync('fiu-ctrl', ['-f', control, ...words, String(daemon.pid)])
  }
  let failing: readonly string[] = []
  return {
    ...daemon,
    fail: (points, errno) => {
      failing = points
      tell(...points.map(point => `enable name=${point},failinfo=${errno}`))
    },
    heal: () => tell(...failing.map(point => `disable name=${point}`)),
  }
}

function journalOf({ root }: ScratchWorkspace): unknown[] {
  using store = openStore(join(root, '.orchestrate'))
  return store.eventsFrom(0, 10_000)
}

// A library that stands between the process and the system is brought by the nightly tests only.
for (const { name, points, errno, says } of process.env['ORCHESTRATE_TIMES'] === undefined ? [] : diskFaults) {
  test(`on a disk ${name} nothing acknowledged is lost, and all goes on when it works again`, async () => {
    await using host = await startMockHost(steady)
    using workspace = scratchWorkspace([host])
    await using daemon = daemonOnFailingDisk(workspace.root)
    const url = await daemon.ready
    workspace.commit('chain', workflows)
    await until(() => host.requests.length >= 3)
    daemon.fail(points, errno)
    await daemon.line('journal cannot be written; runs wait')
    const health = await fetch(`${url}/healthz`)
    expect(health.status).toBe(503)
    expect(await health.text()).toContain(says)
    const [acknowledged, asked] = [journalOf(workspace), host.requests.length]
    await pause(2500)
    expect([journalOf(workspace), host.requests.length]).toEqual([acknowledged, asked])
    daemon.heal()
    await daemon.settledRuns(2)
    expect(journalOf(workspace).slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(timesAsked(host)).toEqual(Array.from({ length: questions + 1 }, () => 1))
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  test(`a process that dies on a disk ${name} has lost nothing acknowledged`, async () => {
    await using host = await startMockHost(steady)
    using workspace = scratchWorkspace([host])
    {
      await using daemon = daemonOnFailingDisk(workspace.root)
      await daemon.ready
      workspace.commit('chain', workflows)
      await until(() => host.requests.length >= 3)
      daemon.fail(points, errno)
      await daemon.line('journal cannot be written; runs wait')
    }
    const acknowledged = journalOf(workspace)
    await using daemon = await startDaemon(workspace.root)
    await daemon.settledRuns(2)
    expect(journalOf(workspace).slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(host.requests.length).toBeLessThanOrEqual(questions + 1 + 2)
  })
}
