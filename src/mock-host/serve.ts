import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './faults.ts'
import { type Profile, type ProfileName, profiles } from './profiles.ts'
import { type ReceivedRequest, Responder } from './respond.ts'
import type { Wait } from './send.ts'

export interface MockHostOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly profile?: ProfileName | Profile
  /** Another seed gives other answers. */
  readonly seed?: number
  /** The models it lists and knows; without them, it answers for any. */
  readonly models?: readonly string[]
  readonly faults?: readonly Fault[]
  /** Requests without this key are refused. */
  readonly key?: string
  /** A file that gets one line of JSON a request. */
  readonly log?: string
  /** How it waits; a test may pass time of its own. */
  readonly wait?: Wait
}

export interface MockHost extends AsyncDisposable {
  /** The base URL, with `/v1`. */
  readonly url: string
  readonly port: number
  readonly requests: readonly ReceivedRequest[]
  /** Changes what goes wrong from now on. */
  setFaults(faults: readonly Fault[]): void
  close(): Promise<void>
}

/**
 * Starts a simulated OpenAI-compatible server on 127.0.0.1. Rejects when the port is taken.
 *
 * @example
 * await using host = await startMockHost({ profile: 'fast', faults: [{ name: '503', times: 1 }] })
 */
export async function startMockHost(options: MockHostOptions = {}): Promise<MockHost> {
  const { profile = 'instant', seed = 0, faults = [], wait = waitInRealTime, port: wantedPort = 0, ...rest } = options
  const speed = typeof profile === 'string' ? profiles[profile] : profile
  const responder = new Responder({ ...rest, profile: speed, seed, faults, wait })
  const server = createServer((request, response) => void responder.respond(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wantedPort, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests: responder.requests,
    setFaults: list => responder.setFaults(list),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function waitInRealTime(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await pause(milliseconds, undefined, { signal })
}
