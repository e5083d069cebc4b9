import type { Parameter, Result } from '../model/expression-functions.ts'
import type { Operator } from '../model/expression-operators.ts'
import { any, number, text, truth, type ValueType, whole } from './value-type.ts'

type Kind = ValueType['kind']

const scalars: ReadonlySet<Kind> = new Set(['text', 'number', 'boolean'])

/** The type of what an operator gives, or undefined where it can never take such values. */
export function typeOfOperation(operator: Operator, left: ValueType, right: ValueType): ValueType | undefined {
  switch (operator) {
    case '==':
    case '!=':
      return canBeCompared(left.kind, right.kind) ? truth : undefined
    case '<':
    case '<=':
    case '>':
    case '>=':
      return canBeOrdered(left.kind, right.kind) ? truth : undefined
    case 'in':
      return canBeIn(left.kind, right.kind) ? truth : undefined
    case '+':
      return typeOfSum(left, right)
    case '-':
    case '*':
    case '/':
    case '%':
      return isPerhaps('number', left) && isPerhaps('number', right) ? typeOfNumbers(left, right) : undefined
  }
}

/** Whether a value of the type can be of the kind. */
export function isPerhaps(kind: Kind, type: ValueType): boolean {
  return type.kind === kind || type.kind === 'any'
}

function canBeCompared(left: Kind, right: Kind): boolean {
  const isOpen = [left, right].some(kind => kind === 'any' || kind === 'null')
  return isOpen || left === right
}

function canBeOrdered(left: Kind, right: Kind): boolean {
  const fits = (kind: Kind): boolean => kind === 'any' || scalars.has(kind)
  return fits(left) && fits(right) && canBeCompared(left, right)
}

function canBeIn(item: Kind, container: Kind): boolean {
  if (container === 'map') return item === 'any' || scalars.has(item)
  return container === 'any' || container === 'list'
}

function typeOfSum(left: ValueType, right: ValueType): ValueType | undefined {
  if (left.kind === 'any' && right.kind === 'any') return any
  if (left.kind === 'any') return typeOfSum(right, left)
  const kinds = [left.kind, right.kind]
  if (kinds.includes('null') || kinds.includes('map')) return undefined
  if (left.kind === 'list' || right.kind === 'list') return typeOfLists(left, right)
  if (kinds.includes('text')) return text
  if (left.kind === 'number' && right.kind === 'number') return typeOfNumbers(left, right)
  // A number or a truth and something unknown: a sum, or a text when the unknown is one.
  return right.kind === 'any' ? (left.kind === 'boolean' ? text : any) : undefined
}

function typeOfLists(left: ValueType, right: ValueType): ValueType | undefined {
  return isPerhaps('list', left) && isPerhaps('list', right) ? { kind: 'list', items: any } : undefined
}

function typeOfNumbers(left: ValueType, right: ValueType): ValueType {
  return left.kind === 'number' && left.isWhole && right.kind === 'number' && right.isWhole ? whole : number
}

/** The types of what functions give. */
export const typeOfResult: Readonly<Record<Result, ValueType>> = {
  any,
  text,
  boolean: truth,
  number,
  whole,
  list: { kind: 'list', items: any },
  texts: { kind: 'list', items: text },
}

/** Whether a function can accept a value of a type. */
export function canAccept(parameter: Parameter, type: ValueType): boolean {
  const { kind } = type
  if (kind === 'any') return true
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
      // A list may be empty: what its items are does not make it fail.
      return kind === 'list'
  }
}
