import { type Document, makeDocument, Source } from './document.ts'
import { readFrontMatter } from './front-matter.ts'
import { readMarkdown } from './markdown.ts'
import type { Reading } from './reading.ts'
import { strangeCharacter } from './strange.ts'
import { readYaml } from './yaml.ts'

/** The largest file that is read, in bytes of UTF-8. */
const largestFileBytes = 256 * 1024

/** An agent file: its front matter is the value of the document, the rest is the system prompt. */
export interface AgentDocument extends Document {
  readonly system: string
}

/** A skill: its front matter is the value of the document, the rest is what an agent reads. */
export interface SkillDocument extends Document {
  readonly body: string
}

/** Reads a workflow in YAML, or in Markdown when the path ends with `.md`. Never throws. */
export function parseWorkflow(text: string, path: string): Document {
  const source = new Source(path, text)
  const isMarkdown = path.toLowerCase().endsWith('.md')
  const read = isMarkdown ? readMarkdown : readWhole
  const reading = isUsable(source) ? read(source) : undefined
  return makeDocument(source, isMarkdown ? 'markdown' : 'yaml', reading?.value, reading?.mark)
}

/** Reads `orchestrate.yaml`; an empty file is an empty map. Never throws. */
export function parseConfiguration(text: string, path: string): Document {
  const source = new Source(path, text)
  const reading = isUsable(source) ? readWhole(source) : undefined
  return makeDocument(source, 'yaml', reading && (reading.value ?? {}), reading?.mark)
}

/** Reads `*.agent.md`. Files that other tools read are accepted: no front matter, or such as is not quite YAML. Never throws. */
export function parseAgent(text: string, path: string): AgentDocument {
  const { document, body } = readProse(text, path)
  return { ...document, system: body }
}

/** Reads `SKILL.md`, as forgivingly as an agent. Never throws. */
export function parseSkill(text: string, path: string): SkillDocument {
  const { document, body } = readProse(text, path)
  return { ...document, body }
}

function readProse(text: string, path: string): { readonly document: Document; readonly body: string } {
  const source = new Source(path, text)
  if (!isUsable(source)) return { document: makeDocument(source, 'markdown', undefined, undefined), body: '' }
  const { fields, bodyStart } = readFrontMatter(source)
  const body = text.slice(bodyStart).replaceAll('\r\n', '\n').trim()
  return { document: makeDocument(source, 'markdown', fields.value, fields.mark), body }
}

function readWhole(source: Source): Reading | undefined {
  return readYaml(source, [0, source.text.length])
}

/** Reports, and refuses, what is no text for a parser: too much of it, or bytes that were not UTF-8. */
function isUsable(source: Source): boolean {
  const { text } = source
  const sizeBytes = new TextEncoder().encode(text).length
  if (sizeBytes > largestFileBytes) {
    const message = `The file has ${Math.ceil(sizeBytes / 1024)} KiB; at most ${largestFileBytes / 1024} are read.`
    source.report('FILE_TOO_LARGE', message, [0, 0], 'Move long texts to files of their own, or split the file.')
    return false
  }
  const strange = text.search(strangeCharacter)
  if (strange === -1) return true
  const hint = 'Save the file as UTF-8.'
  source.report('NOT_UTF8', 'There is something here that is no text in UTF-8.', [strange, strange + 1], hint)
  return false
}
