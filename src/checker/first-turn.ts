import { type ExpressionTree, parseExpression, printExpression } from '../model/expression-parser.ts'
import { nodesIn } from '../model/expression-tree.ts'
import type { Outline } from './outline.ts'
import type { ExpressionSite } from './sites.ts'
import type { Standpoint } from './standpoint.ts'
import type { TypeProblem } from './type-messages.ts'

/** Operators that may choose another way in the first turn. */
const choices: ReadonlySet<string> = new Set(['&&', '||', '?:'])

/**
 * Reads of a part of what is null in the first turn of a loop: every output and error of `previous`.
 *
 * An expression that asks for `index`, or has a choice in it or around it, is taken to know about the first turn.
 */
export function firstTurnProblems(
  { source, place }: ExpressionSite,
  { reader }: Standpoint,
  outline: Outline,
): TypeProblem[] {
  if (!source.includes('previous')) return []
  const around = (reader && outline.entries.get(reader.id)?.ancestors) ?? []
  const isGuarded = around.some(step => step.if !== undefined || step.kind === 'switch')
  if (isGuarded || (reader?.if !== undefined && place[0] !== 'if')) return []
  const tree = treeOf(source)
  return tree && !nodesBelow(tree).some(isAware) ? readsIn(tree, source) : []
}

function readsIn(node: ExpressionTree, source: string): TypeProblem[] {
  if (node.op === 'call' && (node.args[0] === 'first' || node.args[0] === 'has')) return []
  if (node.op !== '.' && node.op !== '[]') return nodesIn(node.args).flatMap(inner => readsIn(inner, source))
  const [owner] = node.args
  if (!isPrevious(owner)) return nodesIn(node.args).flatMap(inner => readsIn(inner, source))
  const message = `In the first turn \`${printExpression(owner)}\` is null.`
  const hint = `Say what is read then: \`first(${source.slice(node.start, node.end)}, …)\`.`
  return [{ code: 'NULL_READ', severity: 'warning', message, hint, start: node.start, end: node.end }]
}

/** `previous.<id>.output` or `previous.<id>.error`. */
function isPrevious(node: ExpressionTree): boolean {
  return /^previous(\.\w+|\["\w+"\])(\.(output|error)|\["(output|error)"\])$/.test(printExpression(node))
}

function isAware(node: ExpressionTree): boolean {
  return choices.has(node.op) || (node.op === 'id' && node.args === 'index')
}

function nodesBelow(node: ExpressionTree): ExpressionTree[] {
  return [node, ...nodesIn(node.args).flatMap(nodesBelow)]
}

function treeOf(source: string): ExpressionTree | undefined {
  try {
    return parseExpression(source)
  } catch {
    return undefined
  }
}
