import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// What the `yaml` library calls the styles of a text looks like a code, too.
const styles = new Set(['QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_FOLDED', 'BLOCK_LITERAL'])

/** The codes that the parser and the checker give to what they find: words in capitals with `_`, and two without. */
export function diagnosticCodes(): Set<string> {
  const folders = ['parser', 'checker'].map(name => new URL(`../../src/${name}/`, import.meta.url).pathname)
  const texts = folders.flatMap(folder => readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8')))
  const words = texts.flatMap(text => [...text.matchAll(/'([A-Z]+(?:_[A-Z0-9]+)+|CYCLE|UNREACHABLE)'/g)])
  return new Set(words.flatMap(([, code]) => (code === undefined || styles.has(code) ? [] : [code])))
}
