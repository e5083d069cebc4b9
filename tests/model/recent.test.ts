import { expect, test } from 'vitest'
import { Recent } from '../../src/model/recent.ts'

test('what was asked for longest ago is forgotten first', () => {
  const recent = new Recent<string, number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  expect(recent.get('a')).toBe(1)
  recent.set('c', 3)
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3])
})

test('what is set again or deleted makes no other entry go', () => {
  const recent = new Recent<string, number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  recent.set('b', 3)
  expect([recent.get('a'), recent.get('b')]).toEqual([1, 3])
  recent.delete('a')
  recent.set('c', 4)
  expect([recent.get('b'), recent.get('c')]).toEqual([3, 4])
})
