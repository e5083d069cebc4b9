import { isMap } from '../model/json.ts'
import type { Source } from './document.ts'
import { splitFrontMatter } from './front-matter.ts'
import { MapBuilder } from './map-builder.ts'
import type { Range } from './mark.ts'
import { type Line, linesOf } from './markdown-lines.ts'
import { StepReader } from './markdown-step.ts'
import { readBody } from './markdown-text.ts'
import { listOf, type Reading } from './reading.ts'
import { readYaml } from './yaml.ts'

/** Names that an expression has without anybody declaring them. */
const ownNames = new Set(['inputs', 'steps', 'previous', 'run', 'item', 'index', 'secrets'])

/**
 * Reads a workflow in Markdown: its fields in the front matter, its name as `#`, its description below that, and a step
 * for each heading of the highest level below it, which is `##` in most files. Undefined when the front matter cannot be read.
 */
export function readMarkdown(source: Source): Reading | undefined {
  const { yaml, bodyStart } = splitFrontMatter(source)
  const fields = yaml && readYaml(source, yaml)
  if (yaml && !fields) return undefined
  const workflow = new MapBuilder(source)
  if (fields) addFrontMatter(source, workflow, fields)
  const lines = linesOf(source.text, bodyStart)
  const level = stepLevel(lines)
  const firstStep = firstStepOf(lines)
  addIntroduction(workflow, readIntroduction(source, lines))
  const reader = new StepReader(source, lines)
  const steps = reader.list(firstStep, lines.length, level)
  const end: Range = [source.text.trimEnd().length, source.text.trimEnd().length]
  const place: Range = [steps[0]?.mark.value[0] ?? end[0], steps.at(-1)?.mark.value[1] ?? end[1]]
  workflow.add('steps', steps[0]?.heading ?? end, listOf(steps, place))
  addInputs(workflow, reader)
  return workflow.finish([0, end[1]])
}

/** The highest level of headings below the title: deeper ones are no steps of their own, be they above all steps or below one. */
function stepLevel(lines: readonly Line[]): number {
  return lines.reduce((highest, { heading }) => {
    return heading && heading.level > 1 ? Math.min(highest, heading.level) : highest
  }, Number.POSITIVE_INFINITY)
}

/** The index of the line that the first step begins with; where there is none, that after the last line. */
function firstStepOf(lines: readonly Line[]): number {
  const level = stepLevel(lines)
  const index = lines.findIndex(({ heading }) => heading?.level === level)
  return index === -1 ? lines.length : index
}

function addFrontMatter(source: Source, workflow: MapBuilder, fields: Reading): void {
  if (isMap(fields.value)) {
    const { steps, ...others } = fields.value
    const mark = fields.mark.children?.get('steps')
    workflow.addAll({ value: others, mark: withoutSteps(fields) })
    if (steps === undefined || !mark) return
    const hint = 'Write a "##" heading for each step.'
    source.report('UNKNOWN_FIELD', 'In Markdown, steps are headings.', mark.key ?? mark.value, hint)
  } else if (fields.value !== null) {
    source.report(
      'YAML_SYNTAX',
      'Front matter must hold fields of the workflow.',
      fields.mark.value,
      'Write `name: value`.',
    )
  }
}

function withoutSteps({ mark }: Reading): Reading['mark'] {
  const children = new Map(mark.children)
  children.delete('steps')
  return { ...mark, children }
}

/** What stands above the first step: the title, the text before it, and the text below it. */
export interface Introduction {
  readonly before: Reading | undefined
  readonly title: Line['heading']
  readonly text: Reading | undefined
}

/** The introduction of a workflow whose body has these lines. */
export function readIntroduction(source: Source, lines: readonly Line[]): Introduction {
  const end = firstStepOf(lines)
  const index = lines.findIndex((line, at) => at < end && line.heading?.level === 1)
  const before = readBody(source, lines, 0, index)
  return { before, title: lines[index]?.heading, text: readBody(source, lines, index + 1, end) }
}

/** The first `#` is the name, and the text below it the description; front matter has the last word. */
function addIntroduction(workflow: MapBuilder, { title, text }: Introduction): void {
  if (title && title.title !== '' && !workflow.has('name')) {
    workflow.add('name', title.at, { value: title.title, mark: { value: title.at } })
  }
  if (text && !workflow.has('description')) workflow.add('description', text.mark.value, text)
}

/** A variable that is an `Input` of a step, but no output and no declared input, is an input of the workflow. */
function addInputs(workflow: MapBuilder, reader: StepReader): void {
  const declared = workflow.get('inputs')
  if (declared && !isMap(declared.value)) return
  const known = new Set([...ownNames, ...Object.keys(declared?.value ?? {}), ...outputNames(workflow.value['steps'])])
  const added: Record<string, string> = {}
  const children = new Map(declared?.mark.children)
  for (const { name, at } of reader.inputs) {
    if (known.has(name) || name in added || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue
    added[name] = 'string'
    children.set(name, { key: at, value: at })
  }
  const [first] = Object.keys(added)
  if (first === undefined) return
  const place = children.get(first)?.value ?? [0, 0]
  const mark = declared?.mark ?? { key: place, value: place }
  workflow.put('inputs', { value: { ...(declared?.value as object), ...added }, mark: { ...mark, children } })
}

/** Every name that an `as` inside a value gives. */
function outputNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(outputNames)
  if (!isMap(value)) return []
  const own = [value['as'] ?? []].flat().filter(name => typeof name === 'string')
  return [...own, ...Object.values(value).flatMap(outputNames)]
}
