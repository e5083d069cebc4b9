import type { ToolChoice } from './step.ts'

/** Tools as people write them: names in one text, a list of names, or a map from name to whether it may be called. */
export type WrittenTools = string | readonly string[] | Readonly<Record<string, boolean>>

/**
 * The one form in which a tool is named, whichever product the file was written for: `server.tool`, `server.*` for all
 * tools of a server, and a bare name for a tool that no server has. An argument in parentheses stays as it is.
 *
 * @example toolName('mcp__files__read_file') // 'files.read_file'
 * @example toolName('github/*') // 'github.*'
 */
export function toolName(written: string): string {
  const [, name = '', argument = ''] = /^([^(]*)([^]*)$/.exec(written.trim()) ?? []
  const [prefix, server = '', ...rest] = name.split('__')
  if (prefix === 'mcp' && server !== '') return `${server}.${rest.join('__') || '*'}${argument}`
  const slash = name.lastIndexOf('/')
  if (slash <= 0 || slash === name.length - 1) return name + argument
  return `${name.slice(0, slash)}.${name.slice(slash + 1)}${argument}`
}

/** Which tools may be called. Of a map, what is true is allowed and what is false is denied. */
export function toolChoice(tools: WrittenTools | undefined, denied?: WrittenTools): ToolChoice {
  const deny = [...namesOf(tools, false), ...namesOf(denied, true)]
  const isSilent = tools === undefined || (isMap(tools) && Object.values(tools).every(value => !value))
  return { ...(!isSilent && { allow: namesOf(tools, true) }), deny }
}

/**
 * Names in one text, between commas, blanks, quotes and brackets; those inside parentheses do not count.
 *
 * @example splitNames('Read, Bash(git add, git commit) Grep') // ['Read', 'Bash(git add, git commit)', 'Grep']
 */
export function splitNames(text: string): string[] {
  return text.match(/(?:\([^()]*\)|[^\s,'"[\]])+/g) ?? []
}

/** The names that are given a meaning; texts and lists give it to all of theirs. */
function namesOf(tools: WrittenTools | undefined, meaning: boolean): string[] {
  if (tools === undefined) return []
  if (!isMap(tools)) return meaning ? listNames(tools) : []
  return listNames(Object.keys(tools).filter(name => tools[name] === meaning))
}

function listNames(tools: string | readonly string[]): string[] {
  const names = typeof tools === 'string' ? splitNames(tools) : tools
  return [...new Set(names.map(toolName).filter(name => name !== ''))]
}

function isMap(tools: WrittenTools): tools is Readonly<Record<string, boolean>> {
  return typeof tools === 'object' && !Array.isArray(tools)
}
