import { formatMarkdown } from './format-markdown.ts'
import { formatYaml } from './format-yaml.ts'
import { parseWorkflow } from './parse.ts'
import { isSame } from './same.ts'

/**
 * A workflow in the layout that everybody's files have; formatting it again changes nothing. The text must be free of
 * errors. Its meaning, its comments and its line breaks stay.
 */
export function formatWorkflow(text: string, path: string): string {
  const format = path.toLowerCase().endsWith('.md') ? formatMarkdown : formatYaml
  const formatted = format(text)
  const [before, after] = [text, formatted].map(version => parseWorkflow(version, path))
  return isSame(before?.value, after?.value) ? formatted : text
}
