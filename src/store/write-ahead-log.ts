import { closeSync, openSync, readSync } from 'node:fs'

// The format is that of https://sqlite.org/fileformat2.html#the_write_ahead_log.
const headerBytes = 32
const frameHeaderBytes = 24

/** How many frames of the present generation lie in a write-ahead log, whole or not; 0 where there is none. */
export function framesOf(path: string): number {
  try {
    return countFrames(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

function countFrames(path: string): number {
  const file = openSync(path, 'r')
  try {
    const header = read(file, 0, headerBytes)
    if (header.length < headerBytes) return 0
    const pageBytes = header.readUInt32BE(8)
    const salts = header.subarray(16, 24)
    for (let count = 0; ; count += 1) {
      const frame = read(file, headerBytes + count * (frameHeaderBytes + pageBytes), frameHeaderBytes)
      // Frames of an earlier generation, which this one has not overwritten yet, bear other salts.
      if (frame.length < frameHeaderBytes || !frame.subarray(8, 16).equals(salts)) return count
    }
  } finally {
    closeSync(file)
  }
}

function read(file: number, position: number, sizeBytes: number): Buffer {
  const buffer = Buffer.alloc(sizeBytes)
  return buffer.subarray(0, readSync(file, buffer, 0, sizeBytes, position))
}
