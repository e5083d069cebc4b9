import { functions } from './expression-functions.ts'
import type { ExpressionTree } from './expression-parser.ts'
import { problemOfPattern } from './expression-pattern.ts'
import { isMacro, nodesIn } from './expression-tree.ts'
import { nearest } from './nearest.ts'

/** What is wrong with an expression, and the characters [start, end) of it that are. */
export interface ExpressionProblem {
  readonly message: string
  readonly start: number
  readonly end: number
}

const macroNames = ['all', 'exists', 'exists_one', 'filter', 'map']
const formNames = ['first', 'has']

/** The first thing in a tree that the language does not have, whatever the values are; undefined when it has all. */
export function problemOfTree(node: ExpressionTree): ExpressionProblem | undefined {
  const message = messageFor(node)
  if (message !== undefined) return { message, start: node.start, end: node.end }
  for (const child of nodesIn(node.args)) {
    const problem = problemOfTree(child)
    if (problem) return problem
  }
  return undefined
}

function messageFor(node: ExpressionTree): string | undefined {
  if (node.op === 'value' && node.args !== null && typeof node.args === 'object') {
    return 'Bytes and unsigned numbers are no values of a workflow'
  }
  if (node.op === 'call') return messageForCall(node.args[0], node.args[1])
  if (node.op !== 'rcall') return undefined
  const [name, receiver, values] = node.args
  return isMacro(name, values.length) ? undefined : messageForCall(name, [receiver, ...values])
}

function messageForCall(name: string, values: readonly ExpressionTree[]): string | undefined {
  if (name === 'first') return values.length > 0 ? undefined : 'first() takes one value or more'
  if (name === 'has') return isAccess(values) ? undefined : 'has() takes a read of a field, such as has(a.b)'
  if (macroNames.includes(name)) return `${name} is written list.${name}(x, …)`
  const signatures = functions.get(name)
  if (!signatures) return `No function is called "${name}"${suggestion(name)}`
  const counts = signatures.map(({ parameters }) => parameters.length)
  if (!counts.includes(values.length)) return `${name}() takes ${counts.join(' or ')} values, not ${values.length}`
  const pattern = name === 'matches' ? values[1] : undefined
  return pattern?.op === 'value' && typeof pattern.args === 'string' ? problemOfPattern(pattern.args) : undefined
}

function isAccess(values: readonly ExpressionTree[]): boolean {
  const [value] = values
  return values.length === 1 && (value?.op === '.' || value?.op === '[]')
}

function suggestion(name: string): string {
  const near = nearest(name, [...functions.keys(), ...formNames, ...macroNames])
  return near === undefined ? '' : `. Did you mean "${near}"?`
}
