import { type Command, Option } from 'commander'
import { visibleText } from '../model/visible-text.ts'
import { foldRun } from '../runtime/fold.ts'
import { type ComparedRun, type Comparison, compareRuns, isSameStep, type StepComparison } from '../trace/compare.ts'
import { compareMarkdown, compareSummary } from '../trace/compare-markdown.ts'
import { changeLines } from './diff-text.ts'
import { formatCost, formatCount, formatTime } from './figures.ts'
import { type Paint, paintFor } from './paint.ts'
import { readRecorded } from './recorded-run.ts'
import { findRoot } from './root.ts'

/** Adds `orchestrate compare` to the program. */
export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('two runs, step by step: what they asked, what came back, and at what cost')
    .argument('<before>', 'its id, the beginning of it, latest, the folder of a trace, or REV:runs/<workflow>/<case>')
    .argument('<after>', 'the same')
    .addOption(new Option('--json', 'print one JSON document').conflicts('markdown'))
    .option('--markdown', 'print Markdown, as for a comment on a pull request')
    .action(async (one: string, other: string, { json, markdown }: { json?: boolean; markdown?: boolean }) => {
      const root = await findRoot(process.cwd())
      const [before, after] = [await readRecorded(root, one), await readRecorded(root, other)]
      const comparison = compareRuns(foldRun(before.events), foldRun(after.events))
      if (json) process.stdout.write(`${JSON.stringify(comparison, undefined, 2)}\n`)
      else if (markdown) process.stdout.write(compareMarkdown(comparison))
      else process.stdout.write(compareText(comparison, paintFor(process.stdout)))
    })
}

function compareText(comparison: Comparison, paint: Paint): string {
  const { before, after, changes, steps } = comparison
  const lines = [
    `before  ${runLine(before)}`,
    `after   ${runLine(after)}`,
    '',
    ...changes.flatMap(change => changeLines(change, paint)),
    ...steps.filter(step => !isSameStep(step)).flatMap(step => stepLines(step, paint)),
    '',
    paint('bold', visibleText(compareSummary(comparison))),
  ]
  return `${lines.join('\n')}\n`
}

function runLine({ id, workflow, case: name, status, usage, durationMs }: ComparedRun): string {
  return [
    id,
    visibleText(`${workflow}/${name}`),
    status,
    ...(durationMs === undefined ? [] : [formatTime(durationMs)]),
    `${formatCount(usage.inputTokens + usage.outputTokens)} tokens`,
    ...(usage.costUsd === null ? ['cost unknown'] : usage.costUsd > 0 ? [formatCost(usage.costUsd)] : []),
  ].join('  ')
}

function stepLines({ path, before, after, changes }: StepComparison, paint: Paint): string[] {
  if (before && after) return changes.flatMap(change => changeLines(change, paint))
  const word = `step ${path} only ran ${before ? 'before' : 'after'}: ${(before ?? after)?.status ?? ''}`
  return [`  ${paint(before ? 'red' : 'green', `${before ? '-' : '+'} ${visibleText(word)}`)}`]
}
