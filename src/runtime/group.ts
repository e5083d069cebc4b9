import type { Program } from '../compiler/program.ts'
import { ExpressionError } from '../model/expression.ts'
import { type Evaluator, viewAtEnd } from './scope.ts'

/** The group of runs of which one at a time goes on; runs whose group cannot be computed are in one together. */
export function groupOf({ concurrency, workflow }: Program, evaluator: Evaluator): string | undefined {
  try {
    return concurrency && evaluator.text(concurrency.group, viewAtEnd)
  } catch (problem) {
    if (!(problem instanceof ExpressionError)) throw problem
    // Better one run too few at a time than one too many.
    return `a group of ${workflow} that cannot be computed`
  }
}
