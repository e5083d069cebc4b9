import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { languageMap } from './language-map.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

/** The titles of the tests of a file, as they are written: `%s` stands for the rows of a table. */
function titlesOf(file: string): string[] {
  if (!existsSync(join(root, file))) return []
  const text = readFileSync(join(root, file), 'utf8')
  const written = /(?:\b(?:test|confinedTest)\(|\)\()\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),/g
  return [...text.matchAll(written)].map(([, single, double]) => (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'))
}

const titles = new Map<string, readonly string[]>()
const named = [...new Set(languageMap.flatMap(({ tests }) => tests))].map(name => {
  const [file = '', ...title] = name.split(' > ')
  const known = titles.get(file) ?? titlesOf(file)
  titles.set(file, known)
  return { name, title: title.join(' > '), known }
})

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
