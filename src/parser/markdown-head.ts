import type { Source } from './document.ts'
import type { Range } from './mark.ts'
import type { Line } from './markdown-lines.ts'

/** `* **Field:** value` right under a heading; a value may go on in indented lines. */
export interface Bullet {
  /** As it was written: `Depends on`. */
  readonly name: string
  readonly key: Range
  readonly text: string
  readonly value: Range
}

/** A bullet, and the field that its name means. */
export interface FieldBullet {
  readonly field: string
  readonly bullet: Bullet
}

/** What stands under the heading of a step: its bullets, its blocks of fields, and the lines of its text. */
export interface Head {
  readonly bullets: readonly Bullet[]
  /** The YAML inside each block that begins with ```` ```yaml fields ````. */
  readonly blocks: readonly Range[]
  /** The index of the first line of the text. */
  readonly textFrom: number
}

/** Reads the head of a step from the lines [from, to). */
export function readHead(source: Source, lines: readonly Line[], from: number, to: number): Head {
  const bullets: Bullet[] = []
  const blocks: Range[] = []
  let index = from
  while (index < to) {
    const line = lines[index]
    if (!line || line.heading) break
    if (line.text.trim() === '') {
      index += 1
    } else if (line.fence && isFieldsFence(line.fence)) {
      blocks.push(insideFence(source, lines, index, line.fence))
      index = line.fence.next
    } else if (bullets.length === 0 && bulletPattern.test(line.text)) {
      index = readBullets(lines, index, to, bullets)
    } else break
  }
  return { bullets, blocks, textFrom: index }
}

/** True for the opening of a block that holds fields of its step. */
export function isFieldsFence({ info }: NonNullable<Line['fence']>): boolean {
  return /^ya?ml\s+fields$/i.test(info)
}

/** `* **Field:** value`, `- **Field**: value`, `* **Field**`; up to three blanks before it mean nothing. */
const bulletPattern = /^ {0,3}[*+-][ \t]+\*\*([^*:]+)(?::\*\*|\*\*[ \t]*:|\*\*(?=[ \t]*$))[ \t]*(.*)$/

/** Reads the bullets that follow one another without an empty line; gives the index of the line after them. */
function readBullets(lines: readonly Line[], from: number, to: number, bullets: Bullet[]): number {
  let index = from
  while (index < to) {
    const line = lines[index]
    const match = line && !line.fence && !line.heading ? bulletPattern.exec(line.text) : undefined
    if (!line || !match) break
    const [, name = '', first = ''] = match
    const keyStart = line.start + line.text.indexOf('**') + 2
    const texts = [first.trim()]
    let last = line
    for (index += 1; index < to; index += 1) {
      const more = lines[index]
      if (!more || more.fence || !/^(?: {2}|\t)\s*[^\s*+-]/.test(more.text)) break
      texts.push(more.text.trim())
      last = more
    }
    const text = texts.join(' ').trim()
    const valueStart = line.end - first.length
    const valueEnd = last.start + last.text.trimEnd().length
    bullets.push({
      name: name.trim(),
      key: [keyStart, keyStart + name.trimEnd().length],
      text,
      value: [Math.min(valueStart, valueEnd), valueEnd],
    })
  }
  return index
}

/** The lines between the first and the last of a fenced block. */
export function insideFence(
  source: Source,
  lines: readonly Line[],
  opening: number,
  fence: NonNullable<Line['fence']>,
): Range {
  const start = lines[opening + 1]?.start ?? source.text.length
  const last = lines[fence.next - 1]
  return [start, Math.max(start, (fence.isClosed ? last?.start : last?.end) ?? start)]
}
