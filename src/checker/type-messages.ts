import type { Severity } from '../model/diagnostic.ts'
import { type Parameter, parameterNames } from '../model/expression-functions.ts'
import type { Operator } from '../model/expression-operators.ts'
import { nearest } from '../model/nearest.ts'
import { nameOfType, type Scalar, type ValueType } from './value-type.ts'

/** What the types of an expression say against it, at its characters [start, end). */
export interface TypeProblem {
  readonly code: 'UNKNOWN_FIELD' | 'UNKNOWN_VALUE' | 'TYPE_MISMATCH' | 'NULL_READ' | 'INTEGER_DIVISION'
  readonly severity: Severity
  readonly message: string
  readonly hint?: string
  readonly start: number
  readonly end: number
}

/** A problem before it has a place. */
export type Complaint = Omit<TypeProblem, 'start' | 'end'>

const wanted = {
  boolean: 'true or false',
  list: 'a list',
  number: 'a number',
  scalar: 'a text, a number or true or false',
}
export type Wanted = keyof typeof wanted

// Types come from schemas, so where no expression is the remedy, another schema may be.
const otherSchema = 'Read another value, or change the schema of this one.'

/** A value stands where another kind is asked for. */
export function misfit(kind: Wanted, source: string, type: ValueType): Complaint {
  const message = `\`${source}\` is ${nameOfType(type)}, not ${wanted[kind]}.`
  const hint =
    kind === 'boolean' ? conditionHint(source, type) : kind === 'scalar' ? partHint(source, type) : otherSchema
  // A switch on a list or a map does not fail: it takes its default, whatever the value is.
  return { code: 'TYPE_MISMATCH', severity: kind === 'scalar' ? 'warning' : 'error', message, hint }
}

function partHint(source: string, type: ValueType): string {
  const [field] = type.kind === 'map' ? type.fields.keys() : []
  return field === undefined ? otherSchema : `Read a field of it, such as \`${source}.${field}\`.`
}

/** `||` where no truth stands on its left: the first value that is there may be meant. */
export function noChoice(left: string, type: ValueType, right: string): Complaint {
  const { message } = misfit('boolean', left, type)
  const hint = `For the first of them that is not null, write \`first(${left}, ${right})\`.`
  return { code: 'TYPE_MISMATCH', severity: 'error', message, hint }
}

function conditionHint(source: string, type: ValueType): string {
  if (/^["'\d]/.test(source)) return `Compare each side by itself: \`… == ${source}\`.`
  switch (type.kind) {
    case 'text':
      return `Compare it, for example \`${source} == "${type.values?.[0] ?? 'yes'}"\`.`
    case 'number':
      return `Compare it, for example \`${source} > 0\`.`
    case 'list':
    case 'map':
      return `Ask for its size, \`size(${source}) > 0\`.`
    default:
      return otherSchema
  }
}

/** An operator between values that it can never take. */
export function unfitOperands(
  operator: Operator,
  leftSource: string,
  left: ValueType,
  rightSource: string,
  right: ValueType,
): Complaint {
  const message = `\`${operator}\` does not take ${nameOfType(left)} and ${nameOfType(right)}.`
  const isNumeric = !['+', 'in'].includes(operator)
  const source = left.kind === 'text' ? leftSource : rightSource
  const kinds = [left.kind, right.kind]
  const isReadable = isNumeric && kinds.includes('text') && kinds.includes('number')
  const hint = isReadable ? `A text becomes a number with \`double(${source})\`.` : otherSchema
  return { code: 'TYPE_MISMATCH', severity: 'error', message, hint }
}

/** A value that a function does not accept. */
export function unfitArgument(name: string, parameter: Parameter, source: string, type: ValueType): Complaint {
  const message = `${name}() takes ${parameterNames[parameter]}, and \`${source}\` is ${nameOfType(type)}.`
  return { code: 'TYPE_MISMATCH', severity: 'error', message, hint: otherSchema }
}

/** A field that a map never has. */
export function unknownField(source: string, name: string, known: readonly string[]): Complaint {
  const near = nearest(name, known)
  const all = known.length === 0 ? 'It has no fields.' : `It has ${known.slice(0, 12).join(', ')}.`
  const hint = near === undefined ? all : `Did you mean \`${near}\`?`
  return { code: 'UNKNOWN_FIELD', severity: 'error', message: `\`${source}\` has no "${name}".`, hint }
}

/** A field of what has none, or a key of a list. */
export function noFields(source: string, type: ValueType, name?: Scalar): Complaint {
  const has = type.kind === 'list' ? 'which has numbered items and no fields' : 'which has no fields'
  const message = `\`${source}\` is ${nameOfType(type)}, ${has}.`
  const isSize = name === 'length' || name === 'size' || name === 'count'
  const hint = isSize ? `Its size is \`size(${source})\`.` : otherSchema
  return { code: 'TYPE_MISMATCH', severity: 'error', message, hint }
}

/** A comparison with a value that is none of those there can be. */
export function unknownValue(source: string, value: Scalar, known: readonly Scalar[]): Complaint {
  const near = typeof value === 'string' ? nearest(value, known.map(String)) : undefined
  const all = `It is one of ${known
    .slice(0, 12)
    .map(item => JSON.stringify(item))
    .join(', ')}.`
  const hint = near === undefined ? all : `Did you mean "${near}"?`
  return { code: 'UNKNOWN_VALUE', severity: 'error', message: `\`${source}\` is never ${JSON.stringify(value)}.`, hint }
}

/** A read of what is null whatever happens. */
export function nullRead(source: string, name: Scalar | undefined): Complaint {
  const member = name === undefined ? 'nothing can be read of it' : `it has no "${name}"`
  const hint = 'Give a value for this case with `first(…, other)`.'
  return { code: 'NULL_READ', severity: 'error', message: `\`${source}\` is null here, so ${member}.`, hint }
}

/** A division of whole numbers, which drops what is left over. */
export function divisionDrops(left: string, right: string): Complaint {
  const exact = /^\d+$/.test(right) ? `${left} / ${right}.0` : `${left} / double(${right})`
  const message = `\`${left} / ${right}\` divides whole numbers: what is left over is dropped.`
  return { code: 'INTEGER_DIVISION', severity: 'warning', message, hint: `Write \`${exact}\` for the exact quotient.` }
}
