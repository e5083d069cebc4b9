import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import { Broadcast, type EventFeed } from '../../src/server/broadcast.ts'
import { sendEvents } from '../../src/server/events.ts'
import { openStore } from '../../src/store/store.ts'
import { cases } from '../generators/cases.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { Client, created, expectedOf, Served, stepEvents } from './served.ts'

/** A reader whose writes leave when the test says so. */
class Socket {
  readonly texts: string[] = []
  readonly from: number
  readonly runId: string | undefined
  #sent: (() => void)[] = []
  #close = (): void => undefined

  constructor(broadcast: Broadcast, from: number, runId: string | undefined) {
    this.from = from
    this.runId = runId
    sendEvents(
      {
        bufferedAmount: 0,
        send: (told, sent) => {
          this.texts.push(...told.flatMap(({ texts }) => texts))
          if (sent) this.#sent.push(sent)
        },
        close: () => undefined,
        on: (event, listener) => {
          if (event === 'close') this.#close = listener
        },
      },
      broadcast,
      { from, ...(runId !== undefined && { runId }) },
    )
  }

  flush(): void {
    for (const sent of this.#sent.splice(0)) sent()
  }

  leave(): void {
    this.#close()
  }

  get events(): ExecutionEvent[] {
    return this.texts.map(text => JSON.parse(text) as ExecutionEvent)
  }
}

const runs = ['a', 'b', 'c']
const deed = fc.oneof(
  fc.record({ do: fc.constant('happen' as const), run: fc.constantFrom(...runs), steps: fc.nat(60) }),
  fc.record({
    do: fc.constant('join' as const),
    ...{ from: fc.nat(300), run: fc.option(fc.constantFrom(...runs), { nil: undefined }), crowd: fc.nat(60) },
  }),
  fc.record({ do: fc.constant('leave' as const), which: fc.nat(200) }),
  fc.record({ do: fc.constant('flush' as const) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat(60) }),
)

type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never

/** Runs that are told of, and readers who come and go. */
class Hall implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-broadcast-'))
  readonly #store = openStore(this.#folder)
  readonly #clock = new VirtualClock()
  readonly listeners = new Set<Parameters<EventFeed['listen']>[0]>()
  sockets: Socket[] = []
  readonly #broadcast = new Broadcast(
    {
      eventsFrom: (seq, limit) => this.#store.eventsFrom(seq, limit),
      read: runId => this.#store.read(runId),
      lastSeq: () => this.#store.lastSeq(),
      now: () => this.#clock.now(),
      listen: listener => {
        this.listeners.add(listener)
        return () => this.listeners.delete(listener)
      },
    },
    this.#clock,
    text => text,
  )

  async do(item: Deed): Promise<void> {
    switch (item.do) {
      case 'happen':
        return this.#journal(item.run, item.steps)
      case 'join': {
        const from = Math.min(item.from, this.#store.lastSeq() + 1)
        const crowd = Array.from({ length: item.crowd }, () => new Socket(this.#broadcast, from, item.run))
        return void this.sockets.push(...crowd)
      }
      case 'leave':
        return this.leave(item.which)
      case 'flush':
        return this.sockets.forEach(socket => socket.flush())
      case 'pass':
        return this.#clock.advance(item.ms)
    }
  }

  leave(count: number): void {
    for (const gone of this.sockets.splice(0, count)) gone.leave()
  }

  /** Lets all that is under way arrive, and answers with all that there is to be told. */
  async end(): Promise<ExecutionEvent[]> {
    for (let page = 0; page < 20; page += 1) for (const socket of this.sockets) socket.flush()
    await this.#clock.advance(1000)
    return expectedOf(this.#store)
  }

  #journal(runId: string, steps: number): void {
    const first = this.#store.hasRun(runId) ? [] : [created]
    const bodies = [...first, ...Array.from({ length: steps }, (_, step) => stepEvents(`s${step}`, 'x')).flat()]
    const events = this.#store.commit(bodies.map(body => ({ runId, timeMs: 1000, body })))
    for (const { onEvents } of this.listeners) onEvents(events)
  }

  [Symbol.dispose](): void {
    this.#store.close()
    rmSync(this.#folder, { recursive: true })
  }
}

test('whenever readers come and go, each is told every position it asked for once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25 }), async deeds => {
      using hall = new Hall()
      for (const item of deeds) await hall.do(item)
      const all = await hall.end()
      for (const { events, from, runId } of hall.sockets) {
        expect(events).toEqual(all.filter(event => event.seq >= from && (runId ?? event.runId) === event.runId))
      }
      hall.leave(hall.sockets.length)
      expect(hall.listeners.size).toBe(0)
    }),
    cases(60),
  )
})

test('texts of every length arrive whole', async () => {
  await using served = await new Served().start()
  using client = new Client(served)
  await client.opened
  while (client.messages.length === 0) {
    served.stream('r', 'd', '')
    await new Promise(resolve => setImmediate(resolve))
  }
  const before = client.messages.length
  const lengths = [
    ...Array(80).keys(),
    ...Array(200)
      .keys()
      .map(more => 65_350 + more),
    900_000,
  ]
  for (const [index, length] of lengths.entries()) {
    served.stream('r', 'd', 'x'.repeat(length))
    await client.atLeast(before + index + 1)
  }
  expect(client.messages.slice(before).map(({ content }) => String(content).length)).toEqual(lengths)
})
