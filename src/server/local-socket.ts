import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { listenWith } from './second-server.ts'

/** The longest path that every system lets a socket have. */
const longestPath = 103

/** Connections that came by the socket of this machine. */
export type LocalConnections = WeakSet<object>

/**
 * Serves the same routes on a socket in the state folder, which its owner alone can open: who comes by it owns the workspace
 * and needs no token. Answers with what ends it: nothing where the path is too long for a socket, or there are none.
 */
export async function serveLocally(
  app: FastifyInstance,
  path: string,
  local: LocalConnections,
): Promise<() => Promise<void>> {
  if (process.platform === 'win32' || Buffer.byteLength(path) > longestPath) return nothing
  const server = createServer()
  server.on('connection', socket => local.add(socket))
  // One that was killed has left it; the lock on the workspace says that nobody else serves it.
  rmSync(path, { force: true })
  let close = nothing
  try {
    close = await listenWith(app, server, { path })
    chmodSync(path, 0o600)
    return close
  } catch {
    // A file system of another machine may have no sockets, or no modes: the token works as well.
    await close()
    return nothing
  }
}

async function nothing(): Promise<void> {}
