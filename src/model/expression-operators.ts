import {
  type Budget,
  ExpressionFailure,
  finite,
  isList,
  isNumber,
  isValueMap,
  kindOf,
  nameOfKind,
  toDouble,
  type Value,
} from './expression-value.ts'

export type Operator = '==' | '!=' | 'in' | '+' | '-' | '*' | '/' | '%' | '<' | '<=' | '>' | '>='
type Arithmetic = '+' | '-' | '*' | '/' | '%'
type Ordering = '<' | '<=' | '>' | '>='

const largestWhole = 2n ** 63n - 1n

/** Applies an operator to two values. Throws `ExpressionFailure` where their kinds do not fit. */
export function operate(operator: Operator, left: Value, right: Value, budget: Budget): Value {
  switch (operator) {
    case '==':
      return isSame(left, right, budget)
    case '!=':
      return !isSame(left, right, budget)
    case 'in':
      return isIn(left, right, budget)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isOrdered(operator, left, right, budget)
    case '+':
      return add(left, right, budget)
    case '-':
    case '*':
    case '/':
    case '%':
      if (isNumber(left) && isNumber(right)) return compute(operator, left, right)
      throw unfit(operator, left, right)
  }
}

/** The negative of a number. Throws `ExpressionFailure` for anything else. */
export function negate(value: Value): Value {
  if (isNumber(value)) return -value
  throw new ExpressionFailure(`\`-\` takes a number, not ${describe(value)}`)
}

/** Whether two values are equal, nested ones included; values of different kinds are not. */
export function isEqual(left: Value, right: Value, budget: Budget): boolean {
  budget.spend(1)
  // Whole and other numbers are compared by value.
  if (isNumber(left) && isNumber(right)) return left == right // eslint-disable-line eqeqeq
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index] ?? null, budget))
  }
  if (isValueMap(left) && isValueMap(right)) {
    const keys = Object.keys(left)
    if (keys.length !== Object.keys(right).length) return false
    return keys.every(key => Object.hasOwn(right, key) && isEqual(left[key] ?? null, right[key] ?? null, budget))
  }
  if (typeof left === 'string') budget.spendOnText(left.length)
  return left === right
}

/** A comparison of two kinds is a mistake rather than false: an answer "5" is not the number 5. */
function isSame(left: Value, right: Value, budget: Budget): boolean {
  if (left === null || right === null) return left === right
  if (kindOf(left) !== kindOf(right)) throw unfit('==', left, right)
  return isEqual(left, right, budget)
}

function isIn(item: Value, whole: Value, budget: Budget): boolean {
  if (isList(whole)) return whole.some(other => isEqual(item, other, budget))
  if (isValueMap(whole)) return Object.hasOwn(whole, toKey(item))
  throw new ExpressionFailure(`\`in\` looks into a list or a map, not into ${describe(whole)}`)
}

/** The key that a value is in a map. Throws `ExpressionFailure` for null, lists and maps. */
export function toKey(value: Value): string {
  if (value !== null && typeof value !== 'object') return String(value)
  throw new ExpressionFailure(`${describe(value)} cannot be a key of a map`)
}

function isOrdered(operator: Ordering, left: Value, right: Value, budget: Budget): boolean {
  const kind = kindOf(left)
  const canBeOrdered = kind === 'number' || kind === 'text' || kind === 'boolean'
  if (left === null || right === null || !canBeOrdered || kind !== kindOf(right)) throw unfit(operator, left, right)
  if (typeof left === 'string') budget.spendOnText(left.length)
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

function add(left: Value, right: Value, budget: Budget): Value {
  if (isNumber(left) && isNumber(right)) return compute('+', left, right)
  if (isList(left) && isList(right)) {
    budget.spend(left.length + right.length)
    return [...left, ...right]
  }
  const isText = typeof left === 'string' || typeof right === 'string'
  if (!isText || !isScalar(left) || !isScalar(right)) throw unfit('+', left, right)
  const text = String(left) + String(right)
  budget.spendOnText(text.length)
  return text
}

function isScalar(value: Value): value is string | number | bigint | boolean {
  return value !== null && typeof value !== 'object'
}

function compute(operator: Arithmetic, left: number | bigint, right: number | bigint): number | bigint {
  // eslint-disable-next-line eqeqeq -- 0 and 0n alike.
  if ((operator === '/' || operator === '%') && right == 0) throw new ExpressionFailure('it divides by zero')
  if (typeof left !== 'bigint' || typeof right !== 'bigint') {
    return finite(computeDouble(operator, toDouble(left), toDouble(right)))
  }
  const whole = computeWhole(operator, left, right)
  if (whole > largestWhole || whole < -largestWhole - 1n) throw new ExpressionFailure('a whole number has 64 bits')
  return whole
}

function computeDouble(operator: Arithmetic, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
  }
}

function computeWhole(operator: Arithmetic, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
  }
}

function unfit(operator: Operator, left: Value, right: Value): ExpressionFailure {
  return new ExpressionFailure(`\`${operator}\` does not take ${describe(left)} and ${describe(right)}`)
}

/** What a value is in a sentence; its text where that is short. */
export function describe(value: Value): string {
  const name = nameOfKind(kindOf(value))
  if (value === null) return name
  if (typeof value === 'string') return value.length > 40 ? name : `the text ${JSON.stringify(value)}`
  return typeof value === 'object' ? name : String(value)
}
