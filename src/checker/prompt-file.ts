import { Expressions } from '../model/expression.ts'
import { expressionHint, suggest } from './suggest.ts'
import { Report } from './report.ts'
import { splitTemplate } from '../parser/template.ts'
import type { PromptDocument } from '../parser/prompt.ts'

/** Names that every text of the prompt library may read besides the values it is given. */
const common = ['run']

/** Checks a text of the prompt library against the names of the values that a step gives it; answers what is wrong. */
export function checkPromptFile(document: PromptDocument, names: readonly string[], step: string): Report {
  const report = new Report(document)
  const known = [...names, ...common]
  const expressions = new Expressions(known)
  const { parts, problem } = splitTemplate(document.value)
  if (problem) {
    const hint = `Write $\${ for a literal \${. ${step} uses this text.`
    report.errorWithin('BAD_TEMPLATE', problem.message, [], problem.start, problem.end, hint)
  }
  for (const part of parts) {
    if (part.type === 'text') continue
    const wrong = expressions.problem(part.source)
    if (wrong) {
      const [start, end] = [part.start + wrong.start, part.start + wrong.end]
      report.errorWithin(
        'BAD_EXPRESSION',
        `${wrong.message}.`,
        [],
        start,
        end,
        `${expressionHint(part.source)} ${step} uses this text.`,
      )
    }
    for (const { root, start, end } of expressions.references(part.source)) {
      if (known.includes(root)) continue
      const message = `${step} gives this text no "${root}".`
      const hint = `${suggest(root, names)} Values are given by \`with\`.`
      report.errorWithin('UNKNOWN_NAME', message, [], part.start + start, part.start + end, hint)
    }
  }
  return report
}
