import type { Program } from '../compiler/program.ts'
import { hashText } from '../model/hash.ts'
import type { Message } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { AttemptStatus, StepStatus } from '../runtime/status.ts'
import { stepIdOf } from './step-order.ts'

/** The files of one step, by their name in its folder: what was sent or asked, what came back, the attempts if there were several. */
export function stepFiles(step: StepStatus, program: Program): Map<string, string> {
  const files = new Map<string, string>()
  if (!isLeaf(step, program)) return files
  const messages = step.attempts.findLast(attempt => attempt.messages)?.messages
  if (messages) files.set('prompt.md', promptText(messages))
  const question = questionText(step)
  if (question !== undefined) files.set('question.md', `${question}\n`)
  for (const [name, text] of outputFiles(step)) files.set(name, text)
  if (step.attempts.length < 2) return files
  for (const attempt of step.attempts) files.set(`attempts/${attempt.attempt}.md`, attemptText(attempt))
  return files
}

/** True for a step that does something itself; what a block puts out is in the folders of its steps. */
export function isLeaf(step: StepStatus, program: Program): boolean {
  const kind = program.steps[stepIdOf(step.path)]?.work.kind
  return kind === undefined || !blocks.has(kind)
}

const blocks: ReadonlySet<string> = new Set(['parallel', 'steps', 'switch', 'loop', 'each'])

/** What a person was asked. */
export function questionText({ attempts }: StepStatus): string | undefined {
  const waiting = attempts.findLast(attempt => attempt.waiting)?.waiting
  return waiting?.for === 'answer' ? waiting.question.trimEnd() : undefined
}

/** The folder of a step below the trace's; every segment is a name that any file system takes. */
export function stepFolder(path: string): string {
  const segments = path
    .split('/')
    .map(segment => (isSafeName(segment) ? segment : `x-${hashText(segment).slice(0, 16)}`))
  return ['steps', ...segments].join('/')
}

function isSafeName(segment: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(segment)
}

/** Messages under a heading each, their text exactly as it was sent. */
function promptText(messages: readonly Message[]): string {
  return messages.map(({ role, content }) => `## ${role}\n\n${content}\n`).join('\n')
}

/** Text as it came in `output.md`, values in `output.json`; both where a value came wrapped in other text. */
function outputFiles(step: StepStatus): [string, string][] {
  const last = step.attempts.at(-1)
  const output = step.output ?? last?.output ?? last?.failure?.output ?? null
  const raw = last?.raw
  if (output === null && raw === undefined) return []
  if (typeof output === 'string') return [['output.md', raw ?? output]]
  const json = raw !== undefined && isJson(raw) ? raw : prettyJson(output)
  return raw === undefined || isJson(raw)
    ? [['output.json', json]]
    : [
        ['output.json', json],
        ['output.md', raw],
      ]
}

function attemptText({ attempt, output, raw, failure }: AttemptStatus): string {
  const heading = `# Attempt ${attempt}\n`
  const came = raw ?? output
  if (came !== undefined) return `${heading}\nsucceeded\n\n${asText(came)}\n`
  if (!failure) return `${heading}\ncancelled\n`
  const left = failure.output === undefined ? '' : `\n## output\n\n${asText(failure.output)}\n`
  return `${heading}\nfailed: ${failure.reason}\n\n${failure.message}\n${left}`
}

/** Text as it is, any other value as indented JSON. */
export function asText(value: Json): string {
  return typeof value === 'string' ? value : prettyJson(value).trimEnd()
}

function prettyJson(value: Json): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
