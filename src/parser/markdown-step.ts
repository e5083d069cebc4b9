import { isMap } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { kindKeys } from '../model/step-source.ts'
import type { Source } from './document.ts'
import { MapBuilder } from './map-builder.ts'
import type { Mark, Range } from './mark.ts'
import { type Branching, type MarkdownStep, readLoop, readSwitch } from './markdown-block.ts'
import { readEach } from './markdown-each.ts'
import { bulletNames, fieldOf, readFieldValue, variablesOf } from './markdown-field.ts'
import { type Bullet, type FieldBullet, readHead } from './markdown-head.ts'
import { type InputVariable, withInputs } from './markdown-input.ts'
import type { Line } from './markdown-lines.ts'
import { isOpen, readOpen } from './markdown-open.ts'
import { readBody } from './markdown-text.ts'
import { listOf, type Reading } from './reading.ts'
import { slugOf } from './slug.ts'
import { readYaml } from './yaml.ts'

/** Reads the steps of a workflow in Markdown; notes the variables that its `Input` bullets name. */
export class StepReader {
  readonly inputs: InputVariable[] = []
  readonly #source: Source
  readonly #lines: readonly Line[]

  constructor(source: Source, lines: readonly Line[]) {
    this.#source = source
    this.#lines = lines
  }

  /** The steps of the lines [from, to): one for each heading of a level, or above it. */
  list(from: number, to: number, level: number): MarkdownStep[] {
    const starts: number[] = []
    for (let index = from; index < to; index += 1) {
      const heading = this.#lines[index]?.heading
      if (heading && heading.level > 1 && heading.level <= level) starts.push(index)
    }
    return starts.map((start, index) => this.#step(start, starts[index + 1] ?? to))
  }

  #step(from: number, to: number): MarkdownStep {
    const step = new MapBuilder(this.#source)
    const line = this.#lines[from]
    const heading: Range = line?.heading?.at ?? [0, 0]
    const head = readHead(this.#source, this.#lines, from + 1, to)
    const bullets = head.bullets.flatMap(bullet => this.#known(bullet))
    const branching = bullets.find(({ field }) => field === 'case' || field === 'when' || field === 'default')
    const isNamed = bullets.some(({ field }) => field === 'id')
    const id = slugOf(line?.heading?.title ?? '')
    if (id !== '' && !isNamed) step.add('id', heading, { value: id, mark: { value: heading } })
    const [block, ...others] = bullets.filter(isBlock)
    const open = block ? undefined : bullets.find(isOpen)
    for (const bullet of bullets) if (!isBlock(bullet) && bullet !== open) this.#add(step, bullet)
    if (block) this.#addSteps(step, block, head.textFrom, to)
    for (const other of others) this.#refuse(other.bullet)
    for (const fields of head.blocks) this.#addFields(step, fields)
    if (!block) this.#addText(step, open, head.textFrom, to)
    withInputs(this.#source, step, bullets, this.inputs)
    const last = this.#lines[to - 1]
    const { value, mark } = step.finish(this.#trimmed(line?.start ?? 0, last?.end ?? 0))
    return { value, mark, heading, branching: branching && branchingOf(branching) }
  }

  /** The bullet with the field it means; an unknown one is reported. */
  #known(bullet: Bullet): FieldBullet[] {
    const field = fieldOf(bullet.name)
    if (field !== undefined) return [{ field, bullet }]
    const near = nearest(bullet.name, bulletNames)
    const hint =
      near === undefined
        ? 'A bullet in bold right under a heading sets a field of the step.'
        : `Did you mean \`${near}\`?`
    this.#source.report('UNKNOWN_FIELD', `A step has no field "${bullet.name}".`, bullet.key, hint)
    return []
  }

  #add(step: MapBuilder, { field, bullet }: FieldBullet): void {
    if (field === 'output') {
      const names = variablesOf(bullet.text, bullet.value)
      if (names) step.add('as', bullet.key, namesReading(names, bullet.value))
      else step.add('output', bullet.key, readFieldValue(this.#source, field, bullet.text, bullet.value))
    } else if (!['input', 'case', 'when', 'default'].includes(field)) {
      step.add(field, bullet.key, readFieldValue(this.#source, field, bullet.text, bullet.value))
    }
  }

  /** A block: the headings below are its steps, and the text before the first of them describes it. */
  #addSteps(step: MapBuilder, { field, bullet }: FieldBullet, textFrom: number, to: number): void {
    const first = this.#lines.slice(textFrom, to).findIndex(line => line.heading && line.heading.level > 1)
    const children = first === -1 ? to : textFrom + first
    const level = this.#lines[children]?.heading?.level ?? 0
    const description = readBody(this.#source, this.#lines, textFrom, children)
    const steps = this.list(children, to, level)
    const inside = listOf(steps, bullet.value)
    if (field === 'loop') step.add('loop', bullet.key, readLoop(this.#source, bullet, inside))
    else if (field === 'each') step.add('each', bullet.key, readEach(this.#source, bullet, inside))
    else if (field === 'switch') readSwitch(this.#source, bullet, steps, step)
    else step.add(field, bullet.key, inside)
    if (description && !step.has('description')) step.add('description', description.mark.value, description)
  }

  /** The steps below belong to the first block alone: to read them for each would take forever, level upon level. */
  #refuse({ key, name }: Bullet): void {
    const hint = 'Give each block a heading of its own.'
    this.#source.report('TWO_KINDS', `A step does one thing, and "${name}" is a second.`, key, hint)
  }

  #addFields(step: MapBuilder, block: Range): void {
    const fields = readYaml(this.#source, block)
    if (!fields || fields.value === null) return
    if (isMap(fields.value)) step.addAll(fields)
    else this.#source.report('YAML_SYNTAX', 'This block must hold fields of the step.', block, 'Write `name: value`.')
  }

  /** The rest is what an open bullet says, or the prompt; under a step that does something else it is the description. */
  #addText(step: MapBuilder, open: FieldBullet | undefined, from: number, to: number): void {
    const { value, text } = readOpen(this.#source, this.#lines, from, to, open)
    if (open) step.add(open.field, open.bullet.key, value ?? { value: '', mark: { value: open.bullet.key } })
    if (!text) return
    const hasKind = kindKeys.some(kind => kind !== 'prompt' && step.has(kind))
    const field = hasKind && !step.has('description') ? 'description' : 'prompt'
    step.add(field, text.mark.value, text)
  }

  #trimmed(start: number, end: number): Range {
    return [start, start + this.#source.text.slice(start, end).trimEnd().length]
  }
}

/** True for a bullet that makes the headings below it steps of a block. */
function isBlock({ field, bullet }: FieldBullet): boolean {
  if (field === 'parallel' || field === 'steps') return bullet.text === '' || bullet.text === 'true'
  return field === 'loop' || field === 'each' || field === 'switch'
}

function branchingOf({ field, bullet }: FieldBullet): Branching {
  return { type: field === 'case' ? 'case' : field === 'when' ? 'when' : 'default', bullet }
}

function namesReading(names: readonly { name: string; at: Range }[], range: Range): Reading {
  const [only, second] = names
  if (only && !second) return { value: only.name, mark: { value: only.at } }
  const children = new Map<number, Mark>(names.map(({ at }, index) => [index, { value: at }]))
  return { value: names.map(({ name }) => name), mark: { value: range, children } }
}
