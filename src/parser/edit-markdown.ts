import { hasErrors } from '../model/diagnostic.ts'
import type { StepSource } from '../model/step-source.ts'
import { type Place, Source } from './document.ts'
import { EditRefused } from './edit-refused.ts'
import { appliedTo, type Edit, smallerEdits, valueAt } from './edit-value.ts'
import { editRange } from './edit-yaml.ts'
import { splitFrontMatter } from './front-matter.ts'
import { type Mark, markAt, type Range } from './mark.ts'
import { readMarkdown } from './markdown.ts'
import { fieldOf } from './markdown-field.ts'
import { type Bullet, type Head, readHead } from './markdown-head.ts'
import { type Line, linesOf } from './markdown-lines.ts'
import { bulletText, printBullet } from './print-bullet.ts'
import { printStep } from './print-markdown.ts'
import { printYaml } from './print-yaml.ts'
import type { Reading } from './reading.ts'
import { isSame } from './same.ts'
import { titleOf } from './slug.ts'
import { strangeCharacter } from './strange.ts'

/** Makes one edit in a workflow in Markdown; only what must changes. Throws `EditRefused`. */
export function editMarkdown(text: string, edit: Edit): string {
  const before = read(text)
  if (!before) throw new EditRefused('Unreadable', 'The text has errors that must be mended first.')
  const wanted = appliedTo(before.value, edit)
  if (isSame(before.value, wanted)) return text
  for (const write of new MarkdownEditor(text, before, edit, wanted).ways()) {
    const edited = unlessRefused(write)
    if (edited === undefined) continue
    const after = read(edited)
    if (after && isSame(after.value, wanted)) return edited
  }
  throw new EditRefused('NotLocal', 'The text around this place is written in a way that no local edit can keep.')
}

function read(text: string): Reading | undefined {
  if (strangeCharacter.test(text)) return undefined
  const source = new Source('', text)
  const reading = readMarkdown(source)
  return hasErrors(source.diagnostics) ? undefined : reading
}

function unlessRefused(write: () => string | undefined): string | undefined {
  try {
    return write()
  } catch (error) {
    if (error instanceof EditRefused) return undefined
    throw error
  }
}

type Way = () => string | undefined

/** Knows the ways to write one edit; not all of them need be right. */
class MarkdownEditor {
  readonly #text: string
  readonly #mark: Mark
  readonly #value: unknown
  readonly #edit: Edit
  readonly #wanted: unknown
  readonly #lines: readonly Line[]

  constructor(text: string, { value, mark }: Reading, edit: Edit, wanted: unknown) {
    this.#text = text
    this.#mark = mark
    this.#value = value
    this.#edit = edit
    this.#wanted = wanted
    this.#lines = linesOf(text, splitFrontMatter(new Source('', text)).bodyStart)
  }

