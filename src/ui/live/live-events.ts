import { create } from 'zustand'
import type { ExecutionEvent } from '../../model/execution-event.ts'
import { type Connection, EventSocket } from './event-socket.ts'

interface Connected {
  readonly connection: Connection
  /** True where the daemon does not know us: there is nothing to connect to. */
  readonly isSignedOut: boolean
}

/** How the page is connected to the daemon's events. */
export const useConnection = create<Connected>(() => ({ connection: 'connecting', isSignedOut: false }))

export interface LiveListener {
  /** All that has come since the last frame. */
  onEvents(events: readonly ExecutionEvent[]): void
  /** What was asked for before may be out of date. */
  onGap(): void
}

const listeners = new Set<LiveListener>()
let socket: EventSocket | undefined
let waiting: ExecutionEvent[] = []

/** Hears the daemon's events, once a frame; the first listener opens the connection. Returns what ends that. */
export function listenLive(listener: LiveListener): () => void {
  listeners.add(listener)
  socket ??= openSocket()
  return () => listeners.delete(listener)
}

/** Events up to this one need not be sent again when the connection was lost. */
export function holdsUpTo(seq: number): void {
  socket?.holdsUpTo(seq)
}

function openSocket(): EventSocket {
  const open = (path: string): WebSocket => new WebSocket(path)
  return new EventSocket(
    { open, wait: (ms, callback) => void setTimeout(callback, ms) },
    {
      onEvents: events => {
        if (waiting.length === 0) nextFrame(handOut)
        waiting.push(...events)
      },
      onConnection: (connection, hasGap) => {
        useConnection.setState({ connection })
        if (hasGap) for (const listener of listeners) listener.onGap()
      },
    },
  )
}

function handOut(): void {
  const events = waiting
  waiting = []
  for (const listener of listeners) listener.onEvents(events)
}

/** A page in the background draws no frames, but must not gather events for hours either. */
function nextFrame(callback: () => void): void {
  if (document.hidden) setTimeout(callback, 500)
  else requestAnimationFrame(callback)
}
