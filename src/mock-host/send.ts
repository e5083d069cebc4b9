import type { ServerResponse } from 'node:http'
import type { Act, Reply } from './faults.ts'
import type { Profile } from './profiles.ts'

/** Waits, or rejects when the signal is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>

const cutAfterMs = 100

/** Sends a reply at the speed of a profile; ends when it is sent or the signal says that nobody listens any more. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  profile: Profile,
  wait: Wait,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(reply.status, { ...reply.headers, 'x-orchestrate-simulated': 'true' })
  response.flushHeaders()
  for (const [index, act] of reply.acts.entries()) {
    if (reply.isStream && index > 0) await wait(profile.perTokenMs, signal)
    await perform(response, act, wait, signal)
    if (response.destroyed) return
  }
  response.end()
}

async function perform(response: ServerResponse, act: Act, wait: Wait, signal: AbortSignal): Promise<void> {
  if ('send' in act) await write(response, act.send, signal)
  else if ('hang' in act) await silence(signal)
  else if ('cut' in act) await cut(response, wait, signal)
  else await drip(response, act.drip, wait, signal)
}

/** A reset overtakes what is still on its way: the other side is given time to read what was sent before. */
async function cut(response: ServerResponse, wait: Wait, signal: AbortSignal): Promise<void> {
  await wait(cutAfterMs, signal)
  response.socket?.resetAndDestroy()
}

async function drip(response: ServerResponse, text: string, wait: Wait, signal: AbortSignal): Promise<void> {
  for (const byte of Buffer.from(text)) {
    await write(response, Uint8Array.of(byte), signal)
    await wait(1000, signal)
  }
}

/** Says nothing until the other side has gone. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function write(response: ServerResponse, data: string | Uint8Array, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason)
  if (response.write(data)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const drained = (): void => {
      signal.removeEventListener('abort', gone)
      resolve()
    }
    const gone = (): void => {
      response.off('drain', drained)
      reject(signal.reason)
    }
    response.once('drain', drained)
    signal.addEventListener('abort', gone, { once: true })
  })
}
