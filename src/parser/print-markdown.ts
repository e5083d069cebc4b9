import type { StepSource } from '../model/step-source.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'
import { Source } from './document.ts'
import { fenceAround } from './format-markdown.ts'
import { readMarkdown } from './markdown.ts'
import { printEach } from './markdown-each.ts'
import { linesOf } from './markdown-lines.ts'
import { StepReader } from './markdown-step.ts'
import { printBullet } from './print-bullet.ts'
import { printYaml } from './print-yaml.ts'
import { isSame } from './same.ts'
import { slugOf, titleOf } from './slug.ts'
import { strangeCharacter } from './strange.ts'

const deepestHeading = 6

/**
 * A workflow in Markdown. Each part is printed the way people write it when reading that gives the same part back, and in
 * a plainer way otherwise: what no bullet can say stands in a block of `yaml fields`, so that nothing is lost.
 */
export function printMarkdown(workflow: WorkflowSource): string {
  const { steps, ...fields } = workflow
  return `${[printFields(fields), ...steps.map(step => printStep(step, 2))].filter(part => part !== '').join('\n\n')}\n`
}

/** Front matter, title and description. */
function printFields(fields: Omit<WorkflowSource, 'steps'>): string {
  const { name, description, ...others } = fields
  const title = name === undefined ? '' : `# ${name}`
  const candidates = [
    [printFrontMatter(others), title, description ?? ''],
    [printFrontMatter({ ...(description !== undefined && { description }), ...others }), title],
    [printFrontMatter({ ...(name !== undefined && { name }), ...others }), description ?? ''],
  ].map(parts => parts.filter(part => part !== '').join('\n\n'))
  return candidates.find(text => fieldsReadBack(text, fields)) ?? printFrontMatter(fields)
}

function printFrontMatter(fields: object): string {
  return Object.keys(fields).length === 0 ? '' : `---\n${printYaml(fields)}---`
}

function fieldsReadBack(text: string, fields: object): boolean {
  const source = new Source('', `${text}${ending}`)
  const { steps, ...read } = (readMarkdown(source)?.value ?? {}) as Partial<WorkflowSource>
  return isSound(source) && steps?.length === 1 && isSame(read, fields)
}

// A part must end by itself: a fence that it leaves open, say, would swallow what follows.
const ending = '\n\n## End\n\nEnd.\n'

/** A step below a heading of a level, with the bullets that say which branch of a switch it belongs to. */
export function printStep(step: StepSource, level: number, branching: readonly string[] = []): string {
  const candidates = [() => printBlock(step, level, branching), () => printBody(step, level, branching)]
  for (const candidate of candidates) {
    const text = candidate()
    if (text !== undefined && stepReadsBack(text, level, step)) return text
  }
  const fenced = printHead(step, level, branching, [])
  return stepReadsBack(fenced, level, step) ? fenced : printHead(step, level, branching, Object.keys(step))
}

function stepReadsBack(text: string, level: number, step: StepSource): boolean {
  const source = new Source('', `${text}${ending}`)
  const lines = linesOf(source.text, 0)
  const read = new StepReader(source, lines).list(0, lines.length, level)
  return isSound(source) && read.length === 2 && isSame(read[0]?.value, step)
}

function isSound({ text, diagnostics }: Source): boolean {
  return diagnostics.length === 0 && !strangeCharacter.test(text)
}

/** A prompt as the text below the heading. */
function printBody({ prompt, ...step }: StepSource, level: number, branching: readonly string[]): string | undefined {
  return typeof prompt === 'string' && prompt !== ''
    ? `${printHead(step, level, branching, [])}\n\n${prompt}`
    : undefined
}

/** A block whose steps stand below deeper headings. */
function printBlock(step: StepSource, level: number, branching: readonly string[]): string | undefined {
  const block = level < deepestHeading ? blockOf(step) : undefined
  if (!block) return undefined
  const head = printHead(block.rest, level, [...branching, block.bullet], [])
  const children = block.children.map(({ step: child, bullets }) => printStep(child, level + 1, bullets))
  return [head, ...children].join('\n\n')
}

interface Block {
  readonly bullet: string
  readonly rest: StepSource
  readonly children: readonly { readonly step: StepSource; readonly bullets: readonly string[] }[]
}

function blockOf(step: StepSource): Block | undefined {
  const { parallel, steps, loop, each, switch: chooser, ...rest } = step
  const plain = (list: readonly StepSource[]): Block['children'] => list.map(child => ({ step: child, bullets: [] }))
  if (parallel) return { bullet: '* **Parallel**', rest, children: plain(parallel) }
  if (steps) return { bullet: '* **Steps**', rest, children: plain(steps) }
  if (loop) {
    const clauses = [`max ${loop.max}`]
    if (loop.until !== undefined) clauses.unshift(`until ${loop.until}`)
    if (loop.while !== undefined) clauses.unshift(`while ${loop.while}`)
    return { bullet: `* **Loop:** ${clauses.join(', ')}`, rest, children: plain(loop.steps) }
  }
  if (each) return { bullet: printEach(each), rest, children: plain(each.steps) }
  return chooser === undefined ? undefined : switchBlock(chooser, rest)
}

function switchBlock(chooser: NonNullable<StepSource['switch']>, step: StepSource): Block {
  const { cases = {}, default: last, ...rest } = step
  const under = (bullet: string, list: readonly StepSource[]): Block['children'] =>
    list.map(child => ({ step: child, bullets: [bullet] }))
  if (Array.isArray(chooser)) {
    const children = chooser.flatMap(({ when, steps }) =>
      under(when === undefined ? '* **Default**' : `* **When:** ${when}`, steps),
    )
    return { bullet: '* **Switch**', rest: step, children }
  }
  const children = Object.entries(cases).flatMap(([value, steps]) => under(`* **Case:** ${value}`, steps))
  return {
    bullet: `* **Switch:** ${chooser}`,
    // No heading can say that nothing is to be done.
    rest: last?.length === 0 ? { ...rest, default: last } : rest,
    children: [...children, ...under('* **Default**', last ?? [])],
  }
}

/** Heading, bullets, and a block with the fields that no bullet can say; `fenced` names fields that get no bullet. */
function printHead(step: StepSource, level: number, branching: readonly string[], fenced: readonly string[]): string {
  const { id, ...fields } = step
  const title = id === undefined ? '' : slugOf(titleOf(id)) === id ? titleOf(id) : id
  const bullets: string[] = id === undefined || slugOf(title) === id ? [] : [`* **Id:** ${id}`]
  const rest: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(fields)) {
    const bullet = fenced.includes(field) ? undefined : printBullet(field, value)
    const isFaithful = bullet !== undefined && stepReadsBack(`## X\n${bullet}`, 2, { id: 'x', [field]: value })
    if (isFaithful) bullets.push(bullet)
    else rest[field] = value
  }
  const head = [`${'#'.repeat(level)} ${title}`.trim(), ...branching, ...bullets].join('\n')
  return Object.keys(rest).length === 0 ? head : `${head}\n\n${printFence(rest)}`
}

function printFence(fields: object): string {
  const yaml = printYaml(fields)
  const fence = fenceAround(yaml)
  return `${fence}yaml fields\n${yaml}${fence}`
}
