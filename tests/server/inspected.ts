import type { LoadedProgram } from '../../src/runtime/chart-logic.ts'
import type { Run } from '../../src/runtime/run.ts'
import { createServer } from '../../src/server/app.ts'
import type { Server } from '../../src/server/listen.ts'
import { createRedactor, type Redactor } from '../../src/trace/redact.ts'
import { createdFor, type SoundProgram } from '../runtime/sound-program.ts'
import { bareOptions } from './bare-options.ts'
import { VirtualWorld } from '../runtime/virtual-world.ts'

/** Runs that truly run, over a journal, behind a server with inspectors. */
export class Inspected implements AsyncDisposable {
  readonly world = new VirtualWorld()
  readonly token = 'a-token'
  readonly loaded = new Map<string, LoadedProgram>()
  /** What each live run went through, by its own actors: `name value` in order. Its first turn is over before we look. */
  readonly lived = new Map<string, string[]>()
  redactor: Redactor = createRedactor({})
  /** How many listen to what becomes durable. */
  listeners = 0
  server!: Server

  async start(): Promise<this> {
    const { store, keeper } = this.world
    this.server = await createServer({
      ...bareOptions(store, this.token),
      feed: {
        eventsFrom: (seq, limit) => store.eventsFrom(seq, limit),
        read: runId => store.read(runId),
        lastSeq: () => store.lastSeq(),
        now: () => 5000,
        listen: listener => {
          this.listeners += 1
          const stop = keeper.listen(listener)
          return () => {
            this.listeners -= 1
            stop()
          }
        },
      },
      program: hash => this.#loaded(hash).program,
      inspect: {
        load: id => {
          const events = store.read(id)
          const created = events[0]?.body
          if (created?.type !== 'run-created') throw new Error(`${id} has no beginning`)
          return { created, loaded: this.#loaded(id), events }
        },
        hasRun: id => store.hasRun(id),
        live: () => store.unsettledRuns().map(({ id }) => id),
        redactor: () => this.redactor,
      },
    })
    return this
  }

  async run(id: string, sound: SoundProgram, inputs = {}): Promise<void> {
    this.loaded.set(id, sound.loaded)
    void this.world.keeper.start(id, createdFor(sound.program, inputs), sound.loaded, new Map())
    const run = this.world.keeper.live.get(id)
    if (run) this.lived.set(id, this.#witness(run))
    await this.world.clock.rest()
  }

  /** What the server answers, with the token. */
  get(path: string): Promise<Response> {
    return fetch(new URL(path, this.server.url), {
      headers: { authorization: `Bearer ${this.token}` },
      redirect: 'manual',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    this.world[Symbol.dispose]()
  }

  #loaded(id: string): LoadedProgram {
    const loaded = this.loaded.get(id)
    if (!loaded) throw new Error(`no program for ${id}`)
    return loaded
  }

  #witness({ actor, id }: Run): string[] {
    const lived: string[] = []
    actor.system.inspect(event => {
      if (event.type !== '@xstate.snapshot') return
      const ref = event.actorRef as typeof actor & { options: { input?: { path?: string } } }
      const name = ref._parent ? (ref.options.input?.path ?? ref.id) : `run ${id}`
      lived.push(`${name} ${JSON.stringify((event.snapshot as { value?: unknown }).value ?? {})}`)
    })
    return lived
  }
}

/** Resolves when a test holds; looks again and again while the world goes on. */
export async function until(holds: () => boolean, patienceMs = 20_000): Promise<void> {
  const latest = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > latest) throw new Error(`it does not come true: ${String(holds)}`)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
