import { addSpending, countSteps, type Plan, type PlannedRun, type PlannedSpending, type Range } from './plan.ts'

/** A plan in one line of plain words: what would run, and what it would cost. */
export function planSummary({ runs, files, diagnostics, permissions, refused }: Plan): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const workflows = new Set(runs.map(({ workflow }) => workflow)).size
  const asked = runs.reduce((sum, run) => sum + countSteps(run, 'anew', 'again'), 0)
  const cached = runs.reduce((sum, run) => sum + countSteps(run, 'cached'), 0)
  return [
    ...(refused === undefined ? [] : ['commit not accepted']),
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    `${counted(files.length, 'file')} changed`,
    runs.length === 0 ? 'nothing would run' : `${counted(workflows, 'workflow')} would run`,
    ...(runs.length === 0 ? [] : [`${counted(asked, 'step')} executed`, `${cached} answered by the cache`]),
    ...(asked === 0 ? [] : [spendingWords(addSpending(runs.map(({ spending }) => spending)))]),
    ...(permissions.length > 0 ? ['new permissions asked for'] : []),
  ].join(', ')
}

/** What becomes of the steps of a run, in one line of plain words. */
export function stepWords(run: PlannedRun): string {
  const [anew, again, cached] = (['anew', 'again', 'cached'] as const).map(verdict => countSteps(run, verdict))
  return [
    ...(anew ? [`${anew} ask something new`] : []),
    ...(again ? [`${again} run again and ask the same`] : []),
    ...(cached ? [`${cached} answered by the cache`] : []),
    ...(run.steps.length === 0 ? ['nothing to execute'] : []),
    ...(run.isCut ? ['and more'] : []),
  ].join(', ')
}

/** What is expected to be spent, in plain words: `9,100–31,000 tokens, $0.01–$0.04`. */
export function spendingWords({ inputTokens, outputTokens, costUsd, unknown }: PlannedSpending): string {
  const tokens = { low: inputTokens.low + outputTokens.low, high: inputTokens.high + outputTokens.high }
  const isUnknown = tokens.high === 0 && unknown.length > 0
  const words = isUnknown
    ? ['tokens and cost unknown']
    : [`${range(tokens, count)} tokens`, costWords(costUsd, unknown)]
  if (unknown.length > 0) words.push(`nothing recorded of ${unknown.join(', ')}`)
  return words.join(', ')
}

function costWords(costUsd: Range | null, unknown: readonly string[]): string {
  if (costUsd) return range(costUsd, dollars)
  return unknown.length > 0 ? 'cost unknown' : 'price unknown'
}

function range({ low, high }: Range, show: (number: number) => string): string {
  return show(low) === show(high) ? show(low) : `${show(low)}–${show(high)}`
}

const thousands = new Intl.NumberFormat('en-US')

function count(number: number): string {
  return thousands.format(number)
}

function dollars(usd: number): string {
  if (usd === 0) return '$0'
  return usd >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(2))}`
}

function counted(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`
}
