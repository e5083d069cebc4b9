import { Composer, CST, type Document as YamlDocument, Parser } from 'yaml'
import type { Source } from './document.ts'
import type { Range } from './mark.ts'
import type { Reading } from './reading.ts'
import { readNode } from './yaml-node.ts'
import { reportYamlErrors } from './yaml-problem.ts'

export const maxDepth = 64

/**
 * Reads the YAML between two offsets of a file. Problems are reported to the source; undefined when there is no
 * telling what was meant.
 */
export function readYaml(source: Source, [start, end]: Range): Reading | undefined {
  const text = source.text.slice(start, end)
  const tokens = [...new Parser().parse(text)]
  // Composing recurses, so that a thousand brackets would overflow the stack: look at the flat tokens first.
  const tooDeep = tokenDeeperThan(maxDepth, tokens)
  if (tooDeep) {
    const at = start + tooDeep.offset
    source.report('TOO_DEEP', `Lists and maps are nested more than ${maxDepth} deep here.`, [at, at + 1])
    return undefined
  }
  const [document, second] = compose(tokens, text.length)
  if (!document || reportYamlErrors(source, start, document)) return undefined
  if (second) {
    const at = start + second.range[0]
    const hint = 'Move it to a file of its own.'
    source.report('YAML_SYNTAX', 'A second document begins here; a file holds one.', [at, at + 3], hint)
  }
  return readNode(source, start, document.contents)
}

/** The library's own check for equal keys takes quadratic time, so `readNode` has one instead. */
function compose(tokens: readonly CST.Token[], length: number): YamlDocument.Parsed[] {
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, resolveKnownTags: false, logLevel: 'silent' })
  return [...composer.compose(tokens, true, length)] as YamlDocument.Parsed[]
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
