import { EditRefused } from './edit-refused.ts'
import type { Edit } from './edit-value.ts'

/** Makes one edit in a workflow in Markdown. Throws `EditRefused`. */
export function editMarkdown(text: string, edit: Edit): string {
  throw new EditRefused('NotLocal', `No edit of "${edit.place.join('.')}" in ${text.length} characters.`)
}
