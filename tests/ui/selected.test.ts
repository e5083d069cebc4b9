import fc from 'fast-check'
import { expect, test } from 'vitest'
import { selectedIn, selecting } from '../../src/ui/run/selected.ts'
import { cases } from '../generators/cases.ts'

const path = fc.string({ unit: fc.constantFrom('a', 'ß', '/', '1', '&', '=', '?', '+', ' ', '%'), minLength: 1 })
const first = fc.option(path, { nil: undefined })

test('what a person selects is what the address tells, whatever the page would have shown', () => {
  fc.assert(
    fc.property(path, fc.option(fc.nat(), { nil: undefined }), first, (chosen, attempt, other) => {
      const address = selecting(new URLSearchParams('step=before&try=7&branch=main'), chosen, attempt).toString()
      const search = new URLSearchParams(address)
      expect(selectedIn(search, other)).toEqual({ path: chosen, attempt, isChosen: true })
      expect(search.get('branch')).toBe('main')
    }),
    cases(500),
  )
})

test('whoever selects nothing sees no step, not even one that failed', () => {
  fc.assert(
    fc.property(first, other => {
      const search = selecting(new URLSearchParams('step=before&try=7'), undefined)
      expect(selectedIn(search, other)).toEqual({ path: undefined, attempt: undefined, isChosen: false })
    }),
    cases(100),
  )
})

test('where nobody has selected anything, the page shows what it holds to be first', () => {
  expect(selectedIn(new URLSearchParams(), 'count')).toEqual({ path: 'count', attempt: undefined, isChosen: false })
  expect(selectedIn(new URLSearchParams(), undefined).path).toBeUndefined()
})
