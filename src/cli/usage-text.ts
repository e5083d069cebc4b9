/** What commander says of a wrong command line, in our form: a line for what is wrong and a line for what to try. */
export function usageText(text: string): string {
  const [, problem = text, suggestion] = /^(.*?)(?:\n\((Did you mean .*)\))?\n*$/s.exec(text) ?? []
  return `${problem.trimEnd()}\nhint: ${suggestion ?? 'Add --help to see what can be written here.'}\n`
}
