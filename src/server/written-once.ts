import type { Told } from './narrator.ts'

/** Keeps what a list was written as for as long as there is the list: a thousand readers are sent the same bytes. */
export function writtenOnce(write: (told: readonly Told[]) => Buffer): (told: readonly Told[]) => Buffer {
  const known = new WeakMap<readonly Told[], Buffer>()
  return told => {
    const bytes = known.get(told) ?? write(told)
    known.set(told, bytes)
    return bytes
  }
}
