import type { Duplex } from 'node:stream'
import type { WebSocket } from '@fastify/websocket'
import type { EventSocket } from './events.ts'
import { writtenOnce } from './written-once.ts'

/**
 * A web socket to send events to. The frames of a text are the same for all of them, since those of a server are not masked:
 * they are made once and written to the connection as they are, between whole frames of the library. Messages are not
 * compressed here, so that those are written at once, too.
 */
export function eventSocket(socket: WebSocket, connection: Duplex): EventSocket {
  return {
    get bufferedAmount() {
      return socket.bufferedAmount
    },
    send: (told, sent) => {
      if (socket.readyState === socket.OPEN) connection.write(frames(told), () => sent?.())
      else sent?.()
    },
    close: (code, reason) => socket.close(code, reason),
    on: (event, listener) => socket.on(event, listener),
  }
}

const frames = writtenOnce(told => Buffer.concat(told.flatMap(({ texts }) => texts.flatMap(frame))))

/** The last and only frame of a text message. */
const finalText = 0x81
/** Instead of a length: it follows in two, or in eight bytes. */
const [inTwo, inEight] = [126, 127]

/** A text message of RFC 6455, as a server sends it: header and payload. */
function frame(text: string): readonly [Buffer, Buffer] {
  const payload = Buffer.from(text)
  const { length } = payload
  if (length < inTwo) return [Buffer.from([finalText, length]), payload]
  const header = Buffer.alloc(length < 2 ** 16 ? 4 : 10)
  header.set([finalText, length < 2 ** 16 ? inTwo : inEight])
  if (length < 2 ** 16) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return [header, payload]
}
