import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Location } from './location.ts'

/**
 * Removes an index of all packs that names packs which are gone. A `git multi-pack-index expire` that is killed removes
 * packs before it says so; nothing of theirs is lost, but from then on `git fsck` complains, and `git multi-pack-index
 * write` goes on naming them. Without the index git reads that of each pack; the next joining of packs writes it anew.
 */
export async function dropStalePackIndex({ commonDir }: Location): Promise<void> {
  const folder = join(commonDir, 'objects', 'pack')
  const path = join(folder, 'multi-pack-index')
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) return
  const there = new Set(await readdir(folder))
  if (packsNamed(bytes).some(name => !there.has(name))) await rm(path, { force: true })
}

const headerBytes = 12
const entryBytes = 12

/** The `.idx` files that an index of all packs names: its chunk `PNAM`, as gitformat-pack(5) describes it. */
export function packsNamed(bytes: Buffer): string[] {
  const chunks = bytes[6] ?? 0
  for (let at = headerBytes; at < headerBytes + chunks * entryBytes; at += entryBytes) {
    if (bytes.toString('latin1', at, at + 4) !== 'PNAM') continue
    const start = Number(bytes.readBigUInt64BE(at + 4))
    const end = Number(bytes.readBigUInt64BE(at + entryBytes + 4))
    return bytes.toString('utf8', start, end).split('\0').filter(Boolean)
  }
  return []
}
