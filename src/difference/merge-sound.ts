import { checkAgent } from '../checker/agent.ts'
import { check } from '../checker/check.ts'
import { checkConfiguration } from '../checker/configuration.ts'
import type { Library } from '../checker/library.ts'
import { checkSkill } from '../checker/skill.ts'
import { checkTemplate } from '../checker/template.ts'
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../parser/parse.ts'

/** What a file of a workspace is, by its path. */
export type FileKind = 'workflow' | 'template' | 'configuration' | 'agent' | 'skill' | 'prose'

/** What the file at a path is; texts that are none of ours are prose. */
export function fileKindOf(path: string): FileKind {
  if (/(^|\/)orchestrate\.ya?ml$/.test(path)) return 'configuration'
  if (/(^|\/)workflows\/templates\/.*\.ya?ml$/.test(path)) return 'template'
  if (path.endsWith('.agent.md')) return 'agent'
  if (/(^|\/)SKILL\.md$/.test(path)) return 'skill'
  return /\.(workflow\.md|ya?ml)$/.test(path) ? 'workflow' : 'prose'
}

/** The errors of a merged text that are of the merge: neither of the two sides has them. */
export function errorsOfMerge(
  text: string,
  sides: readonly string[],
  path: string,
  library: Library,
): readonly Diagnostic[] {
  const errors = errorsOf(text, path, library)
  if (errors.length === 0) return []
  const known = new Set(sides.flatMap(side => errorsOf(side, path, library).map(signature)))
  return errors.filter(error => !known.has(signature(error)))
}

function errorsOf(text: string, path: string, library: Library): readonly Diagnostic[] {
  return diagnosticsOf(text, path, library).filter(diagnostic => hasErrors([diagnostic]))
}

function diagnosticsOf(text: string, path: string, library: Library): readonly Diagnostic[] {
  switch (fileKindOf(path)) {
    case 'workflow':
      return check(parseWorkflow(text, path), library).diagnostics
    case 'template':
      return checkTemplate(parseWorkflow(text, path), library).diagnostics
    case 'configuration':
      return checkConfiguration(parseConfiguration(text, path)).diagnostics
    case 'agent':
      return checkAgent(parseAgent(text, path)).diagnostics
    case 'skill':
      return checkSkill(parseSkill(text, path)).diagnostics
    case 'prose':
      return []
  }
}

function signature({ code, message, span }: Diagnostic): string {
  return `${span.path} ${code} ${message}`
}
