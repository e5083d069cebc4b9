import type { Program } from '../compiler/program.ts'
import type { Json } from '../model/json.ts'

/** A set of inputs that a commit starts a workflow with. */
export interface CommitCase {
  readonly name: string
  readonly inputs: Readonly<Record<string, Json>>
}

/** The runs that a commit on a branch asks of a workflow: one a case; none where a commit does not start it there. */
export function commitCases({ triggers, cases }: Pick<Program, 'triggers' | 'cases'>, branch: string): CommitCase[] {
  const { commit } = triggers
  if (!commit || !(commit.branches ?? ['**']).some(pattern => matches(pattern, branch))) return []
  const given = Object.fromEntries(Object.entries(commit.with).filter(([, value]) => !isComputed(value)))
  const named = Object.entries(cases)
  if (named.length === 0) return [{ name: 'default', inputs: given }]
  return named.map(([name, inputs]) => ({ name, inputs: { ...given, ...inputs } }))
}

/**
 * True when a name fits a pattern: `*` stands for anything without a slash, `**` for anything.
 *
 * @example matches('feature/*', 'feature/login') // true
 */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split(/(\*\*\/?|\*)/).map(part => {
    if (part === '*') return '[^/]*'
    if (part.startsWith('**')) return part === '**/' ? '(?:.*/)?' : '.*'
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`).test(name)
}

/** True for a value that is only known when the trigger has fired. */
function isComputed(value: Json): boolean {
  return JSON.stringify(value).includes('${')
}
