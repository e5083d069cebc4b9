import type { ASTNode } from '@marcbachmann/cel-js'

/** A read of an outside name: `steps.draft.output` is `{ root: 'steps', member: 'draft', field: 'output' }`. */
export interface Reference {
  readonly root: string
  readonly member?: string
  readonly field?: string
  readonly start: number
  readonly end: number
}

/** Macros bind their first argument: in `list.map(x, x + 1)` the name `x` is not read from outside. */
const macros: ReadonlySet<string> = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'filter',
  'map',
  'transformList',
])

/** Every outside name that an expression reads, in the order of the text. */
export function referencesOf(tree: ASTNode): Reference[] {
  const found: Reference[] = []
  walk(tree, new Set(), found)
  return found.sort((a, b) => a.start - b.start)
}

function walk(node: ASTNode, bound: ReadonlySet<string>, found: Reference[]): void {
  if (node.op === 'rcall' && macros.has(node.args[0])) return walkMacro(node.args[1], node.args[2], bound, found)
  const chain = chainOf(node)
  if (chain) {
    if (!bound.has(chain.root)) found.push(chain)
    for (const index of indexesOf(node)) walk(index, bound, found)
    return
  }
  for (const child of childrenOf(node)) walk(child, bound, found)
}

function walkMacro(
  receiver: ASTNode,
  parameters: readonly ASTNode[],
  bound: ReadonlySet<string>,
  found: Reference[],
): void {
  walk(receiver, bound, found)
  const [variable, ...bodies] = parameters
  const inner = new Set(bound)
  if (variable?.op === 'id') inner.add(variable.args)
  for (const body of bodies) walk(body, inner, found)
}

/** The reference of a chain of accesses that begins with a name: `steps["draft"].output.x[0]`. */
function chainOf(node: ASTNode): Reference | undefined {
  if (node.op === 'id') return { root: node.args, start: node.start, end: node.end }
  if (node.op !== '.' && node.op !== '.?' && node.op !== '[]' && node.op !== '[?]') return undefined
  const inner = chainOf(node.args[0])
  if (!inner) return undefined
  const name = memberName(node.args[1])
  if (name === undefined || inner.field !== undefined) return inner
  if (inner.member === undefined) return { ...inner, member: name, end: node.end }
  return { ...inner, field: name, end: node.end }
}

function memberName(member: ASTNode | string): string | undefined {
  if (typeof member === 'string') return member
  return member.op === 'value' && typeof member.args === 'string' ? member.args : undefined
}

function indexesOf(node: ASTNode): ASTNode[] {
  if (node.op === '.' || node.op === '.?') return indexesOf(node.args[0])
  if (node.op === '[]' || node.op === '[?]') return [...indexesOf(node.args[0]), node.args[1]]
  return []
}

function childrenOf(node: ASTNode): ASTNode[] {
  return nodesIn(node.args)
}

function nodesIn(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return isNode(args) ? [args] : []
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

/**
 * The source in which every argument of `first(…)` that is a chain of accesses yields null where a link is missing:
 * `first(a.b.c, d)` becomes `first(has(a.b) && has(a.b.c) ? dyn(a.b.c) : null, d)`.
 */
export function rewriteFirst(source: string, tree: ASTNode): string {
  const edits: { start: number; end: number; text: string }[] = []
  collectFirst(tree, source, edits)
  edits.sort((a, b) => b.start - a.start)
  return edits.reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), source)
}

function collectFirst(node: ASTNode, source: string, edits: { start: number; end: number; text: string }[]): void {
  if (node.op === 'call' && node.args[0] === 'first') {
    for (const argument of node.args[1]) {
      const links = linksOf(argument, source)
      if (links.length === 0) collectFirst(argument, source, edits)
      else {
        const text = source.slice(argument.start, argument.end)
        edits.push({
          start: argument.start,
          end: argument.end,
          text: `(${links.join(' && ')} ? dyn(${text}) : dyn(null))`,
        })
      }
    }
    return
  }
  for (const child of childrenOf(node)) collectFirst(child, source, edits)
}

/** `has(a.b)`, `has(a.b.c)` … for a chain of plain accesses; empty for anything else. */
function linksOf(node: ASTNode, source: string): string[] {
  if (node.op !== '.') return []
  const [object] = node.args
  if (object.op !== 'id' && object.op !== '.') return []
  const inner = linksOf(object, source)
  if (object.op === '.' && inner.length === 0) return []
  return [...inner, `has(${source.slice(node.start, node.end)})`]
}
