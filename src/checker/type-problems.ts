import { type ExpressionTree, parseExpression } from '../model/expression-parser.ts'
import type { TypeProblem } from './type-messages.ts'
import { TypeWalk } from './type-walk.ts'
import { any, type TypeEnvironment, type ValueType } from './value-type.ts'

export interface TypeOptions {
  /** What the expression has to be where it stands. */
  readonly expects?: 'boolean' | 'list' | 'scalar'
}

/**
 * What is wrong with the types of an expression; nothing when it does not parse.
 *
 * An error says that the part it points at fails, or never holds, whatever the values are.
 */
export function typeProblems(source: string, environment: TypeEnvironment, options: TypeOptions = {}): TypeProblem[] {
  const tree = treeOf(source)
  if (!tree) return []
  const walk = new TypeWalk()
  const type = walk.typeOf(tree, environment)
  if (options.expects) walk.expect(options.expects, tree, type)
  return walk.problems.sort((a, b) => a.start - b.start)
}

/** The type of the value of an expression; `any` when it does not parse. */
export function typeOfExpression(source: string, environment: TypeEnvironment): ValueType {
  const tree = treeOf(source)
  return tree ? new TypeWalk().typeOf(tree, environment) : any
}

function treeOf(source: string): ExpressionTree | undefined {
  try {
    return parseExpression(source)
  } catch {
    return undefined
  }
}
