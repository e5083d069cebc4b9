import { changeBlock, joinBlocks } from '../difference/diff-markdown.ts'
import { code, plain, row } from '../model/markdown.ts'
import type { Usage } from '../model/usage.ts'
import { type ComparedRun, type Comparison, isSameStep, type StepComparison } from './compare.ts'

/** Two runs as a comment on a pull request; the whole has room in one. */
export function compareMarkdown(comparison: Comparison): string {
  const { before, after, changes, steps } = comparison
  const differing = steps.filter(step => !isSameStep(step))
  return joinBlocks([
    `### ${plain(compareSummary(comparison))}`,
    [row('', 'Run', 'Status', 'Tokens', 'Cost'), row('---', '---', '---', '---', '---')]
      .concat(runRow('before', before), runRow('after', after))
      .join('\n'),
    ...changes.map(changeBlock),
    ...differing.flatMap(stepBlocks),
  ])
}

/** How two runs compare, in one line of plain words. */
export function compareSummary({ changes, steps }: Comparison): string {
  const differing = steps.filter(step => !isSameStep(step)).length
  const isSame = changes.every(({ field }) => !field.startsWith('outputs') && field !== 'status')
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`
  return `${count}, ${differing === 0 ? 'none differs' : `${differing} of them ${differing === 1 ? 'differs' : 'differ'}`}; ${isSame ? 'the same outcome' : 'another outcome'}`
}

function runRow(name: string, { id, workflow, status, usage }: ComparedRun): string {
  return row(name, `${code(id)} ${plain(workflow)}`, status, tokensOf(usage), costOf(usage))
}

function stepBlocks({ path, before, after, changes }: StepComparison): string[] {
  if (!before || !after) {
    const side = before ? 'before' : 'after'
    return [`- step ${code(path)} only ran ${side}: ${(before ?? after)?.status ?? ''}`]
  }
  return changes.map(changeBlock)
}

/** The tokens of a usage, as a number. */
export function tokensOf({ inputTokens, outputTokens }: Usage): string {
  return String(inputTokens + outputTokens)
}

/** The cost of a usage, where it is known. */
export function costOf({ costUsd }: Usage): string {
  return costUsd === null ? 'unknown' : `$${Number(costUsd.toPrecision(3))}`
}
