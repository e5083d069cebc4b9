import { Source } from './document.ts'
import { formatYaml } from './format-yaml.ts'
import { splitFrontMatter } from './front-matter.ts'
import type { Mark } from './mark.ts'
import { readMarkdown } from './markdown.ts'
import { fieldOf } from './markdown-field.ts'
import { type Bullet, readHead } from './markdown-head.ts'
import { type Line, linesOf } from './markdown-lines.ts'
import { orderOf, rank } from './print-order.ts'
import { isSame } from './same.ts'

/** A step of the first list, which has the order of all steps. */
const anyStep = ['steps', 0] as const
/** Bullets in order: the branch, the block, then the fields as in YAML. */
const bulletOrder = [
  ...['case', 'when', 'default', 'parallel', 'steps', 'loop', 'each', 'switch', 'id'],
  ...orderOf(anyStep).flatMap(field => (field === 'output' ? ['input', 'output'] : [field])),
]

/**
 * A sound workflow in Markdown in the layout that everybody's files have: bullets written alike and in order, one empty
 * line between parts, YAML as `formatYaml` lays it out. Prompts stay as they are.
 */
export function formatMarkdown(text: string): string {
  const newline = /\r?\n/.exec(text)?.[0] ?? '\n'
  const formatted = layOut(text).replaceAll(/\r?\n/g, newline)
  return meansTheSame(text, formatted) && layOut(formatted).replaceAll(/\r?\n/g, newline) === formatted
    ? formatted
    : text
}

function layOut(text: string): string {
  const source = new Source('', text)
  const { yaml, bodyStart } = splitFrontMatter(source)
  const lines = linesOf(text, bodyStart)
  const starts = stepLines(lines, readMarkdown(source)?.mark)
  const parts = [
    yaml ? `---\n${withBreak(formatYaml(text.slice(...yaml)))}---` : '',
    ...title(text, lines.slice(0, starts[0] ?? lines.length)),
    ...starts.flatMap((start, index) => stepParts(source, lines, start, starts[index + 1] ?? lines.length)),
  ]
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

function withBreak(yaml: string): string {
  return yaml === '' || yaml.endsWith('\n') ? yaml : `${yaml}\n`
}

/** The lines with the headings of steps; other headings are text. */
function stepLines(lines: readonly Line[], mark: Mark | undefined): number[] {
  const starts = new Set<number>()
  const pending = mark ? [mark] : []
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const [name, child] of next.children ?? []) {
      if (typeof name === 'number') starts.add(child.value[0])
      pending.push(child)
    }
  }
  return lines.flatMap(({ heading, start }, index) =>
    heading && heading.level > 1 && starts.has(start) ? [index] : [],
  )
}

/** The text before the first step: the title, and what stands around it. */
function title(text: string, lines: readonly Line[]): string[] {
  const index = lines.findIndex(({ heading }) => heading?.level === 1)
  const heading = lines[index]?.heading
  if (!heading) return [between(text, lines)]
  return [between(text, lines.slice(0, index)), `# ${heading.title}`.trim(), between(text, lines.slice(index + 1))]
}

/** Heading with bullets, blocks of fields, text. */
function stepParts(source: Source, lines: readonly Line[], start: number, end: number): string[] {
  const heading = lines[start]?.heading
  const { bullets, blocks, textFrom } = readHead(source, lines, start + 1, end)
  const head = [`${'#'.repeat(heading?.level ?? 2)} ${heading?.title ?? ''}`.trim(), ...inOrder(bullets).map(printed)]
  const fences = blocks.map(block => {
    const yaml = withBreak(formatYaml(source.text.slice(...block), anyStep))
    const fence = fenceAround(yaml)
    return `${fence}yaml fields\n${yaml}${fence}`
  })
  return [head.join('\n'), ...fences, between(source.text, lines.slice(textFrom, end))]
}

function inOrder(bullets: readonly Bullet[]): Bullet[] {
  return bullets.toSorted((a, b) => rankOf(a) - rankOf(b))
}

function rankOf({ name }: Bullet): number {
  return rank(bulletOrder, fieldOf(name) ?? '')
}

function printed({ name, text }: Bullet): string {
  return text === '' ? `* **${name}**` : `* **${name}:** ${text}`
}

/** A fence that no line of a text can close. */
export function fenceAround(text: string): string {
  return '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(run => run[0].length)) + 1)
}

/** The text of some lines without the empty ones around it. */
function between(text: string, lines: readonly Line[]): string {
  const [first, last] = [lines[0], lines.at(-1)]
  return first && last ? text.slice(first.start, last.end).trim() : ''
}

function meansTheSame(before: string, after: string): boolean {
  const [a, b] = [before, after].map(text => readMarkdown(new Source('', text)))
  return isSame(a?.value, b?.value)
}
