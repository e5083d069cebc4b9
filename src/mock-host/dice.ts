import { hashValue } from '../model/hash.ts'

/** A source of numbers that depends on nothing but its seed. */
export interface Dice {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** One of the items; the list must not be empty. */
  pick<Item>(items: readonly Item[]): Item
}

/** Dice that fall the same way for the same seed (mulberry32 over SHA-256 of the seed). */
export function diceOf(seed: unknown): Dice {
  let state = Number.parseInt(hashValue(seed).slice(0, 8), 16)
  const roll = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + Math.floor(roll() * (high - low + 1))
  return { between, pick: items => items[between(0, items.length - 1)] as (typeof items)[number] }
}
