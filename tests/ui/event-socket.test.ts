import { expect, test } from 'vitest'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import { type Connection, EventSocket, type Socket } from '../../src/ui/live/event-socket.ts'

/** A browser's sockets and its time, played by the test. */
class Line {
  readonly addresses: string[] = []
  readonly waits: number[] = []
  readonly heard: number[] = []
  readonly told: (readonly [Connection, boolean])[] = []
  readonly socket: EventSocket
  isSignedOut = false
  #listeners = new Map<string, (message: { readonly data: unknown }) => void>()
  #wake = (): void => {}

  constructor() {
    this.socket = new EventSocket(
      {
        open: path => {
          this.addresses.push(path)
          return this.#fresh()
        },
        wait: (ms, callback) => {
          this.waits.push(ms)
          this.#wake = callback
        },
        isSignedOut: () => this.isSignedOut,
      },
      {
        onEvents: events => this.heard.push(...events.map(({ seq }) => seq)),
        onConnection: (connection, hasGap) => this.told.push([connection, hasGap]),
      },
    )
  }

  #fresh(): Socket {
    this.#listeners = new Map()
    return {
      addEventListener: (type: string, listener: (message: { readonly data: unknown }) => void) =>
        void this.#listeners.set(type, listener),
      close: () => this.say('close'),
    }
  }

  say(type: 'open' | 'close' | 'message', event?: Partial<ExecutionEvent>): void {
    this.#listeners.get(type)?.({
      data: JSON.stringify({ type: 'log', runId: 'r', timestamp: 1, content: '', ...event }),
    })
  }

  wake(): void {
    this.#wake()
  }
}

test('after a connection was lost, events go on behind the last that came', () => {
  const line = new Line()
  line.say('open')
  line.say('message', { seq: 6.5 })
  line.say('message', { seq: 7 })
  line.say('message', { seq: 7, type: 'agent_thought' })
  line.say('close')
  line.wake()
  line.say('open')
  expect(line.addresses).toEqual(['/ws', '/ws?from=7.5'])
  expect(line.told).toEqual([
    ['live', true],
    ['reconnecting', false],
    ['live', false],
  ])
})

test('where no event has come, one goes on behind what was asked for, and has no gap', () => {
  const line = new Line()
  line.say('open')
  line.socket.holdsUpTo(40)
  line.say('close')
  line.wake()
  expect(line.addresses.at(-1)).toBe('/ws?from=40.5')
  // What was asked for later does not make events pass by that have not come.
  line.socket.holdsUpTo(90)
  line.say('close')
  line.wake()
  expect(line.addresses.at(-1)).toBe('/ws?from=40.5')
})

test('it is tried again ever more slowly, up to eight seconds, and at once after a success', () => {
  const line = new Line()
  for (let attempt = 0; attempt < 8; attempt++) {
    line.say('close')
    line.wake()
  }
  expect(line.waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000])
  line.say('open')
  line.say('close')
  expect(line.waits.at(-1)).toBe(250)
})

test('whoever is not logged in is tried for once a minute, until a login is heard of', () => {
  const line = new Line()
  line.say('close')
  line.isSignedOut = true
  for (let attempt = 0; attempt < 3; attempt++) {
    line.wake()
    line.say('close')
  }
  expect(line.waits).toEqual([250, 60_000, 60_000, 60_000])
  line.isSignedOut = false
  line.wake()
  line.say('open')
  line.say('close')
  expect(line.waits.at(-1)).toBe(250)
})

test('what is closed stays closed', () => {
  const line = new Line()
  line.say('open')
  line.socket.close()
  line.wake()
  expect(line.addresses).toHaveLength(1)
})
