import { type ASTNode, Environment, EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js'
import { registerLanguage } from './expression-functions.ts'
import { type Reference, referencesOf, rewriteFirst } from './expression-tree.ts'
import type { Json } from './json.ts'

/** What is wrong with an expression, and the characters [start, end) of it that are. */
export interface ExpressionProblem {
  readonly message: string
  readonly start: number
  readonly end: number
}

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

/**
 * The CEL expressions of one workflow: parses, checks and evaluates them, each text once.
 *
 * Every variable is dynamic: the library throws when a typed one holds null, and steps that were skipped hold null.
 */
export class Expressions {
  readonly #environment: Environment
  readonly #evaluators = new Map<string, (scope: Scope) => unknown>()
  readonly #references = new Map<string, readonly Reference[]>()

  constructor(names: Iterable<string>) {
    this.#environment = registerLanguage(new Environment({ homogeneousAggregateLiterals: false }))
    for (const name of names) this.#environment.registerVariable(name, 'dyn')
  }

  /** What is wrong with an expression, or undefined. Unknown variables are the caller's business: see `references`. */
  problem(source: string): ExpressionProblem | undefined {
    const result = this.#environment.check(source)
    if (result.valid || !result.error) return undefined
    if (result.error.code === 'unknown_variable') return undefined
    return problemOf(result.error, source)
  }

  /** The outside names an expression reads; none when it does not parse. */
  references(source: string): readonly Reference[] {
    let found = this.#references.get(source)
    if (!found) {
      const tree = this.#tree(source)
      found = tree ? referencesOf(tree) : []
      this.#references.set(source, found)
    }
    return found
  }

  /** The value of an expression as JSON. Throws `ExpressionError`. */
  evaluate(source: string, scope: Scope): Json {
    let evaluator = this.#evaluators.get(source)
    try {
      if (!evaluator) {
        const tree = this.#environment.parse(source).ast
        evaluator = this.#environment.parse(rewriteFirst(source, tree)) as (scope: Scope) => unknown
        this.#evaluators.set(source, evaluator)
      }
      return toJson(evaluator(scope))
    } catch (error) {
      throw new ExpressionError(`\`${source}\` cannot be computed: ${summaryOf(error)}.`, { cause: error })
    }
  }

  #tree(source: string): ASTNode | undefined {
    try {
      return this.#environment.parse(source).ast
    } catch {
      return undefined
    }
  }
}

function problemOf(error: ParseError | CelTypeError, source: string): ExpressionProblem {
  const { start, end } = error.range ?? { start: 0, end: source.length }
  const from = Math.min(start, Math.max(0, source.length - 1))
  return { message: summaryOf(error), start: from, end: Math.max(from + 1, Math.min(end, source.length)) }
}

function summaryOf(error: unknown): string {
  const isLibraryError =
    error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError
  const text = isLibraryError ? error.summary : error instanceof Error ? error.message : String(error)
  return text.replace(/\.$/, '')
}

/** CEL gives integers as BigInt and may give maps, times and bytes; a workflow's values are JSON. */
function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || value === undefined) return null
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('the result is not a finite number')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map) return objectOf([...value.entries()])
  if (Object.getPrototypeOf(value) === Object.prototype) return objectOf(Object.entries(value))
  throw new TypeError('the result is of a type that is no JSON')
}

function objectOf(entries: readonly (readonly [unknown, unknown])[]): Json {
  return Object.fromEntries(entries.map(([key, item]) => [String(key), toJson(item)]))
}
