import fc from 'fast-check'
import { test } from 'vitest'
import { cases } from './cases.ts'

type Law<Made> = (made: Made) => void

/**
 * Holds many laws against the same cases: to make one costs more than to look at it. A law that a case breaks is asked
 * again by itself, so that what is shown is the least case that breaks it.
 */
export function sharedLaws<Drawn, Made>(
  drawn: fc.Arbitrary<Drawn>,
  make: (drawn: Drawn) => Made,
  standard: number,
): (name: string, law: Law<Made>) => void {
  const laws = new Map<string, Law<Made>>()
  let broken: Map<string, unknown> | undefined
  return (name, law) => {
    laws.set(name, law)
    test(name, () => {
      broken ??= brokenLaws(fc.sample(drawn, cases(standard)), make, laws)
      if (!broken.has(name)) return
      fc.assert(
        fc.property(drawn, item => law(make(item))),
        cases(standard),
      )
      throw broken.get(name)
    })
  }
}

function brokenLaws<Drawn, Made>(
  all: readonly Drawn[],
  make: (drawn: Drawn) => Made,
  laws: ReadonlyMap<string, Law<Made>>,
): Map<string, unknown> {
  const broken = new Map<string, unknown>()
  for (const drawn of all) {
    let made: Made
    try {
      made = make(drawn)
    } catch (problem) {
      // What cannot be made at all breaks them all.
      return new Map([...laws.keys()].map(name => [name, problem]))
    }
    for (const [name, law] of laws) {
      try {
        if (!broken.has(name)) law(made)
      } catch (problem) {
        broken.set(name, problem)
      }
    }
  }
  return broken
}
