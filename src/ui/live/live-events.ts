import { create } from 'zustand'
import type { ExecutionEvent } from '../../model/execution-event.ts'
import { type Connection, EventSocket } from './event-socket.ts'

interface Connected {
  readonly connection: Connection
  /** True from an answer that said that the daemon does not know us, until one that shows that it does. */
  readonly isSignedOut: boolean
}

/** How the page is connected to the daemon's events. */
export const useConnection = create<Connected>(() => ({ connection: 'connecting', isSignedOut: false }))

/** Remembers whether the daemon knows us. */
export function setSignedOut(isSignedOut: boolean): void {
  if (useConnection.getState().isSignedOut !== isSignedOut) useConnection.setState({ isSignedOut })
}

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
    {
      open,
      wait: (ms, callback) => void setTimeout(callback, ms),
      isSignedOut: () => useConnection.getState().isSignedOut,
    },
    {
      onEvents: events => {
        if (waiting.length === 0) nextFrame(handOut)
        waiting.push(...events)
      },
      onConnection: (connection, hasGap) => {
        const isBack = connection === 'live' && useConnection.getState().isSignedOut
        useConnection.setState({ connection })
        if (isBack) setSignedOut(false)
        // What was refused meanwhile is to be asked for again.
        if (hasGap || isBack) for (const listener of listeners) listener.onGap()
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
