import { type ASTNode, Environment, serialize } from '@marcbachmann/cel-js'

export type ExpressionTree = ASTNode

// Small enough that every walk over a tree fits the stack.
const parser = new Environment({ limits: { maxAstNodes: 5_000, maxCallArguments: 16 } })

/** The syntax tree of an expression. Throws the `ParseError` of the library, or `RangeError` where it nests too deeply. */
export function parseExpression(source: string): ExpressionTree {
  return parser.parse(source).ast
}

/** The text of a tree, in one layout and with the parentheses it needs. */
export function printExpression(tree: ExpressionTree): string {
  return serialize(tree)
}