  ways(): Way[] {
    const { place } = this.#edit
    const parts = 'set' in this.#edit ? smallerEdits(valueAt(this.#value, place), this.#edit.set, place) : undefined
    return [
      ...(parts ? [() => parts.reduce(editMarkdown, this.#text)] : []),
      ...this.#atMark(place),
      ...(place[0] === 'steps' ? this.#inSteps() : [() => this.#inFrontMatter()]),
    ]
  }

  /** A scalar that stands in the text just so: a title, a prompt, the end of a loop. */
  #atMark(place: Place): Way[] {
    const { mark, isExact } = markAt(this.#mark, place)
    const value = valueAt(this.#wanted, place)
    if (!isExact || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')) return []
    const texts = [...(place.at(-1) === 'id' ? [titleOf(String(value))] : []), String(value)]
    return texts.map(text => () => this.#replaced(mark.value, this.#withBreaks(text)))
  }

  #inFrontMatter(): string | undefined {
    const { yaml, bodyStart } = splitFrontMatter(new Source('', this.#text))
    if (yaml) return editRange(this.#text, yaml, this.#edit)
    const [field = ''] = this.#edit.place
    const value = valueAt(this.#wanted, [field])
    if (value === undefined) return undefined
    const head = this.#withBreaks(`---\n${printYaml({ [field]: value })}---\n\n`)
    return this.#replaced([bodyStart, bodyStart], head)
  }

  #inSteps(): Way[] {
    const { place } = this.#edit
    if ('insert' in this.#edit) return [() => this.#insertStep()]
    const step = this.#stepAround(place)
    if (!step) return []
    const field = place[step.place.length]
    if (field === undefined) return 'remove' in this.#edit ? [() => this.#removeStep(step.place)] : []
    const inside = { ...this.#edit, place: place.slice(step.place.length) }
    return [
      ...step.head.blocks.map(block => () => editRange(this.#text, block, inside)),
      ...this.#fieldWays(step, String(field), valueAt(this.#wanted, [...step.place, field])),
    ]
  }

  /** A field of a step as a whole: its bullet, or the text below the bullets. */
  #fieldWays(step: StepPlace, field: string, value: unknown): Way[] {
    const { mark, isExact } = markAt(this.#mark, [...step.place, field])
    const bullet = step.head.bullets.find(({ name }) => fieldOf(name) === (field === 'as' ? 'output' : field))
    if (value === undefined) {
      const lines = bullet && this.#linesOf(bullet)
      const body = isExact ? this.#withBlankLinesBefore(mark.value) : undefined
      return [lines, body].flatMap(range => (range ? [() => this.#replaced(range, '')] : []))
    }
    const written = bulletText(field, value)
    const line = printBullet(field, value)
    const end = this.#lineEnd(step.head.bullets.at(-1)?.value[1] ?? step.headingEnd)
    return [
      ...(bullet && written !== undefined ? [() => this.#replaced(bullet.value, written)] : []),
      ...(line === undefined ? [] : [() => this.#replaced([end, end], this.#withBreaks(`\n${line}`))]),
      ...(typeof value === 'string' ? [() => this.#replaced([end, end], this.#withBreaks(`\n\n${value}`))] : []),
    ]
  }

  #insertStep(): string | undefined {
    if (!('insert' in this.#edit)) return undefined
    const { place, insert, value } = this.#edit
    const [next, previous] = [insert, insert - 1].map(index => this.#lineOfStep([...place, index]))
    const level = (next ?? previous)?.line.heading?.level
    if (level === undefined) return undefined
    const step = printStep(value as StepSource, level)
    if (next) return this.#replaced([next.line.start, next.line.start], this.#withBreaks(`${step}\n\n`))
    const end = previous?.end ?? this.#text.length
    return this.#replaced([end, end], this.#withBreaks(`\n\n${step}`))
  }

  #removeStep(place: Place): string | undefined {
    const step = this.#lineOfStep(place)
    if (!step) return undefined
    const next = /^\s*/.exec(this.#text.slice(step.end))?.[0].length ?? 0
    if (step.end + next < this.#text.length) return this.#replaced([step.line.start, step.end + next], '')
    return this.#replaced([this.#text.slice(0, step.line.start).trimEnd().length, step.end], '')
  }

  /** The innermost step at or above a place that has a heading. */
  #stepAround(place: Place): StepPlace | undefined {
    for (let length = place.length; length > 1; length -= 1) {
      const around = place.slice(0, length)
      const found = this.#lineOfStep(around)
      if (!found) continue
      const head = readHead(new Source('', this.#text), this.#lines, found.index + 1, this.#lines.length)
      return { place: around, head, headingEnd: found.line.end }
    }
    return undefined
  }

  #lineOfStep(place: Place): { line: Line; index: number; end: number } | undefined {
    const { mark, isExact } = markAt(this.#mark, place)
    const index = this.#lines.findIndex(({ start, heading }) => heading && start === mark.value[0])
    const line = this.#lines[index]
    return isExact && line && typeof place.at(-1) === 'number' ? { line, index, end: mark.value[1] } : undefined
  }

  #linesOf({ key, value }: Bullet): Range {
    return [this.#text.lastIndexOf('\n', key[0]) + 1, Math.min(this.#lineEnd(value[1]) + 1, this.#text.length)]
  }

  #lineEnd(offset: number): number {
    const line = this.#lines.find(({ start, end }) => start <= offset && offset <= end)
    return line?.end ?? offset
  }

  #withBlankLinesBefore([start, end]: Range): Range {
    return [this.#text.slice(0, start).trimEnd().length, end]
  }

  #replaced([start, end]: Range, text: string): string {
    return this.#text.slice(0, start) + text + this.#text.slice(end)
  }

  /** A text with the line breaks of the file. */
  #withBreaks(text: string): string {
    return /\r?\n/.exec(this.#text)?.[0] === '\r\n' ? text.replaceAll('\n', '\r\n') : text
  }
}

interface StepPlace {
  readonly place: Place
  readonly head: Head
  readonly headingEnd: number
}
