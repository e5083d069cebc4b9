import { connect, type Socket } from 'node:net'

/** What a server answers to bytes that no library would send: the status, and the body of a problem. */
export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number
  readonly text: string
}

/** Sends bytes as they are, and answers with the first answer; `feed` may go on sending. */
export function sendRaw(
  url: string,
  bytes: string | Buffer,
  feed?: (socket: Socket) => () => void,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    let text = ''
    let stop = (): void => undefined
    const end = (): void => {
      stop()
      socket.destroy()
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
    socket.on('connect', () => {
      socket.write(bytes)
      stop = feed?.(socket) ?? stop
    })
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      const length = /content-length: (\d+)/i.exec(text)?.[1]
      const body = text.split('\r\n\r\n').slice(1).join('\r\n\r\n')
      if (text.startsWith('HTTP/1.1 101') || (length !== undefined && body.length >= Number(length))) end()
    })
    socket.on('close', end)
    socket.on('error', end)
  })
}
