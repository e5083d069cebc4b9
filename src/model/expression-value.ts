import type { Json } from './json.ts'

/** A value while an expression is computed: JSON, and the whole numbers of CEL as BigInt. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap
export type ValueMap = { readonly [key: string]: Value }
export type Kind = 'null' | 'boolean' | 'number' | 'text' | 'list' | 'map'

/** Why an expression has no value. */
export class ExpressionFailure extends Error {
  override readonly name: string = 'ExpressionFailure'
}

/** A link of a chain of accesses that is not there: `first` and `has` go on after it. */
export class MissingLink extends ExpressionFailure {
  override readonly name = 'MissingLink'
}

/** An expression that does more than one is allowed to. Nothing in the language can go on after it. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded'
}

/** About a second of work: a node, an item of a list or sixteen characters of text are a step each. */
const maximumSteps = 5_000_000
const charactersPerStep = 16

/** Counts the work of one evaluation. */
export class Budget {
  #left = maximumSteps

  /** Throws `BudgetExceeded` when all the steps are spent. */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new BudgetExceeded('it takes more than five million steps')
  }

  spendOnText(length: number): void {
    this.spend(Math.ceil(length / charactersPerStep))
  }
}

/** What sort of value one is; the numbers of JSON and the whole numbers of CEL are one sort. */
export function kindOf(value: Value): Kind {
  if (value === null) return 'null'
  if (typeof value === 'object') return isList(value) ? 'list' : 'map'
  if (typeof value === 'string') return 'text'
  return typeof value === 'boolean' ? 'boolean' : 'number'
}

const kindNames: Readonly<Record<Kind, string>> = {
  null: 'null',
  boolean: 'true or false',
  number: 'a number',
  text: 'a text',
  list: 'a list',
  map: 'a map',
}

/** What a value of a kind is called in a sentence: "a text". */
export function nameOfKind(kind: Kind): string {
  return kindNames[kind]
}

/** The number as JavaScript computes with it. Throws `ExpressionFailure` where it cannot hold it exactly. */
export function toDouble(number: number | bigint): number {
  if (typeof number === 'number') return number
  const double = Number(number)
  if (Number.isSafeInteger(double)) return double
  throw new ExpressionFailure(`${number} is beyond the whole numbers that JSON holds exactly`)
}

/** The value as JSON. What it shares it is given a copy of, each paid for. */
export function toJson(value: Value, budget: Budget): Json {
  budget.spend(1)
  if (typeof value === 'bigint') return toDouble(value)
  // JSON has no negative zero.
  if (typeof value === 'number') return finite(value) + 0
  if (typeof value === 'string') budget.spendOnText(value.length)
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(item => toJson(item, budget))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, budget)]))
}

/** The same number. Throws `ExpressionFailure` for infinity and for what is no number at all. */
export function finite(number: number): number {
  if (Number.isFinite(number)) return number
  throw new ExpressionFailure('the result is not a finite number')
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isValueMap(value: Value): value is ValueMap {
  return kindOf(value) === 'map'
}

export function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
