import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** The longest path that every system lets a socket have. */
const longestPath = 103

/** Connections that came by the socket of this machine. */
export type LocalConnections = WeakSet<object>

/**
 * Serves the same routes on a socket in the state folder, which its owner alone can open: who comes by it owns the workspace
 * and needs no token. Answers with what ends it; undefined where the path is too long for a socket, or there are none.
 */
export async function serveLocally(
  app: FastifyInstance,
  path: string,
  local: LocalConnections,
): Promise<(() => Promise<void>) | undefined> {
  if (process.platform === 'win32' || Buffer.byteLength(path) > longestPath) return undefined
  const server = createServer((request, response) => app.routing(request, response))
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    local.add(socket)
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => app.server.emit('upgrade', request, socket, head))
  // One that was killed has left it; the lock on the workspace says that nobody else serves it.
  rmSync(path, { force: true })
  const isListening = await new Promise<boolean>(resolve => {
    // A file system of another machine may have no sockets: the token works as well.
    server.once('error', () => resolve(false))
    server.listen(path, () => resolve(true))
  })
  if (!isListening) return undefined
  chmodSync(path, 0o600)
  return async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of open) socket.destroy()
    await closed
  }
}
