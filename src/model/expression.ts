import { Environment, ParseError } from '@marcbachmann/cel-js'
import { evaluateTree } from './expression-evaluation.ts'
import { type ExpressionTree, parseExpression } from './expression-parser.ts'
import { type ExpressionProblem, problemOfTree } from './expression-problem.ts'
import { type Reference, referencesOf } from './expression-tree.ts'
import { BudgetExceeded, ExpressionFailure } from './expression-value.ts'
import type { Json } from './json.ts'

export type { ExpressionProblem } from './expression-problem.ts'

/** Thrown by `evaluate`; the message says what the expression met. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
}

/** True for a name that expressions can read a value by: not a word of CEL, nor one of its types. */
export function canNameValue(name: string): boolean {
  try {
    new Environment().registerVariable(name, 'dyn')
    return true
  } catch {
    return false
  }
}

/** The values an expression can read, by name. */
export type Scope = Readonly<Record<string, unknown>>

/** An expression that was parsed: its tree, or what stands against it. */
type Parsed = { readonly tree: ExpressionTree; readonly references: readonly Reference[] } | { readonly error: Error }

/** The CEL expressions of one workflow: parses, checks and evaluates them, each text once. */
export class Expressions {
  readonly #names: ReadonlySet<string>
  readonly #parsed = new Map<string, Parsed>()

  /** `names` are all that an expression can read; what else a scope holds is out of its reach. */
  constructor(names: Iterable<string>) {
    this.#names = new Set(names)
  }

  /** What is wrong with an expression, or undefined. Unknown variables are the caller's business: see `references`. */
  problem(source: string): ExpressionProblem | undefined {
    const parsed = this.#parse(source)
    return 'tree' in parsed ? problemOfTree(parsed.tree) : problemOf(parsed.error, source)
  }

  /** The outside names an expression reads; none when it does not parse. */
  references(source: string): readonly Reference[] {
    const parsed = this.#parse(source)
    return 'tree' in parsed ? parsed.references : []
  }

  /** The value of an expression as JSON. Throws `ExpressionError`. */
  evaluate(source: string, scope: Scope): Json {
    try {
      const parsed = this.#parse(source)
      if ('error' in parsed) throw parsed.error
      const unknown = parsed.references.find(({ root }) => !this.#names.has(root))
      if (unknown) throw new ExpressionFailure(`nothing is called "${unknown.root}" here`)
      return evaluateTree(parsed.tree, scope)
    } catch (error) {
      if (!isFailure(error)) throw error
      throw new ExpressionError(`\`${shortened(source)}\` cannot be computed: ${summaryOf(error)}.`, { cause: error })
    }
  }

  #parse(source: string): Parsed {
    let parsed = this.#parsed.get(source)
    if (!parsed) {
      parsed = parse(source)
      this.#parsed.set(source, parsed)
    }
    return parsed
  }
}

function parse(source: string): Parsed {
  try {
    const tree = parseExpression(source)
    return { tree, references: referencesOf(tree) }
  } catch (error) {
    if (!isFailure(error)) throw error
    return { error }
  }
}

/** A `RangeError` is the stack that ended: of a text or a value that nests too deeply. */
function isFailure(error: unknown): error is Error {
  return (
    error instanceof ParseError ||
    error instanceof ExpressionFailure ||
    error instanceof BudgetExceeded ||
    error instanceof RangeError
  )
}

function shortened(source: string): string {
  return source.length > 200 ? `${source.slice(0, 200)}…` : source
}

function problemOf(error: Error, source: string): ExpressionProblem {
  const { start, end } = (error instanceof ParseError && error.range) || { start: 0, end: source.length }
  const from = Math.min(start, Math.max(0, source.length - 1))
  return { message: summaryOf(error), start: from, end: Math.max(from + 1, Math.min(end, source.length)) }
}

function summaryOf(error: Error): string {
  if (error instanceof RangeError) return 'it nests too deeply'
  const text = error instanceof ParseError ? error.summary : error.message
  return text.replace(/\.$/, '')
}
