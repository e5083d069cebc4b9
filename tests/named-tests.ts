import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))

/** A test that something names as `file below tests/ > title of the test`, and the titles that its file has. */
export interface NamedTest {
  readonly name: string
  readonly title: string
  readonly known: readonly string[]
}

/** Looks tests up by their names, each once. */
export function findTests(names: readonly string[]): NamedTest[] {
  const titles = new Map<string, readonly string[]>()
  return [...new Set(names)].map(name => {
    const [file = '', ...title] = name.split(' > ')
    const known = titles.get(file) ?? titlesOf(file)
    titles.set(file, known)
    return { name, title: title.join(' > '), known }
  })
}

/** The titles of the tests of a file, as they are written: `%s` stands for the rows of a table. */
function titlesOf(file: string): string[] {
  if (!existsSync(join(root, file))) return []
  const text = readFileSync(join(root, file), 'utf8')
  const written = /(?:\b(?:test|holds|confinedTest)\(|\)\()\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),/g
  return [...text.matchAll(written)].map(([, single, double]) => (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'))
}
