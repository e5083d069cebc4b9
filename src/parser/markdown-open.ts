import type { Source } from './document.ts'
import { textMark } from './markdown-field.ts'
import type { Range } from './mark.ts'
import { type FieldBullet, insideFence, isFieldsFence } from './markdown-head.ts'
import type { Line } from './markdown-lines.ts'
import { readBody } from './markdown-text.ts'
import type { Reading } from './reading.ts'

/** Kinds of which the text may stand below their bullet. */
const told: ReadonlySet<string> = new Set(['prompt', 'run', 'kilo', 'ask'])

/** True for a bullet that says what kind its step is, and leaves what to do to the lines below. */
export function isOpen({ field, bullet }: FieldBullet): boolean {
  return told.has(field) && bullet.text === ''
}

/** What the lines below the head of a step hold: the value of its open bullet, and the text that is left. */
export interface OpenText {
  readonly value?: Reading | undefined
  readonly text?: Reading | undefined
}

/**
 * Tells the value of an open bullet in the lines [from, to) from the text around it. A command is the first fenced block,
 * for no prose is to reach a shell. Any other kind takes all of the text, and of a lone fenced block what is in it.
 */
export function readOpen(
  source: Source,
  lines: readonly Line[],
  from: number,
  to: number,
  open: FieldBullet | undefined,
): OpenText {
  const body = readBody(source, lines, from, to)
  if (!open || !body) return { text: body }
  const isCommand = open.field === 'run'
  const opening = lines.slice(from, to).findIndex(({ fence: found }) => found && !isFieldsFence(found)) + from
  const fence = opening < from ? undefined : readFence(source, lines, opening)
  const around = fence && textAround(source, body.mark.value, fence.outside)
  if (!fence || (around && !isCommand)) return isCommand ? { text: body } : { value: body }
  return { value: fence.inside, ...(around && { text: around }) }
}

/** A fenced block: its text, less the indentation that the block itself has, and where all of it stands. */
function readFence(
  source: Source,
  lines: readonly Line[],
  opening: number,
): { readonly inside: Reading; readonly outside: Range } | undefined {
  const line = lines[opening]
  if (!line?.fence) return undefined
  const [start, end] = insideFence(source, lines, opening, line.fence)
  const raw = source.text.slice(start, end).replace(/\r?\n$/, '')
  const indentation = new RegExp(`^[ \\t]{0,${line.text.search(/\S/)}}`, 'gm')
  const value = raw.replaceAll('\r\n', '\n').replace(indentation, '')
  const inside = { value, mark: textMark(source, value, [start, start + raw.length]) }
  return { inside, outside: [line.start, lines[line.fence.next - 1]?.end ?? end] }
}

/** What is left of a text without a part of it; undefined where that is nothing. */
function textAround(source: Source, [start, end]: Range, without: Range): Reading | undefined {
  const parts = [source.text.slice(start, without[0]), source.text.slice(without[1], end)]
  const value = parts.map(part => part.replaceAll('\r\n', '\n').trim()).filter(part => part !== '')
  return value.length === 0 ? undefined : { value: value.join('\n\n'), mark: { value: [start, end] } }
}
