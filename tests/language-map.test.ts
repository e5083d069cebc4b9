import { expect, test } from 'vitest'
import { languageMap } from './language-map.ts'
import { findTests } from './named-tests.ts'

const named = findTests(languageMap.flatMap(({ tests }) => tests))

test('every sentence of the language is there once, with a test', () => {
  expect(languageMap.length).toBeGreaterThan(140)
  const sentences = languageMap.map(({ sentence }) => sentence)
  expect(new Set(sentences).size).toBe(sentences.length)
  expect(languageMap.filter(({ tests }) => tests.length === 0)).toEqual([])
})

test('every test that a sentence names exists', () => {
  expect(named.filter(({ title, known }) => !known.includes(title)).map(({ name }) => name)).toEqual([])
})

test('a test is told by its name: no other of its file has it, but tables have rows', () => {
  const twice = named.filter(({ title, known }) => known.filter(other => other === title).length > 1)
  expect(twice.filter(({ title }) => !title.includes('%')).map(({ name }) => name)).toEqual([])
})

test('what is still to come says why', () => {
  const reasons = languageMap.flatMap(({ pending }) => pending ?? [])
  expect(reasons.length).toBeLessThan(languageMap.length / 5)
  for (const reason of reasons) expect(reason).toMatch(/^[a-z].{10,}/)
})
