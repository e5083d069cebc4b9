import { type Command, Option } from 'commander'
import { planChange } from '../controller/plan.ts'
import type { Plan, PlannedRun, Verdict } from '../difference/plan.ts'
import { planMarkdown } from '../difference/plan-markdown.ts'
import { planSummary, spendingWords, stepWords } from '../difference/plan-words.ts'
import { commitSources } from '../git/sources.ts'
import { openRepository } from '../git/repository.ts'
import { hasErrors } from '../model/diagnostic.ts'
import { visibleText } from '../model/visible-text.ts'
import { diffSources } from './diff-sides.ts'
import { diffText } from './diff-text.ts'
import { exitCodes } from './exit-codes.ts'
import { type Paint, paintFor, type Style } from './paint.ts'
import { plannedRange } from './plan-range.ts'
import { diagnosticJson, formatDiagnostics } from './print-diagnostics.ts'
import { findRoot } from './root.ts'
import { findStore } from './stored-runs.ts'

interface PlanOptions {
  readonly json?: boolean
  readonly markdown?: boolean
  readonly branch?: string
  readonly mock?: boolean
}

/** Adds `orchestrate plan` to the program. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .description('what a change would do: what would run, what it would ask, cost and be allowed')
    .argument('[range]', 'BASE..HEAD (default: what HEAD has and the default branch does not)')
    .addOption(new Option('--json', 'print one JSON document').conflicts('markdown'))
    .option('--markdown', 'print Markdown, as for a comment on a pull request')
    .option('--branch <name>', 'the branch that the change is for (default: the one that BASE names)')
    .option('--mock', 'plan for a daemon with simulated answers')
    .action(async (range: string | undefined, options: PlanOptions) => {
      process.exitCode = await plan(range, options)
    })
}

async function plan(range: string | undefined, { json, markdown, branch, mock = false }: PlanOptions): Promise<number> {
  const root = await findRoot(process.cwd())
  await using repository = await openRepository(root)
  const change = await plannedRange(repository, range, branch)
  const files = await diffSources(
    await commitSources(repository, change.base),
    await commitSources(repository, change.head),
  )
  using store = await findStore(root)
  const found = await planChange({ repository, ...change, files, store, isSimulated: mock })
  if (json) process.stdout.write(`${JSON.stringify(planDocument(found), undefined, 2)}\n`)
  else if (markdown) process.stdout.write(planMarkdown(found))
  else process.stdout.write(planText(found, paintFor(process.stdout)))
  return hasErrors(found.diagnostics) ? exitCodes.wrongUse : exitCodes.fine
}

function planDocument(found: Plan): object {
  const diagnostics = found.diagnostics.map(item => ({ path: item.span.path, ...diagnosticJson(item) }))
  return { ...found, diagnostics }
}

function planText(found: Plan, paint: Paint): string {
  const { runs, permissions, files, diagnostics, refused } = found
  return [
    ...(refused === undefined ? [] : [`${paint('yellow', '!')} not accepted: ${visibleText(refused)}\n\n`]),
    ...(diagnostics.length > 0 ? [formatDiagnostics(diagnostics, new Map(), { paint })] : []),
    ...(files.length > 0 ? [diffText(files, paint)] : []),
    ...permissions.flatMap(({ workflow, asks }) =>
      asks.map(
        ask => `${paint('yellow', '!')} ${visibleText(`${workflow} asks for ${ask}, which it did not before`)}\n`,
      ),
    ),
    ...(permissions.length > 0 ? ['\n'] : []),
    ...runs.map(run => runText(run, paint)),
    `${paint('bold', visibleText(planSummary(found)))}\n`,
  ].join('')
}

const marks: Readonly<Record<Verdict, readonly [string, Style]>> = {
  anew: ['~', 'yellow'],
  again: ['=', 'dim'],
  cached: ['♻', 'green'],
}

const mostSteps = 30

function runText(run: PlannedRun, paint: Paint): string {
  const name = run.case === 'default' ? run.workflow : `${run.workflow} (${run.case})`
  const left = run.steps.length - mostSteps
  return [
    `${paint('bold', visibleText(name))} would run: ${stepWords(run)}`,
    ...run.steps.slice(0, mostSteps).map(({ path, verdict, agent }) => {
      const [mark, style] = marks[verdict]
      return `  ${paint(style, `${mark} ${visibleText(agent === undefined ? path : `${path}  ${agent}`)}`)}`
    }),
    ...(left > 0 ? [`  … ${left} more`] : []),
    `  ${visibleText(spendingWords(run.spending))}`,
    ...(run.recorded === undefined
      ? ['  nothing is recorded to compare with']
      : [`  compared with run ${run.recorded}`]),
    '\n',
  ].join('\n')
}
