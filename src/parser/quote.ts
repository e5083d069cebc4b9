/** The text as a YAML scalar in quotes, in single ones where that saves escapes. */
export function quoted(text: string): string {
  return text.includes('"') && !text.includes("'") && !/[\\\n]/.test(text) ? `'${text}'` : JSON.stringify(text)
}
