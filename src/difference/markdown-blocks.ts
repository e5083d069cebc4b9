import { isMap } from '../model/json.ts'
import { type Document, type Place, Source } from '../parser/document.ts'
import { splitFrontMatter } from '../parser/front-matter.ts'
import type { Range } from '../parser/mark.ts'
import { fieldOf } from '../parser/markdown-field.ts'
import { type Line, linesOf } from '../parser/markdown-lines.ts'
import { readHead } from '../parser/markdown-head.ts'
import { parseWorkflow } from '../parser/parse.ts'
import type { Block, Group, ValueText } from './block.ts'
import { yamlBlocks } from './yaml-blocks.ts'

/** The blocks of a workflow in Markdown: front matter, title, introduction, and a block for each heading of a step. */
export function markdownBlocks(text: string, path: string): Group | undefined {
  const { yaml, bodyStart } = splitFrontMatter(new Source(path, text))
  const document = parseWorkflow(text, path)
  if (document.value === undefined) return undefined
  const writer = new BlockWriter(text)
  writer.frontMatter(yaml, bodyStart)
  const lines = linesOf(text, bodyStart)
  const headings = new Map(lines.flatMap(({ start, heading }, index) => (heading ? [[start, index] as const] : [])))
  const steps = stepsIn(document, isMap(document.value) ? document.value['steps'] : [], ['steps'], headings)
  const first = steps[0]?.line ?? lines.length
  const title = lines.findIndex(({ heading }, index) => index < first && heading?.level === 1)
  const titleLine = lines[title]
  if (titleLine) {
    writer.add('above', [writer.end, titleLine.start])
    writer.add('name', [titleLine.start, titleLine.end], 'plain')
  }
  const end = text.trimEnd().length
  writer.add('introduction', [writer.end, steps[0]?.start ?? end])
  if (steps.length > 0) writer.addGroup('steps', 'steps', new StepWriter(text, lines).list(steps, end))
  return writer.group('fields', text.length)
}

/** The blocks of a text with front matter that is all body below: an agent, a skill. */
export function proseBlocks(text: string, path: string): Group | undefined {
  const { yaml, bodyStart } = splitFrontMatter(new Source(path, text))
  const writer = new BlockWriter(text)
  writer.frontMatter(yaml, bodyStart)
  writer.add('text', [bodyStart, text.trimEnd().length])
  return writer.group('fields', text.length)
}

interface StepLines {
  readonly start: number
  /** The index of the line of its heading. */
  readonly line: number
  readonly name: string
  readonly inside: readonly StepLines[]
}

/** The steps of a value that have headings, in the order of the text, with those inside each. */
function stepsIn(document: Document, value: unknown, place: Place, headings: ReadonlyMap<number, number>): StepLines[] {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : isMap(value)
      ? Object.entries(value)
      : []
  const found = entries.flatMap(([name, item]) => {
    const here = [...place, name]
    const { offset: start } = document.spanOf(here)
    const line = typeof name === 'number' && isMap(item) ? headings.get(start) : undefined
    const inside = stepsIn(document, item, here, headings)
    if (line === undefined || !isMap(item)) return inside
    return [
      {
        start,
        line,
        name: typeof item['id'] === 'string' ? item['id'] : '',
        inside: inside.filter(step => step.start > start),
      },
    ]
  })
  return found.toSorted((a, b) => a.start - b.start)
}

class StepWriter {
  readonly #text: string
  readonly #lines: readonly Line[]

  constructor(text: string, lines: readonly Line[]) {
    this.#text = text
    this.#lines = lines
  }

  list(steps: readonly StepLines[], to: number): BlockWriter {
    const list = new BlockWriter(this.#text, steps[0]?.start ?? to)
    steps.forEach((step, index) => list.addGroup(step.name, 'fields', this.#step(step, steps[index + 1]?.start ?? to)))
    return list
  }

  #step({ start, line, inside }: StepLines, to: number): BlockWriter {
    const step = new BlockWriter(this.#text, start)
    const own = inside[0]?.start ?? to
    step.add('id', [start, this.#lines[line]?.end ?? start], 'plain')
    const after = this.#lines.findIndex(each => each.start >= own)
    const lineTo = after === -1 ? this.#lines.length : after
    const { bullets, blocks, textFrom } = readHead(new Source('', this.#text), this.#lines, line + 1, lineTo)
    for (const { name, key, value } of bullets) {
      const field = fieldOf(name) ?? name
      // The steps below have this name.
      step.add(field === 'steps' ? '* steps' : field, [key[0], Math.max(key[1], value[1])], 'plain')
    }
    blocks.forEach((block, index) => step.addFence(`fields ${index}`, block))
    step.add('prompt', [Math.min(this.#lines[textFrom]?.start ?? own, own), own])
    if (inside.length > 0) step.addGroup('steps', 'steps', this.list(inside, to))
    return step
  }
}

/** Makes blocks of ranges of a text, one after the other; the lines between two lead to the second. */
class BlockWriter {
  readonly #text: string
  readonly #from: number
  readonly #blocks: Block[] = []
  end: number

  constructor(text: string, from = 0) {
    this.#text = text
    this.#from = from
    this.end = from
  }

  /** All that was added, and what follows up to an offset. */
  group(role: Group['role'], to: number): Group {
    return { role, head: '', blocks: this.#blocks, tail: this.#text.slice(this.end, to), column: 0 }
  }

  frontMatter(yaml: Range | undefined, bodyStart: number): void {
    if (yaml) this.#addYaml('front matter', yaml, [0, bodyStart])
  }

  /** A block of YAML with the lines of its fence. */
  addFence(name: string, inside: Range): void {
    const start = this.#text.lastIndexOf('\n', inside[0] - 2) + 1
    this.#addYaml(name, inside, [start, this.#lineAfter(inside[1])])
  }

  /** The lines that a range touches, without the empty ones around its text; nothing where there is none. */
  add(name: string, [from, to]: Range, style: ValueText['style'] = 'lines'): void {
    const words = this.#text.slice(from, to)
    if (words.trim() === '') return
    const first = from + words.length - words.trimStart().length
    const start = Math.max(this.#text.lastIndexOf('\n', first) + 1, this.end)
    const end = this.#lineAfter(from + words.trimEnd().length)
    this.#push(name, start, end, { value: { start: 0, end: end - start - 1, style } })
  }

  addGroup(name: string, role: Group['role'], inside: BlockWriter): void {
    this.#push(name, inside.#from, inside.end, { inner: inside.group(role, inside.end) })
  }

  #addYaml(name: string, [from, to]: Range, [start, end]: Range): void {
    const inner = yamlBlocks(this.#text.slice(from, to), name === 'front matter' ? [] : ['steps', 0])
    const around = inner && {
      ...inner,
      head: this.#text.slice(start, from) + inner.head,
      tail: inner.tail + this.#text.slice(to, end),
    }
    const value = { start: 0, end: end - start - 1, style: 'lines' as const }
    this.#push(name, start, end, around ? { inner: around } : { value })
  }

  #push(name: string, start: number, end: number, content: Partial<Pick<Block, 'inner' | 'value'>>): void {
    const text = this.#text.slice(start, end)
    this.#blocks.push({ name, lead: this.#text.slice(this.end, start), text, column: 0, ...content })
    this.end = end
  }

  #lineAfter(offset: number): number {
    const end = this.#text.indexOf('\n', offset)
    return end === -1 ? this.#text.length : end + 1
  }
}
