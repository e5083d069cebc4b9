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

test('whenever readers come and go, each is told every position it asked for once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25 }), async deeds => {
      const folder = mkdtempSync(join(tmpdir(), 'orchestrate-broadcast-'))
      using store = openStore(folder)
      const clock = new VirtualClock()
      const listeners = new Set<Parameters<EventFeed['listen']>[0]>()
      const broadcast = new Broadcast(
        {
          eventsFrom: (seq, limit) => store.eventsFrom(seq, limit),
          read: runId => store.read(runId),
          lastSeq: () => store.lastSeq(),
          now: () => clock.now(),
          listen: listener => {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        },
        clock,
      )
      const journal = (runId: string, steps: number): void => {
        const first = store.hasRun(runId) ? [] : [created]
        const bodies = [...first, ...Array.from({ length: steps }, (_, step) => stepEvents(`s${step}`, 'x')).flat()]
        const events = store.commit(bodies.map(body => ({ runId, timeMs: 1000, body })))
        for (const { onEvents } of listeners) onEvents(events)
      }
      let sockets: Socket[] = []
      for (const item of deeds) {
        if (item.do === 'happen') journal(item.run, item.steps)
        else if (item.do === 'join') {
          const from = Math.min(item.from, store.lastSeq() + 1)
          sockets.push(...Array.from({ length: item.crowd }, () => new Socket(broadcast, from, item.run)))
        } else if (item.do === 'leave') {
          for (const gone of sockets.slice(0, item.which)) gone.leave()
          sockets = sockets.slice(item.which)
        } else if (item.do === 'flush') for (const socket of sockets) socket.flush()
        else await clock.advance(item.ms)
      }
      for (let round = 0; round < 20; round += 1) for (const socket of sockets) socket.flush()
      await clock.advance(1000)
      const all = expectedOf(store)
      for (const { events, from, runId } of sockets) {
        expect(events).toEqual(all.filter(event => event.seq >= from && (runId ?? event.runId) === event.runId))
      }
      for (const socket of sockets) socket.leave()
      expect(listeners.size).toBe(0)
      rmSync(folder, { recursive: true })
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
