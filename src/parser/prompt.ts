import { type Document, makeDocument, Source } from './document.ts'
import { splitFrontMatter } from './front-matter.ts'
import { textMark } from './markdown-field.ts'

/** A text of the prompt library: `value` is the text, without the front matter it may have. */
export interface PromptDocument extends Document {
  readonly value: string
}

/** Reads a text of the prompt library. Never throws. */
export function parsePrompt(text: string, path: string): PromptDocument {
  const source = new Source(path, text)
  const { bodyStart } = splitFrontMatter(source)
  const body = text.slice(bodyStart).replaceAll('\r\n', '\n').trim()
  return { ...makeDocument(source, 'markdown', body, textMark(source, body, [bodyStart, text.length])), value: body }
}
