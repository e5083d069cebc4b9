import { operate } from './expression-operators.ts'
import { matches } from './expression-pattern.ts'
import {
  type Budget,
  ExpressionFailure,
  isList,
  isNumber,
  kindOf,
  toDouble,
  toJson,
  type Value,
  type ValueMap,
} from './expression-value.ts'

interface Accepted {
  any: Value
  scalar: string | number | bigint | boolean
  sized: string | readonly Value[] | ValueMap
  text: string
  number: number | bigint
  list: readonly Value[]
  texts: readonly string[]
  numbers: readonly (number | bigint | null)[]
}

const comparisonsPerStep = 512

/** What a function accepts at one place. */
export type Parameter = keyof Accepted
/** What a function gives; `whole` is a number that divides as CEL's integers do. */
export type Result = 'any' | 'text' | 'boolean' | 'number' | 'whole' | 'list' | 'texts'

/** One way to call a function; `x.f(y)` is `f(x, y)`. */
export interface Signature {
  readonly parameters: readonly Parameter[]
  readonly result: Result
  readonly compute: (budget: Budget, values: readonly Value[]) => Value
}

function define<const P extends readonly Parameter[]>(
  parameters: P,
  result: Result,
  compute: (budget: Budget, ...values: { [K in keyof P]: Accepted[P[K]] }) => Value,
): Signature {
  // `call` has checked the values against the parameters.
  const trusted = compute as unknown as (budget: Budget, ...values: readonly Value[]) => Value
  return { parameters, result, compute: (budget, values) => trusted(budget, ...values) }
}

/** The functions of the language, each with a signature for each count of arguments. `first` and `has` are forms of their own. */
export const functions: ReadonlyMap<string, readonly Signature[]> = new Map(
  Object.entries({
    dyn: [define(['any'], 'any', (_, value) => value)],
    size: [define(['sized'], 'whole', (budget, value) => BigInt(sizeOf(value, budget)))],
    string: [define(['scalar'], 'text', (_, value) => String(value))],
    bool: [define(['scalar'], 'boolean', (_, value) => toTruth(value))],
    int: [define(['scalar'], 'whole', (_, value) => toWhole(value))],
    double: [define(['scalar'], 'number', (_, value) => toNumber(value))],
    json: [define(['any'], 'text', (budget, value) => toText(value, budget))],
    sum: [define(['numbers'], 'number', (budget, list) => present(list).reduce(addTo(budget), 0n))],
    mean: [define(['numbers'], 'any', (budget, list) => meanOf(present(list), budget))],
    min: [define(['numbers'], 'any', (_, list) => best(present(list), (a, b) => a < b))],
    max: [define(['numbers'], 'any', (_, list) => best(present(list), (a, b) => a > b))],
    flatten: [define(['list'], 'list', flatten)],
    contains: [
      define(['text', 'text'], 'boolean', (budget, text, part) => searched(budget, text, part).includes(part)),
    ],
    startsWith: [define(['text', 'text'], 'boolean', (_, text, part) => text.startsWith(part))],
    endsWith: [define(['text', 'text'], 'boolean', (_, text, part) => text.endsWith(part))],
    matches: [define(['text', 'text'], 'boolean', (budget, text, pattern) => matches(text, pattern, budget))],
    lowerAscii: [define(['text'], 'text', (_, text) => text.replace(/[A-Z]/g, letter => letter.toLowerCase()))],
    upperAscii: [define(['text'], 'text', (_, text) => text.replace(/[a-z]/g, letter => letter.toUpperCase()))],
    trim: [define(['text'], 'text', (_, text) => text.trim())],
    indexOf: [
      define(['text', 'text'], 'whole', (budget, text, part) =>
        characterAt(text, searched(budget, text, part).indexOf(part)),
      ),
      define(['text', 'text', 'number'], 'whole', (budget, text, part, from) =>
        characterAt(text, searched(budget, text, part).indexOf(part, offsetOf(budget, text, from))),
      ),
    ],
    lastIndexOf: [
      define(['text', 'text'], 'whole', (budget, text, part) =>
        characterAt(text, searched(budget, text, part).lastIndexOf(part)),
      ),
    ],
    substring: [
      define(['text', 'number'], 'text', (budget, text, from) => text.slice(offsetOf(budget, text, from))),
      define(['text', 'number', 'number'], 'text', (budget, text, from, to) =>
        text.slice(offsetOf(budget, text, from), offsetOf(budget, text, to)),
      ),
    ],
    split: [define(['text', 'text'], 'texts', split)],
    join: [
      define(['texts'], 'text', (budget, texts) => join(budget, texts, '')),
      define(['texts', 'text'], 'text', join),
    ],
  }),
)

