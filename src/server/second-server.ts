import type { Server } from 'node:http'
import type { ListenOptions, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Serves the routes of an app by one more server. Answers with what ends it, and all who are connected; throws where it cannot listen. */
export async function listenWith(
  app: FastifyInstance,
  server: Pick<Server, 'on' | 'once' | 'off' | 'listen' | 'close'>,
  place: ListenOptions,
): Promise<() => Promise<void>> {
  const open = new Set<Socket>()
  server.on('request', (request, response) => app.routing(request, response))
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => app.server.emit('upgrade', request, socket, head))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of open) socket.destroy()
    await closed
  }
}
