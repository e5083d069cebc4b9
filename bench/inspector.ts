// What it costs that people may look into runs: a run of 10 000 instant steps over a real journal, without a server, with
// one that nobody looks through, and with two viewers in another process. Rounds of all three in turn; medians of the
// ratios in each round, since the machine does other things, too. Run: npm run bench -- inspector
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadProgram, type LoadedProgram } from '../src/runtime/chart-logic.ts'
import { RunKeeper } from '../src/runtime/keeper.ts'
import type { Executor, Log } from '../src/runtime/ports.ts'
import { createServer } from '../src/server/app.ts'
import type { Server } from '../src/server/listen.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { systemClock } from '../src/system/clock.ts'
import { createRedactor } from '../src/trace/redact.ts'
import { executorsOf } from '../tests/runtime/executors-of.ts'
import { bareOptions } from '../tests/server/bare-options.ts'
import { createdFor } from '../tests/runtime/sound-program.ts'
import { read } from './language-scale.ts'
import { line, median, ms, perStep, times } from './measure.ts'
import { eachOf } from './scale-workflows.ts'

const rounds = 7
const steps = 10_000
const say = (): void => undefined
const silent: Log = { debug: say, info: say, warn: say, error: say }
const token = 'a-token'

/** What a viewer in the other process says when the run is over for it. */
interface Seen {
  readonly frames: number
  readonly bytes: number
}

/** Time on the clock, and of this process's processor: the machine does other things, too. */
interface Took {
  readonly ms: number
  readonly processorMs: number
  /** When the viewers had seen it all. */
  readonly seenMs: number
  readonly seen: Seen | undefined
}

/** A keeper whose attempts are answered at once, and a server beside it if wanted. */
class Bench implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-inspect-'))
  readonly #store: Store = openStore(this.#folder)
  readonly #keeper: RunKeeper
  readonly #loaded: LoadedProgram
  #server: Server | undefined
  #viewers: ChildProcess | undefined
  #runs = 0

  constructor(loaded: LoadedProgram) {
    this.#loaded = loaded
    const answer = { output: 'Well.' }
    const executor: Executor = { execute: () => Promise.resolve(answer) }
    this.#keeper = new RunKeeper({
      ...{ clock: systemClock, random: () => 0.5, log: silent, journal: this.#store, executors: executorsOf(executor) },
      ...{ parallel: 10_000, runs: 10_000 },
    })
  }

  async serve(): Promise<void> {
    const store = this.#store
    const redactor = createRedactor({ API_KEY: 'a-secret-of-some-length' })
    this.#server = await createServer({
      ...bareOptions(store, token),
      feed: {
        eventsFrom: (seq, limit) => store.eventsFrom(seq, limit),
        read: runId => store.read(runId),
        lastSeq: () => store.lastSeq(),
        now: () => systemClock.now(),
        listen: listener => this.#keeper.listen(listener),
      },
      program: () => this.#loaded.program,
      inspect: {
        load: id => ({ created: createdFor(this.#loaded.program), loaded: this.#loaded, events: store.read(id) }),
        hasRun: id => store.hasRun(id),
        live: () => [],
        redactor: () => redactor,
      },
    })
  }

  /** Two viewers, one of each protocol, in a process of their own. */
  async look(): Promise<void> {
    const url = this.#server?.url.replace('http', 'ws') ?? ''
    this.#viewers = fork(fileURLToPath(new URL('inspector-viewers.ts', import.meta.url)), [url, token])
    await once(this.#viewers, 'message')
  }

  /** Drives a run to its end: how long it took, and how long until the viewers had seen it all. */
  async run(): Promise<Took> {
    const id = `r${this.#runs}`
    this.#runs += 1
    const processor = process.cpuUsage()
    const before = performance.now()
    const ended = new Promise<void>(resolve => {
      const stop = this.#keeper.listen({
        onEvents: events => {
          if (!events.some(({ body }) => body.type === 'run-settled')) return
          stop()
          resolve()
        },
      })
    })
    const seen = this.#viewers && once(this.#viewers, 'message')
    void this.#keeper.start(id, createdFor(this.#loaded.program), this.#loaded, new Map())
    await ended
    const took = performance.now() - before
    const { user, system } = process.cpuUsage(processor)
    const [figures] = ((await seen) ?? []) as Seen[]
    return { ms: took, processorMs: (user + system) / 1000, seenMs: performance.now() - before, seen: figures }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#viewers?.kill()
    this.#keeper.close()
    await this.#server?.[Symbol.asyncDispose]()
    this.#store.close()
    rmSync(this.#folder, { recursive: true })
  }
}

async function compare(label: string, text: string): Promise<void> {
  const loaded = loadProgram(read(text))
  await using absent = new Bench(loaded)
  await using alone = new Bench(loaded)
  await using looked = new Bench(loaded)
  await alone.serve()
  await looked.serve()
  await looked.look()
  const figures: Readonly<Record<'absent' | 'alone' | 'looked', Took>>[] = []
  for (let round = -2; round < rounds; round += 1) {
    const before = round % 2 === 0 ? undefined : await alone.run()
    const figure = { absent: await absent.run(), alone: before ?? (await alone.run()), looked: await looked.run() }
    if (round >= 0) figures.push(figure)
  }
  const of = (figure: (one: (typeof figures)[number]) => number): number => median(figures.map(figure))
  const absentMs = of(({ absent: { ms: took } }) => took)
  const processor = (value: number): string => `${times(value, 1)} of the processor`
  line(`${label}, no server`, ms(absentMs), perStep(absentMs, steps))
  line(
    'with a server, no viewer',
    times(
      of(one => one.alone.ms / one.absent.ms),
      1,
    ),
    `${processor(of(one => one.alone.processorMs / one.absent.processorMs))}; target 1.02 ×`,
  )
  line(
    'with two viewers',
    times(
      of(one => one.looked.ms / one.alone.ms),
      1,
    ),
    `${processor(of(one => one.looked.processorMs / one.alone.processorMs))}; target 1.5 ×`,
  )
  const { frames = 0, bytes = 0 } = figures.at(-1)?.looked.seen ?? {}
  const seenMs = of(one => one.looked.seenMs)
  line('until both had seen it all', ms(seenMs), `${frames} frames, ${(bytes / 2 ** 20).toFixed(0)} MiB`)
}

/** What can be asked for by name. */
export const inspectorSections: Readonly<Record<string, () => Promise<void>>> = {
  inspector: () => compare(`each of ${steps} items, instant steps`, eachOf(steps, 1)),
}