/** How a sentence names what a parameter accepts. */
export const parameterNames: Readonly<Record<Parameter, string>> = {
  any: 'any value',
  scalar: 'a text, a number, or true or false',
  sized: 'a text, a list or a map',
  text: 'a text',
  number: 'a number',
  list: 'a list',
  texts: 'a list of texts',
  numbers: 'a list of numbers',
}

/** Whether a function accepts a value at one place. */
export function accepts(parameter: Parameter, value: Value, budget: Budget): boolean {
  const kind = kindOf(value)
  switch (parameter) {
    case 'any':
      return true
    case 'scalar':
      return kind === 'text' || kind === 'number' || kind === 'boolean'
    case 'sized':
      return kind === 'text' || kind === 'list' || kind === 'map'
    case 'text':
    case 'number':
    case 'list':
      return kind === parameter
    case 'texts':
    case 'numbers':
      if (!isList(value)) return false
      budget.spend(value.length)
      return value.every(item => (parameter === 'texts' ? typeof item === 'string' : item === null || isNumber(item)))
  }
}

function sizeOf(value: Accepted['sized'], budget: Budget): number {
  if (isList(value)) return value.length
  if (typeof value !== 'string') {
    const count = Object.keys(value).length
    budget.spend(count)
    return count
  }
  return lengthOf(value)
}

/** The number of characters, the code points of CEL: one may be two units of a JavaScript string. */
function lengthOf(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function toTruth(value: Accepted['scalar']): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true') return true
  if (value === 'false') return false
  throw new ExpressionFailure(`bool() takes true, false or their texts, not ${JSON.stringify(String(value))}`)
}

function toNumber(value: Accepted['scalar']): number {
  if (typeof value === 'bigint') return toDouble(value)
  if (typeof value === 'number') return value
  const number = typeof value === 'string' && value.trim() === value && value !== '' ? Number(value) : Number.NaN
  if (Number.isFinite(number)) return number
  throw new ExpressionFailure(`${JSON.stringify(value)} is no number`)
}

function toWhole(value: Accepted['scalar']): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'string' && /^-?\d{1,18}$/.test(value)) return BigInt(value)
  return BigInt(Math.trunc(toNumber(value)))
}

function toText(value: Value, budget: Budget): string {
  const text = JSON.stringify(toJson(value, budget))
  budget.spendOnText(text.length)
  return text
}

function present(list: Accepted['numbers']): (number | bigint)[] {
  return list.filter(number => number !== null)
}

function addTo(budget: Budget): (total: Value, number: Value) => Value {
  return (total, number) => operate('+', total, number, budget)
}

function meanOf(numbers: readonly (number | bigint)[], budget: Budget): Value {
  if (numbers.length === 0) return null
  return operate('/', numbers.reduce(addTo(budget), 0), numbers.length, budget)
}

function best(
  numbers: readonly (number | bigint)[],
  isBefore: (a: number | bigint, b: number | bigint) => boolean,
): Value {
  const [head = null, ...rest] = numbers
  return rest.reduce<number | bigint | null>(
    (found, number) => (found !== null && isBefore(number, found) ? number : found),
    head,
  )
}

function flatten(budget: Budget, list: readonly Value[]): Value {
  budget.spend(list.reduce<number>((length, item) => length + (isList(item) ? item.length : 1), 0))
  return list.flatMap((item): readonly Value[] => (isList(item) ? item : [item]))
}

/** The text, when there is time to search it: some parts are compared anew at each character. */
function searched(budget: Budget, text: string, part: string): string {
  budget.spend(Math.ceil((text.length * part.length) / comparisonsPerStep))
  return text
}

/** The number of the character that begins at an offset; -1, for what is not found, stays. */
function characterAt(text: string, offset: number): bigint {
  return BigInt(offset === -1 ? -1 : lengthOf(text.slice(0, offset)))
}

/** The offset at which the character of a number begins. */
function offsetOf(budget: Budget, text: string, number: number | bigint): number {
  budget.spendOnText(text.length)
  const [index, length] = [Number(number), lengthOf(text)]
  if (!Number.isInteger(index) || index < 0 || index > length)
    throw new ExpressionFailure(`${index} is no place in a text of ${length} characters`)
  let offset = 0
  for (let passed = 0; passed < index; passed += 1) offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  return offset
}

function split(budget: Budget, text: string, separator: string): Value {
  budget.spend(text.length)
  return separator === '' ? Array.from(text) : searched(budget, text, separator).split(separator)
}

function join(budget: Budget, texts: readonly string[], separator: string): string {
  budget.spendOnText(texts.reduce((length, text) => length + text.length + separator.length, 0))
  return texts.join(separator)
}
