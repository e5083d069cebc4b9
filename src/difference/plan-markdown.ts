import { code, details, plain, row } from '../model/markdown.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { diffBlocks, joinBlocks } from './diff-markdown.ts'
import type { Plan, PlannedRun, Verdict } from './plan.ts'
import { planSummary, spendingWords, stepWords } from './plan-words.ts'

/** A poster finds its own comment by this line, and writes the next plan in its place. */
export const planMark = '<!-- orchestrate plan -->'

const mostPaths = 40

/** A plan as a comment on a pull request: what matters most stands first, and the whole has room in a comment. */
export function planMarkdown(plan: Plan): string {
  const { runs, permissions, diagnostics, files, base, head, refused } = plan
  return joinBlocks([
    planMark,
    `### Plan: ${plain(planSummary(plan))}`,
    ...(refused === undefined ? [] : [`**Not accepted**: ${plain(refused)}`]),
    ...(diagnostics.length > 0 ? [diagnostics.map(problemLine).join('\n')] : []),
    ...(permissions.length > 0 ? [`**New permissions**`, permissions.map(permissionLine).join('\n')] : []),
    ...(runs.length > 0 ? [runTable(runs), ...runs.flatMap(runDetails)] : []),
    ...(files.length > 0 ? ['**What differs**', ...diffBlocks(files)] : []),
    `*${code(base.slice(0, 10))}..${code(head.slice(0, 10))} on ${code(plan.branch)}. Steps that run again are expected to get the answers they got; retries are not counted.*`,
  ])
}

const severities: Readonly<Record<Diagnostic['severity'], string>> = { error: '✗', warning: '⚠', info: 'ℹ' }

function problemLine({ severity, code: name, message, span, hint }: Diagnostic): string {
  const place = code(`${span.path}:${span.line}:${span.column}`)
  return `- ${severities[severity]} ${place} ${plain(message)} (${code(name)})${hint === undefined ? '' : ` ${plain(hint)}`}`
}

function permissionLine({ workflow, asks }: Plan['permissions'][number]): string {
  return `- ${plain(workflow)} asks for ${asks.map(plain).join('; ')}`
}

function runTable(runs: readonly PlannedRun[]): string {
  return [
    row('Would run', 'Steps', 'Would spend'),
    row('---', '---', '---'),
    ...runs.map(run => row(plain(nameOf(run)), plain(stepWords(run)), plain(spendingWords(run.spending)))),
  ].join('\n')
}

const verdictWords: Readonly<Record<Verdict, string>> = {
  anew: 'ask something new',
  again: 'run again and ask the same',
  cached: 'are answered by the cache',
}

function runDetails(run: PlannedRun): string[] {
  if (run.steps.length === 0) return []
  const lists = (['anew', 'again', 'cached'] as const).flatMap(verdict => {
    const paths = run.steps.filter(step => step.verdict === verdict).map(({ path }) => code(path))
    if (paths.length === 0) return []
    const more = paths.length > mostPaths ? `, and ${paths.length - mostPaths} more` : ''
    return [`- ${verdictWords[verdict]}: ${paths.slice(0, mostPaths).join(', ')}${more}`]
  })
  const compared =
    run.recorded === undefined ? '- nothing is recorded to compare with' : `- compared with run ${code(run.recorded)}`
  return [details(`Steps of ${plain(nameOf(run))}`, [...lists, compared].join('\n'))]
}

function nameOf(run: PlannedRun): string {
  return run.case === 'default' ? run.workflow : `${run.workflow} (${run.case})`
}
