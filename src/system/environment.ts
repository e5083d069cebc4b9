import { readFileSync } from 'node:fs'

/** The variables of an `.env` file under those of the process, which win. A file that does not exist holds none. */
export function readEnvironment(
  path: string,
  ofProcess: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const given = Object.entries(ofProcess).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...parseEnvironment(readIfPresent(path)), ...Object.fromEntries(given) }
}

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/
const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?$/
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * The `KEY=value` lines of a text. Values may be quoted; `#` begins a comment; anything else is passed over.
 *
 * @example parseEnvironment('KEY="a b" # note') // { KEY: 'a b' }
 */
export function parseEnvironment(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map(line => assignment.exec(line))
  return Object.fromEntries(lines.flatMap(match => (match ? [[match[1] ?? '', parseValue(match[2] ?? '')]] : [])))
}

function parseValue(written: string): string {
  const match = quoted.exec(written)
  if (match?.[2] !== undefined) return match[2]
  if (match?.[1] !== undefined) return match[1].replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
  return written.replace(/(^|\s)#.*$/, '')
}
