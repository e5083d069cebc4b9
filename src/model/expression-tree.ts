import type { ExpressionTree } from './expression-parser.ts'

/** A read of an outside name: `steps.draft.output` is `{ root: 'steps', member: 'draft', field: 'output' }`. */
export interface Reference {
  readonly root: string
  readonly member?: string
  readonly field?: string
  readonly start: number
  readonly end: number
}

/** The node of a name. */
export type NameNode = Extract<ExpressionTree, { op: 'id' }>

/** The variable of a macro, and the places that read it. */
export interface Binding {
  readonly variable: NameNode
  readonly uses: NameNode[]
  /** The binding of the same name around it, which it hides. */
  readonly hidden: Binding | undefined
}

/** A reference with its nodes: the name, the access to its member, and the macro variables that can be read there. */
export interface Reading {
  readonly reference: Reference
  readonly name: NameNode
  readonly access?: ExpressionTree
  readonly bindings: ReadonlyMap<string, Binding>
}

/** Macros bind their first argument: in `list.map(x, x + 1)` the name `x` is not read from outside. */
const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])

/** True for a call that binds a variable to each item of a list. */
export function isMacro(name: string, argumentCount: number): boolean {
  return macros.has(name) && (argumentCount === 2 || (name === 'map' && argumentCount === 3))
}

/** Every outside name that an expression reads, in the order of the text. */
export function referencesOf(tree: ExpressionTree): Reference[] {
  return readingsOf(tree).map(reading => reading.reference)
}

/** Every reference of an expression with its nodes, in the order of the text. */
export function readingsOf(tree: ExpressionTree): Reading[] {
  const found: Reading[] = []
  walk(tree, new Map(), found)
  return found.sort((a, b) => a.reference.start - b.reference.start)
}

/** Every name in an expression: what it reads and what its macros bind. */
export function namesIn(tree: ExpressionTree): string[] {
  return tree.op === 'id' ? [tree.args] : nodesIn(tree.args).flatMap(namesIn)
}

function walk(node: ExpressionTree, bindings: ReadonlyMap<string, Binding>, found: Reading[]): void {
  if (node.op === 'rcall' && isMacro(node.args[0], node.args[2].length)) return walkMacro(node.args, bindings, found)
  const reading = readingAt(node, bindings)
  if (!reading) {
    for (const child of nodesIn(node.args)) walk(child, bindings, found)
    return
  }
  const binding = bindings.get(reading.reference.root)
  if (binding) binding.uses.push(reading.name)
  else found.push(reading)
  for (const index of indexesOf(node)) walk(index, bindings, found)
}

function walkMacro(
  [, receiver, [variable, ...bodies]]: [string, ExpressionTree, ExpressionTree[]],
  bindings: ReadonlyMap<string, Binding>,
  found: Reading[],
): void {
  walk(receiver, bindings, found)
  if (variable?.op !== 'id') return
  const hidden = bindings.get(variable.args)
  const inner = new Map(bindings).set(variable.args, { variable, uses: [], hidden })
  for (const body of bodies) walk(body, inner, found)
}

/** The reading of a chain of accesses that begins with a name: `steps["draft"].output.x[0]`. */
function readingAt(node: ExpressionTree, bindings: ReadonlyMap<string, Binding>): Reading | undefined {
  if (node.op === 'id') {
    return { reference: { root: node.args, start: node.start, end: node.end }, name: node, bindings }
  }
  if (node.op !== '.' && node.op !== '.?' && node.op !== '[]' && node.op !== '[?]') return undefined
  const [object, key] = node.args
  const inner = readingAt(object, bindings)
  const name = memberName(key)
  if (!inner || name === undefined) return inner
  const { reference } = inner
  if (object.op === 'id') return { ...inner, reference: { ...reference, member: name, end: node.end }, access: node }
  if (object !== inner.access) return inner
  return { ...inner, reference: { ...reference, field: name, end: node.end } }
}

function memberName(member: ExpressionTree | string): string | undefined {
  if (typeof member === 'string') return member
  return member.op === 'value' && typeof member.args === 'string' ? member.args : undefined
}

function indexesOf(node: ExpressionTree): ExpressionTree[] {
  if (node.op === '.' || node.op === '.?') return indexesOf(node.args[0])
  if (node.op === '[]' || node.op === '[?]') return [...indexesOf(node.args[0]), node.args[1]]
  return []
}

/** The nodes directly below one, given its arguments. */
export function nodesIn(args: unknown): ExpressionTree[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return isNode(args) ? [args] : []
}

function isNode(value: unknown): value is ExpressionTree {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}
