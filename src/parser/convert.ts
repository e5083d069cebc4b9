import { isMap, isScalar, type Pair, parseDocument } from 'yaml'
import { mapSteps } from '../model/map-steps.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'
import { Source } from './document.ts'
import { commentsOf, formatYaml } from './format-yaml.ts'
import { splitFrontMatter } from './front-matter.ts'
import { isFieldsFence } from './markdown-head.ts'
import { readIntroduction } from './markdown.ts'
import { linesOf } from './markdown-lines.ts'
import { parseWorkflow } from './parse.ts'
import { printWorkflow } from './print.ts'
import { printYaml } from './print-yaml.ts'
import { isSame } from './same.ts'

/** A workflow in its other spelling. */
export interface Conversion {
  readonly text: string
  /** Comments for which the other spelling has no place, with their `#`. */
  readonly commentsLeft: readonly string[]
}

/**
 * The other spelling of a workflow that was read, without a problem, from a text. Comments on fields of the workflow go
 * with them; those inside steps have no place in Markdown, where all text below a heading is a prompt. An introduction
 * that the front matter outdoes becomes a comment in YAML.
 */
export function convertWorkflow(text: string, source: WorkflowSource, to: 'yaml' | 'markdown'): Conversion {
  const workflow = to === 'markdown' ? withoutLastBreaks(source) : source
  const unread = to === 'yaml' ? unreadIntroduction(text, workflow) : ''
  const plain = `${unread}${printWorkflow(workflow, to)}`
  const commented = to === 'yaml' ? withFrontMatter(text, workflow, unread) : withFields(text, plain)
  const { value } = parseWorkflow(commented, to === 'yaml' ? 'a.yaml' : 'a.md')
  const converted = isSame(value, workflow) ? commented : plain
  const kept = to === 'yaml' ? commentsOf(converted) : markdownComments(converted)
  const written = to === 'yaml' ? markdownComments(text) : commentsOf(text)
  return { text: converted, commentsLeft: without(written, kept) }
}

/** The workflow without the line breaks that end its prompts: they mean nothing, and no text below a heading can have them. */
export function withoutLastBreaks(workflow: WorkflowSource): WorkflowSource {
  return mapSteps(workflow, step =>
    typeof step.prompt === 'string' ? { ...step, prompt: step.prompt.replace(/\n+$/, '') } : step,
  )
}

/** What people read above the first step, and the workflow does not hold since its front matter says otherwise: as comments. */
function unreadIntroduction(text: string, { name, description }: WorkflowSource): string {
  const source = new Source('', text)
  const { before, title, text: below } = readIntroduction(source, linesOf(text, splitFrontMatter(source).bodyStart))
  const parts = [
    before?.value,
    title && title.title !== (name ?? '') ? title.title : undefined,
    below?.value === description ? undefined : below?.value,
  ].filter(part => typeof part === 'string')
  const lines = parts.join('\n\n').split('\n')
  return parts.length === 0 ? '' : lines.map(line => `${`# ${line}`.trimEnd()}\n`).join('')
}

/** The workflow in YAML, its fields as the front matter of a Markdown text has them. */
function withFrontMatter(text: string, workflow: WorkflowSource, unread: string): string {
  const { yaml } = splitFrontMatter(new Source('', text))
  const written = yaml ? text.slice(...yaml).replaceAll('\r\n', '\n') : ''
  const known = parseDocument(written, { logLevel: 'silent' }).contents
  const others = Object.entries(workflow).filter(([name]) => !isMap(known) || !known.has(name))
  const isHead = ([name]: readonly [string, unknown]): boolean => name === 'name' || name === 'description'
  const [head, rest] = [others.filter(isHead), others.filter(entry => !isHead(entry))].map(printEntries)
  return formatYaml(`${unread}${head}${written}${rest}`)
}

function printEntries(entries: readonly (readonly [string, unknown])[]): string {
  return entries.length === 0 ? '' : printYaml(Object.fromEntries(entries))
}

/** A printed Markdown text with the front matter that a YAML text gives it, comments and all. */
function withFields(text: string, printed: string): string {
  const { yaml, bodyStart } = splitFrontMatter(new Source('', printed))
  const document = parseDocument(text.replaceAll('\r\n', '\n'), { uniqueKeys: false, logLevel: 'silent' })
  const { contents } = document
  if (!isMap(contents)) return printed
  const own = parseDocument(yaml ? printed.slice(...yaml) : '').contents
  const kept = contents.items.filter(({ key }) => isMap(own) && own.has(key))
  // What was said about a field that goes elsewhere is now said before the next one that stays.
  let pending: string[] = []
  for (const pair of contents.items) {
    const isKept = kept.includes(pair)
    if (isKept) addBefore(pair, pending)
    pending = isKept ? [] : [...pending, ...commentsAround(pair)]
  }
  document.comment = [...pending, ...(document.comment ? [document.comment] : [])].join('\n') || null
  contents.items = kept
  contents.flow = false
  const fields = kept.length > 0 ? document.toString({ lineWidth: 0 }) : (document.comment ?? '').replace(/^/gm, '#')
  if (fields.trim() === '') return printed
  return `---\n${formatYaml(fields.endsWith('\n') ? fields : `${fields}\n`)}---\n${yaml ? '' : '\n'}${printed.slice(bodyStart)}`
}

function commentsAround({ key, value }: Pair): string[] {
  const comments = [isScalar(key) ? key.commentBefore : undefined, isScalar(value) ? value.comment : undefined]
  return comments.filter(comment => typeof comment === 'string')
}

function addBefore({ key }: Pair, comments: readonly string[]): void {
  if (!isScalar(key) || comments.length === 0) return
  key.commentBefore = [...comments, ...(key.commentBefore ? [key.commentBefore] : [])].join('\n')
}

/** The comments in the front matter and in the blocks of fields of a Markdown text. */
function markdownComments(text: string): string[] {
  const { yaml, bodyStart } = splitFrontMatter(new Source('', text))
  const lines = linesOf(text, bodyStart)
  const blocks = lines.flatMap(({ fence }, index) => {
    if (!fence || !isFieldsFence(fence)) return []
    const inside = lines.slice(index + 1, fence.isClosed ? fence.next - 1 : fence.next)
    return commentsOf(inside.map(line => `${line.text}\n`).join(''))
  })
  return [...(yaml ? commentsOf(text.slice(...yaml)) : []), ...blocks]
}

/** The items of a list that a second list does not have, each as often as it is missing there. */
function without(items: readonly string[], others: readonly string[]): string[] {
  const rest = [...others]
  return items.filter(item => {
    const index = rest.indexOf(item)
    if (index !== -1) rest.splice(index, 1)
    return index === -1
  })
}
