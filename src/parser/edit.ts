import { editMarkdown } from './edit-markdown.ts'
import type { Edit } from './edit-value.ts'
import { editRange } from './edit-yaml.ts'

/**
 * Edits a workflow in either spelling, one edit after the other: places count in the text as the edits before left it.
 * Only the text that must change does. Throws `EditRefused`.
 */
export function editWorkflow(text: string, path: string, edits: readonly Edit[]): string {
  if (!path.toLowerCase().endsWith('.md')) return editYaml(text, edits)
  return edits.reduce(editMarkdown, text)
}

/**
 * Edits a YAML text: comments, blank lines, quotes, order and indentation stay as they are everywhere else.
 * Throws `EditRefused`.
 *
 * @example editYaml('a: 1 # one\n', [{ place: ['a'], set: 2 }]) // 'a: 2 # one\n'
 */
export function editYaml(text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, edit) => editRange(current, [0, current.length], edit), text)
}
