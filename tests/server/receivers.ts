import { createRequire } from 'node:module'
import { createServer, connect, type AddressInfo } from 'node:net'
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { createMachine as createMachine5, type AnyStateMachine } from 'xstate'
import { fileURLToPath } from 'node:url'
import { installApart } from '../../scripts/install-apart.js'

const legacyFolder = fileURLToPath(new URL('../inspect-v4', import.meta.url))

/** What has been told of one actor. */
export interface Heard {
  /** The state of its registration, then each that followed. */
  readonly states: unknown[]
  readonly name: string
  readonly parent: string | undefined
  readonly events: string[]
  /** Throws for a value that the definition has no states for. */
  readonly resolve: (value: unknown) => unknown
  isOver: boolean
}

/** Actors by session, in the order of their registration. */
export type HeardActors = ReadonlyMap<string, Heard>

interface LegacyMachine {
  readonly definition: object
  readonly id: string
  resolveState(state: unknown): { readonly value: unknown }
}

type LegacyEvent = { readonly sessionId: string } & (
  | {
      readonly type: 'service.register'
      readonly machine: LegacyMachine
      readonly state: { readonly value: unknown }
      readonly id: string
      readonly parent?: string
    }
  | { readonly type: 'service.state'; readonly state: { readonly value: unknown } }
  | { readonly type: 'service.event'; readonly event: { readonly name: string } }
  | { readonly type: 'service.stop' }
)

interface Legacy {
  createWebSocketReceiver(options: { server: string }): { subscribe(hear: (event: LegacyEvent) => void): unknown }
}

/**
 * A door to a server that adds a header to the first request of each connection: the official receivers can send none.
 * Everything that comes from the server is kept in `texts`.
 */
export async function doorTo(serverUrl: string, header: string) {
  const { hostname, port } = new URL(serverUrl)
  const texts: Buffer[] = []
  const door = createServer(client => {
    const server = connect(Number(port), hostname)
    client.once('data', first => {
      const end = first.indexOf('\r\n') + 2
      server.write(Buffer.concat([first.subarray(0, end), Buffer.from(`${header}\r\n`), first.subarray(end)]))
      client.pipe(server)
    })
    server.on('data', piece => texts.push(piece))
    server.pipe(client)
    server.on('error', () => client.destroy())
    client.on('error', () => server.destroy())
  })
  await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(door.address() as AddressInfo).port}`
  return { address, texts, [Symbol.dispose]: () => void door.close() }
}

/** The receiver of `@statelyai/inspect`. */
export function listenV5(address: string, query = '', onEvent: (event: StatelyInspectionEvent) => void = () => {}) {
  const actors = new Map<string, Heard>()
  createWebSocketReceiver({ server: `ws://${address}/inspect/v5${query}` }).subscribe(event => {
    onEvent(event)
    if (event.type === '@xstate.actor') {
      const machine = createMachine5(JSON.parse(event.definition ?? '')) as AnyStateMachine
      const resolve = (value: unknown): unknown => machine.resolveState({ value: value as never, context: {} }).value
      actors.set(event.sessionId, heard(event.name, event.parentId, event.snapshot.value, resolve))
    }
    const actor = actors.get(event.sessionId)
    if (!actor) throw new Error(`${event.sessionId} was never introduced`)
    if (event.type === '@xstate.event') return void actor.events.push(event.event.type)
    const snapshot = event.snapshot as { readonly value?: unknown; readonly status: string }
    if (event.type === '@xstate.snapshot') actor.states.push(snapshot.value)
    actor.isOver = snapshot.status !== 'active'
  })
  return actors
}

/** The receiver of `@xstate/inspect`, which makes a machine of XState 4 of each definition itself. */
export function listenV4(address: string, query = '') {
  installApart(legacyFolder)
  const require = createRequire(`${legacyFolder}/package.json`)
  const { createWebSocketReceiver: legacyReceiver } = require('@xstate/inspect') as Legacy
  const { State } = require('xstate') as { State: { create(config: object): unknown } }
  const actors = new Map<string, Heard>()
  legacyReceiver({ server: `${address}/inspect/v4${query}` }).subscribe(event => {
    if (event.type === 'service.register') {
      const { machine, state, id, parent } = event
      // Only now XState 4 looks for the targets of transitions.
      JSON.stringify(machine.definition)
      const resolve = (value: unknown): unknown =>
        machine.resolveState(State.create({ ...state, value, configuration: [] })).value
      actors.set(event.sessionId, heard(id, parent, state.value, resolve))
    }
    const actor = actors.get(event.sessionId)
    if (!actor) throw new Error(`${event.sessionId} was never introduced`)
    if (event.type === 'service.state') actor.states.push(event.state.value)
    if (event.type === 'service.event') actor.events.push(event.event.name)
    if (event.type === 'service.stop') actor.isOver = true
  })
  return actors
}

function heard(name: string, parent: string | undefined, value: unknown, resolve: Heard['resolve']): Heard {
  return { name, parent, states: [value], events: [], resolve, isOver: false }
}
