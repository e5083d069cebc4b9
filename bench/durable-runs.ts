// What it costs that runs survive anything: a real journal on a real disk, one synced commit for every turn of the event
// loop, and executors that answer at once. Medians of several rounds; a round measures the product and its peer in turn.
// Run: npm run bench -- durable
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { loadProgram, type LoadedProgram } from '../src/runtime/chart-logic.ts'
import { RunKeeper } from '../src/runtime/keeper.ts'
import type { Executor, Journal, Log, NewEvent } from '../src/runtime/ports.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { systemClock } from '../src/system/clock.ts'
import { createdFor } from '../tests/runtime/sound-program.ts'
import { executorsOf } from '../tests/runtime/executors-of.ts'
import { read } from './language-scale.ts'
import { line, median, ms, perStep, times } from './measure.ts'
import { eachOf, parallelOf, promptChain, randomGraph } from './scale-workflows.ts'

const rounds = 9

/** Time on the clock, and of the processor: the rest was spent waiting for the disk, and for what else the machine does. */
interface Took {
  readonly ms: number
  readonly processorMs: number
}

/** A keeper over a journal in a folder of its own, whose attempts are answered at once. */
class Bench implements Disposable {
  readonly commits: (readonly NewEvent[])[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'))
  readonly #store: Store = openStore(this.#folder)
  readonly #keeper: RunKeeper
  #runs = 0

  constructor() {
    const answer = { output: 'Well.' }
    const executor: Executor = { execute: () => Promise.resolve(answer) }
    this.#keeper = new RunKeeper({
      clock: systemClock,
      random: () => 0.5,
      log: silent,
      journal: this.#recorded(),
      executors: executorsOf(executor),
      parallel: 10_000,
      runs: 10_000,
      load: () => {
        throw new Error('nothing waits here')
      },
    })
  }

  /** Drives some runs of a program to their ends, all at once; how many milliseconds it took, and how many of work. */
  async run(loaded: LoadedProgram, runs = 1): Promise<Took> {
    this.commits.length = 0
    const created = createdFor(loaded.program)
    const processor = process.cpuUsage()
    const before = performance.now()
    const ended = this.#ended(runs)
    for (let index = 0; index < runs; index += 1) {
      void this.#keeper.start(`r${this.#runs + index}`, created, loaded, new Map())
    }
    this.#runs += runs
    await ended
    const { user, system } = process.cpuUsage(processor)
    return { ms: performance.now() - before, processorMs: (user + system) / 1000 }
  }

  [Symbol.dispose](): void {
    this.#keeper.close()
    this.#store.close()
    rmSync(this.#folder, { recursive: true })
  }

  #ended(runs: number): Promise<void> {
    let left = runs
    return new Promise(resolve => {
      const stop = this.#keeper.listen({
        onEvents: events => {
          for (const { body } of events) if (body.type === 'run-settled') left -= 1
          if (left > 0) return
          stop()
          resolve()
        },
      })
    })
  }

  #recorded(): Journal {
    return {
      commit: (events, blobs) => {
        this.commits.push(events)
        return this.#store.commit(events, blobs)
      },
      read: runId => this.#store.read(runId),
      readBlob: hash => this.#store.readBlob(hash),
    }
  }
}

const say = (): void => undefined
const silent: Log = { debug: say, info: say, warn: say, error: say }

/** The least that durable steps can cost: SQLite alone writes the same rows in as many transactions, each synced. */
class BareSqlite implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-bare-'))
  readonly #database = new DatabaseSync(join(this.#folder, 'bare.db'))

  constructor() {
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, v INTEGER, run_id TEXT, time_ms REAL, type TEXT, body TEXT, body_hash TEXT
      ) STRICT;
      CREATE INDEX events_by_run ON events (run_id, seq);
    `)
  }

  write(commits: readonly (readonly NewEvent[])[]): number {
    const rows = commits.map(events => events.map(event => ({ ...event, json: JSON.stringify(event.body) })))
    const insert = this.#database.prepare(
      'INSERT INTO events (v, run_id, time_ms, type, body, body_hash) VALUES (1, ?, ?, ?, ?, NULL)',
    )
    const before = performance.now()
    for (const transaction of rows) {
      this.#database.exec('BEGIN IMMEDIATE')
      for (const { runId, timeMs, body, json } of transaction) insert.run(runId, timeMs, body.type, json)
      this.#database.exec('COMMIT')
    }
    return performance.now() - before
  }

  [Symbol.dispose](): void {
    this.#database.close()
    rmSync(this.#folder, { recursive: true })
  }
}

/** Runs of a program, and in turn the same rows by SQLite alone: medians of the rounds, and of their ratios. */
async function compare(text: string, runs = 1) {
  using bench = new Bench()
  using bare = new BareSqlite()
  const loaded = loadProgram(read(text))
  const figures: (Took & { readonly bareMs: number })[] = []
  for (let round = -3; round < rounds; round += 1) {
    const took = await bench.run(loaded, runs)
    const bareMs = bare.write(bench.commits)
    if (round >= 0) figures.push({ ...took, bareMs })
  }
  return {
    ms: median(figures.map(({ ms }) => ms)),
    processorMs: median(figures.map(({ processorMs }) => processorMs)),
    bareMs: median(figures.map(({ bareMs }) => bareMs)),
    ratio: median(figures.map(({ ms, bareMs }) => ms / bareMs)),
    commits: bench.commits.length,
  }
}

/** A chain of prompts, each answered as soon as it is asked: one synced commit a step. */
async function sequential(steps: number): Promise<void> {
  const { ms: ours, bareMs, ratio, processorMs, commits } = await compare(promptChain(steps))
  line(`${steps} durable steps in a row`, ms(ours), `${perStep(ours, steps)}, ${commits} commits`)
  line('of that the processor', ms(processorMs), perStep(processorMs, steps))
  line('the same rows by a bare SQLite loop', ms(bareMs), perStep(bareMs, steps))
  line('ratio, median of the rounds', times(ratio, 1), 'target 1.6 ×')
}

async function atOnce(label: string, text: string, targetMs: number): Promise<void> {
  const { ms: ours, bareMs, processorMs, commits } = await compare(text)
  line(label, ms(ours), `target ${targetMs} ms; ${partsOf(processorMs, bareMs, commits)}`)
}

async function concurrent(runs: number, steps: number): Promise<void> {
  const { ms: ours, bareMs, processorMs, commits } = await compare(promptChain(steps), runs)
  const rate = `${Math.round((runs * 1000) / ours)} runs/s`
  line(`${runs} concurrent runs of ${steps} steps`, rate, `target 2000; ${partsOf(processorMs, bareMs, commits)}`)
}

function partsOf(processorMs: number, bareMs: number, commits: number): string {
  return `processor ${ms(processorMs)}, the same rows by bare SQLite ${ms(bareMs)} in ${commits} commits`
}

/** What can be asked for by name. */
export const durableSections: Readonly<Record<string, () => Promise<void>>> = {
  durable: async () => {
    await sequential(500)
    await atOnce('each of 1000 items at once', eachOf(1000, 1, 1000), 60)
    await atOnce('parallel of 1000 branches', parallelOf(1000), 60)
    await atOnce('graph of 1000 steps', randomGraph(1000), 80)
    await concurrent(200, 10)
  },
}
