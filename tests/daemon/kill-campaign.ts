import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises'
import { type Dice, diceOf } from '../../src/mock-host/dice.ts'
import type { FaultName } from '../../src/mock-host/faults.ts'
import type { ReceivedRequest } from '../../src/mock-host/respond.ts'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import { openStore } from '../../src/store/store.ts'
import { launchDaemon } from './daemon-process.ts'
import { beginning, Load } from './kill-load.ts'
import { People } from './kill-people.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

/** The time of one daemon process: what the hosts were asked in it, and the journal that it left. */
export interface Life {
  readonly requests: readonly ReceivedRequest[]
  readonly journal: readonly JournalEvent[]
}

/** What a campaign has seen. The last of the lives ended by itself, all others by SIGKILL. */
export interface Campaign {
  readonly lives: readonly Life[]
  readonly committed: readonly string[]
  readonly people: People
  /** The ids of the runs whose traces are in git. */
  readonly traces: readonly string[]
}

/** What goes wrong with a host for a few requests; then it is sound again. */
const faults: readonly FaultName[] = ['503', 'reset-mid-stream', 'truncated-json', 'early-end']

/** Kills daemons of one workspace at random times of a mixed load, then lets the last one finish everything. */
export async function runCampaign(seed: number, kills: number): Promise<Campaign> {
  const profile = { firstTokenMs: 30, perTokenMs: 2, slots: 4 }
  await using left = await startMockHost({ profile, seed })
  await using right = await startMockHost({ profile, seed: seed + 1 })
  using workspace = scratchWorkspace([left, right])
  workspace.commit('beginning', beginning)
  const war = new War(workspace, [left, right], seed)
  await war.begin()
  for (let kill = 0; kill < kills; kill += 1) await war.liveAndDie()
  await war.finish()
  // Runs that settle at once share a commit.
  const format = '--format=%(trailers:key=Orchestrate-Run,valueonly)'
  const traces = workspace
    .git('log', format, 'main..orchestrate/main')
    .split('\n')
    .filter(id => id !== '')
  return { lives: war.lives, committed: war.load.committed, people: war.people, traces }
}

class War {
  readonly lives: Life[] = []
  readonly load: Load
  readonly people: People
  readonly #workspace: ScratchWorkspace
  readonly #hosts: readonly MockHost[]
  readonly #dice: Dice
  /** How many requests each host had when the life began. */
  #asked: number[]
  #startMs = 1000

  constructor(workspace: ScratchWorkspace, hosts: readonly MockHost[], seed: number) {
    this.#workspace = workspace
    this.#hosts = hosts
    // Dice of their own: how often people roll depends on the speed of the machine, when a daemon is killed must not.
    this.#dice = diceOf({ seed, of: 'kills' })
    this.#asked = hosts.map(() => 0)
    this.load = new Load(diceOf({ seed, of: 'load' }))
    this.people = new People(workspace.root, diceOf({ seed, of: 'people' }))
  }

  /** The first look at the branch: what it holds already starts nothing. */
  async begin(): Promise<void> {
    const beganMs = performance.now()
    await using daemon = launchDaemon(this.#workspace.root)
    await daemon.ready
    this.#startMs = performance.now() - beganMs
    await daemon.kill('SIGTERM')
    for (let workflow = 0; workflow < this.load.kinds; workflow += 1) this.#commit()
  }

  /** One daemon, from its start to its kill: during its start, or while it works. */
  async liveAndDie(): Promise<void> {
    if (this.#dice.between(0, 1) === 1) this.#commit()
    await using daemon = launchDaemon(this.#workspace.root)
    if (this.#dice.between(1, 4) === 1) await pause(this.#dice.between(0, Math.round(this.#startMs)))
    else await this.#work(await daemon.ready, this.#dice.between(20, 500))
    await daemon.kill('SIGKILL')
    await this.#record()
  }

  /** A last daemon over sound hosts brings every run to its end, and its trace into git. */
  async finish(): Promise<void> {
    for (const host of this.#hosts) host.setFaults([])
    await using daemon = launchDaemon(this.#workspace.root)
    const url = await daemon.ready
    this.people.attend(url)
    const lastMs = performance.now() + 120_000
    while (!(await this.#isOver(url)) && performance.now() < lastMs) await pause(100)
    await daemon.kill('SIGTERM')
    await this.#record()
  }

  /** Whether every commit has its run, and every run its trace. */
  async #isOver(url: string): Promise<boolean> {
    const runs = await this.people.runs(url)
    const ran = new Set(runs.map(({ workflow }) => workflow))
    return (
      this.load.committed.every(name => ran.has(name)) && runs.every(({ traceCommit }) => traceCommit !== undefined)
    )
  }

  async #work(url: string, forMs: number): Promise<void> {
    this.people.attend(url)
    if (this.#dice.between(0, 1) === 1) void this.people.execute(url, 'child')
    const firstMs = this.#dice.between(0, forMs)
    await pause(firstMs)
    this.#commit()
    for (const host of this.#hosts) host.setFaults([{ name: this.#dice.pick(faults), times: this.#dice.between(0, 5) }])
    await pause(forMs - firstMs)
  }

  #commit(): void {
    const { name, files } = this.load.next()
    this.#workspace.commit(name, files)
  }

  async #record(): Promise<void> {
    // What the dead process had sent is heard before anything of the next one: on a busy machine a pause ends before any
    // socket is read again, so connections, heads and bodies get their turns.
    await pause(10)
    for (let turn = 0; turn < 5; turn += 1) await immediate()
    const requests = this.#hosts.flatMap((host, index) => host.requests.slice(this.#asked[index]))
    this.#asked = this.#hosts.map(host => host.requests.length)
    this.lives.push({ requests, journal: journalOf(this.#workspace.root) })
  }
}

/** Reads a copy: to open the file itself would put in order what the next daemon has to put in order. */
function journalOf(root: string): JournalEvent[] {
  const copy = mkdtempSync(join(tmpdir(), 'orchestrate-journal-'))
  try {
    for (const name of ['state.db', 'state.db-wal']) {
      const path = join(root, '.orchestrate', name)
      if (existsSync(path)) copyFileSync(path, join(copy, name))
    }
    using store = openStore(copy)
    return store.eventsFrom(0, 1_000_000)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
