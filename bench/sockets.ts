// A thousand web sockets, each of which is told of a hundred events a second: how late they come.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { line, ms } from './measure.ts'

const sockets = 1000
export const eventsASecond = 100
export const seconds = 10

export const socketSections: Readonly<Record<string, () => Promise<void>>> = { sockets: manySockets }

async function manySockets(): Promise<void> {
  const child = fork(fileURLToPath(new URL('event-source.ts', import.meta.url)))
  try {
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    const late = new Lateness()
    const readers = await Promise.all(Array.from({ length: sockets }, () => new Reader(url, late).opened))
    using loop = monitorEventLoopDelay({ resolution: 5 })
    loop.enable()
    const { told, cpuSeconds } = await ended(child)
    const expected = told * sockets
    for (let wait = 0; late.count < expected && wait < 100; wait += 1) await new Promise(go => setTimeout(go, 50))
    for (const reader of readers) reader.close()
    if (late.count !== expected) throw new Error(`${late.count} events came of ${expected}.`)
    line(`${sockets} sockets, ${eventsASecond} events a second each, p50`, ms(late.quantile(0.5)))
    line('the same, p99', ms(late.quantile(0.99)), `${expected} came, none twice and none missing`)
    line('the same, p99 of what keeps the reading process from reading', ms(loop.percentile(99) / 1e6))
    line('the same, the server', `${cpuSeconds.toFixed(1)} s`, `of processor in ${seconds} s`)
  } finally {
    child.disconnect()
  }
}

async function ended(child: ChildProcess): Promise<{ told: number; cpuSeconds: number }> {
  child.send('begin')
  const [answer] = (await once(child, 'message')) as [{ told: number; cpuSeconds: number }]
  return answer
}

/** How long events took, in tenths of a millisecond. */
class Lateness {
  readonly #counts = new Uint32Array(100_000)
  count = 0

  add(lateMs: number): void {
    this.count += 1
    this.#counts[Math.min(Math.max(Math.round(lateMs * 10), 0), this.#counts.length - 1)]! += 1
  }

  quantile(part: number): number {
    let passed = 0
    return this.#counts.findIndex(count => (passed += count) >= part * this.count) / 10
  }
}

const timestamp = '"timestamp":'

/** A web socket with no more than is needed to tell messages apart: the bench is not to measure its own library. */
class Reader {
  readonly opened: Promise<this>
  readonly #socket: Socket
  readonly #late: Lateness
  #rest: Buffer = Buffer.alloc(0)
  #isOpen = false
  #seq = 0

  constructor(url: string, late: Lateness) {
    const { host, port } = new URL(url)
    this.#late = late
    this.#socket = connect(Number(port), '127.0.0.1')
    this.#socket.write(
      `GET /ws?from=2 HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Authorization: Bearer bench\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
    )
    this.opened = new Promise(resolve => this.#socket.on('data', chunk => this.#take(chunk, () => resolve(this))))
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer, onOpen: () => void): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const head = this.#isOpen ? -1 : bytes.indexOf('\r\n\r\n')
    if (!this.#isOpen && head === -1) return void (this.#rest = bytes)
    if (!this.#isOpen) bytes = bytes.subarray(head + 4)
    this.#isOpen = true
    onOpen()
    this.#rest = this.#read(bytes, performance.timeOrigin + performance.now())
  }

  /** Answers with what is not a whole frame yet. */
  #read(bytes: Buffer, nowMs: number): Buffer {
    let at = 0
    while (bytes.length - at >= 4) {
      const short = bytes[at + 1] ?? 0
      const start = at + (short === 126 ? 4 : 2)
      const end = start + (short === 126 ? bytes.readUInt16BE(at + 2) : short)
      if (end > bytes.length) break
      const found = bytes.indexOf(timestamp, start) + timestamp.length
      this.#late.add(nowMs - Number.parseFloat(bytes.toString('latin1', found, found + 18)) * 1000)
      const seq = Number.parseInt(bytes.toString('latin1', start + 7, start + 17), 10)
      if (this.#seq !== 0 && seq !== this.#seq + 1) throw new Error(`After ${this.#seq} came ${seq}.`)
      this.#seq = seq
      at = end
    }
    return bytes.subarray(at)
  }
}
