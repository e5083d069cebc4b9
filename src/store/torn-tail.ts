import { existsSync, readFileSync } from 'node:fs'

const headerBytes = 32
const frameHeaderBytes = 24
/** The last bit of the magic number tells the byte order of the checksums. */
const magic = 0x377f0682

type Sum = readonly [number, number]

/**
 * How many bytes at the end of SQLite's write-ahead log belong to a transaction that was not wholly written, as after a
 * loss of power; 0 when there are none. SQLite passes over them in silence when it opens the database.
 *
 * The layout is that of https://sqlite.org/fileformat2.html#the_write_ahead_log: frames of one page each, under the salts of
 * the header and a checksum over all before; the last frame of a transaction holds the size of the database. What follows
 * under other salts is left over from before the log began anew.
 */
export function tornTailBytes(walPath: string): number {
  const wal = existsSync(walPath) ? readFileSync(walPath) : Buffer.alloc(0)
  if (wal.length < headerBytes || (wal.readUInt32BE(0) & ~1) >>> 0 !== magic) return wal.length
  const start = sumOf(wal, 0, headerBytes - 8, [0, 0])
  if (!isSumAt(wal, headerBytes - 8, start)) return wal.length
  const end = endOfCommitted(wal, start)
  return endOfTail(wal, end) - end
}

function endOfCommitted(wal: Buffer, start: Sum): number {
  const frameBytes = frameHeaderBytes + pageBytes(wal)
  let end = headerBytes
  let sum = start
  for (let at = headerBytes; at + frameBytes <= wal.length && hasSaltsOfLog(wal, at); at += frameBytes) {
    sum = sumOf(wal, at + frameHeaderBytes, at + frameBytes, sumOf(wal, at, at + 8, sum))
    if (!isSumAt(wal, at + 16, sum)) return end
    const isLastOfTransaction = wal.readUInt32BE(at + 4) !== 0
    if (isLastOfTransaction) end = at + frameBytes
  }
  return end
}

function endOfTail(wal: Buffer, from: number): number {
  const frameBytes = frameHeaderBytes + pageBytes(wal)
  let at = from
  while (at < wal.length && !isLeftOver(wal, at)) at += frameBytes
  return Math.min(at, wal.length)
}

/**
 * A frame under the salts of an earlier log: both are others. Zeros are what a file system leaves of a write that never
 * came.
 */
function isLeftOver(wal: Buffer, at: number): boolean {
  if (at + frameHeaderBytes > wal.length) return false
  return [0, 4].every(salt => {
    const own = wal.readUInt32BE(at + 8 + salt)
    return own !== 0 && own !== wal.readUInt32BE(16 + salt)
  })
}

function hasSaltsOfLog(wal: Buffer, at: number): boolean {
  return wal.compare(wal, 16, 24, at + 8, at + 16) === 0
}

function pageBytes(wal: Buffer): number {
  return wal.readUInt32BE(8)
}

function sumOf(wal: Buffer, from: number, to: number, [first, second]: Sum): Sum {
  const isBigEndian = (wal.readUInt32BE(0) & 1) === 1
  const word = (at: number): number => (isBigEndian ? wal.readUInt32BE(at) : wal.readUInt32LE(at))
  let [low, high] = [first, second]
  for (let at = from; at < to; at += 8) {
    low = (low + word(at) + high) >>> 0
    high = (high + word(at + 4) + low) >>> 0
  }
  return [low, high]
}

function isSumAt(wal: Buffer, at: number, [low, high]: Sum): boolean {
  return wal.readUInt32BE(at) === low && wal.readUInt32BE(at + 4) === high
}
