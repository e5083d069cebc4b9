import { Composer, CST, type Document as YamlDocument, Lexer, Parser } from 'yaml'
import type { Source } from './document.ts'
import type { Range } from './mark.ts'
import type { Reading } from './reading.ts'
import { readNode } from './yaml-node.ts'
import { reportYamlErrors } from './yaml-problem.ts'

const maxDepth = 64
// Composing recurses, so that a thousand brackets could overflow the stack. But a broken file may look deeper than it is,
// each broken line nested in the one before, and then its errors are what people must see.
const safeDepth = 400
const mostErrors = 1000

/**
 * Reads the YAML between two offsets of a file. Problems are reported to the source; undefined when there is no
 * telling what was meant.
 */
export function readYaml(source: Source, [start, end]: Range): Reading | undefined {
  const text = source.text.slice(start, end)
  const { tokens, tooDeep } = tokensOf(text)
  if (tooDeep) return refuseDepth(source, start, tooDeep)
  const deep = tokenDeeperThan(maxDepth, tokens)
  if (deep && tokenDeeperThan(safeDepth, tokens)) return refuseDepth(source, start, deep)
  const [document, second] = compose(tokens, text.length)
  if (!document || reportYamlErrors(source, [start, end], document)) return undefined
  if (deep) return refuseDepth(source, start, deep)
  if (second) {
    const at = start + second.range[0]
    const hint = 'Move it to a file of its own.'
    source.report('YAML_SYNTAX', 'A second document begins here; a file holds one.', [at, at + 3], hint)
  }
  return readNode(source, start, document.contents)
}

/** The tokens of a text; of one that is too deep for the library, which recurses, only where that begins. */
function tokensOf(text: string): { readonly tokens: readonly CST.Token[]; readonly tooDeep?: CST.Token | undefined } {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length <= safeDepth) continue
    const collections = parser.stack.filter(token => CST.isCollection(token))
    if (collections.length > safeDepth) return { tokens, tooDeep: collections[maxDepth] }
  }
  tokens.push(...parser.end())
  return { tokens }
}

function refuseDepth(source: Source, base: number, { offset }: CST.Token): undefined {
  const at = base + offset
  const message = `Lists and maps are nested more than ${maxDepth} deep here.`
  const hint = 'Close the brackets above, or move what is inside to a file of its own.'
  source.report('TOO_DEEP', message, [at, at + 1], hint)
}

/** The library's own check for equal keys takes quadratic time, so `readNode` has one instead. */
function compose(tokens: readonly CST.Token[], length: number): YamlDocument.Parsed[] {
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, resolveKnownTags: false, logLevel: 'silent' })
  return withoutStackTraces(() => [...composer.compose(withFewErrors(tokens), true, length)] as YamlDocument.Parsed[])
}

/** A hostile text has an error for each of its characters, and nearly all of the time would go into their stack traces. */
function withoutStackTraces<T>(work: () => T): T {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return work()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** The tokens without most of the errors among them, for each costs the composer as much as a step. */
function withFewErrors(tokens: readonly CST.Token[]): CST.Token[] {
  let errors = 0
  return tokens.filter(token => {
    if (token.type === 'error') errors += 1
    return token.type !== 'error' || errors <= mostErrors
  })
}

function tokenDeeperThan(limit: number, tokens: readonly CST.Token[]): CST.Token | undefined {
  const pending = tokens.map(token => ({ token, depth: 0 }))
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    const { token } = entry
    const depth = entry.depth + (CST.isCollection(token) ? 1 : 0)
    if (depth > limit) return token
    for (const inner of innerTokens(token)) pending.push({ token: inner, depth })
  }
  return undefined
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!CST.isCollection(token)) return []
  return token.items.flatMap(item => [item.key, item.value].filter(inner => inner !== undefined && inner !== null))
}
