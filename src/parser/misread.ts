import { isAlias, isNode, isScalar } from 'yaml'
import type { Source } from './document.ts'
import type { Range } from './mark.ts'
import { quoted } from './quote.ts'
import type { Reading } from './reading.ts'

const coreTags = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/

const meanings = { '!': 'a tag', '&': 'an anchor', '*': 'an alias' } as const

/**
 * The text that was meant by a value that YAML takes for a tagged or anchored one, or for an alias of nothing:
 * `if: !ready`, `prompt: &co`, `prompt: *bold*`. Undefined for every other value. `range` is where it stands.
 */
export function readMisread(source: Source, node: unknown, range: Range): Reading | undefined {
  const sign = signOf(source, node)
  if (!sign) return undefined
  const start = sign === '*' ? range[0] : signStart(source.text, range[0])
  const text = source.text.slice(start, range[1])
  const message = `YAML reads a "${sign}" at the beginning of a value as ${meanings[sign]}.`
  source.report('QUOTE_NEEDED', message, [start, range[1]], `Write ${lineWithQuotes(source.text, [start, range[1]])}`)
  return { value: text, mark: { value: [start, range[1]], pieces: [{ from: 0, offset: start, length: text.length }] } }
}

/** Tags of YAML's own are what they are, and anchors and aliases that belong together are told by the alias. */
function signOf({ text }: Source, node: unknown): keyof typeof meanings | undefined {
  if (isAlias(node)) return text.includes(`&${node.source}`) ? undefined : '*'
  if (!isNode(node)) return undefined
  if (node.tag !== undefined && !coreTags.test(node.tag)) return '!'
  const isAnchored = isScalar(node) && node.anchor !== undefined
  return isAnchored && !text.includes(`*${node.anchor}`) ? '&' : undefined
}

/** Where the tag or anchor begins that stands before a value; neither is longer than a line is read. */
function signStart(file: string, start: number): number {
  const before = file.slice(Math.max(0, start - 500), start)
  const sign = /(?:[!&]\S*\s+)*[!&]\S*\s*$/.exec(before)
  return sign ? start - sign[0].length : start
}

/** The line around a text as it should be written: without its indentation, the text in quotes. */
export function lineWithQuotes(file: string, [start, end]: Range): string {
  const lineStart = file.lastIndexOf('\n', start - 1) + 1
  const lineEnd = /[\r\n]|$/.exec(file.slice(end))?.index ?? 0
  const before = file.slice(lineStart, start).replace(/^[\s-]*/, '')
  return `${before}${quoted(file.slice(start, end))}${file.slice(end, end + lineEnd)}`.trimEnd()
}
