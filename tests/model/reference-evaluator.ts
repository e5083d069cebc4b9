import type { Json } from '../../src/model/json.ts'

/** An expression as the reference knows it: few forms, and numbers are those of JavaScript. */
export type Tree =
  | { readonly form: 'literal'; readonly value: null | boolean | number | string }
  | { readonly form: 'name'; readonly name: string }
  | { readonly form: 'binary'; readonly sign: string; readonly parts: readonly [Tree, Tree] }
  | { readonly form: 'prefix'; readonly sign: '!' | '-'; readonly part: Tree }
  | { readonly form: 'choice'; readonly parts: readonly [Tree, Tree, Tree] }
  | { readonly form: 'list'; readonly parts: readonly Tree[] }
  | { readonly form: 'map'; readonly parts: readonly [Tree, Tree] }
  | { readonly form: 'field'; readonly part: Tree; readonly name: string }
  | { readonly form: 'index'; readonly parts: readonly [Tree, Tree] }
  | { readonly form: 'call'; readonly name: string; readonly parts: readonly Tree[] }
  | { readonly form: 'macro'; readonly name: string; readonly list: Tree; readonly body: Tree }

/** The expression as a person would write it. */
export function print(tree: Tree): string {
  switch (tree.form) {
    case 'literal':
      return JSON.stringify(tree.value)
    case 'name':
      return tree.name
    case 'binary':
      return `(${print(tree.parts[0])} ${tree.sign} ${print(tree.parts[1])})`
    case 'prefix':
      return `(${tree.sign}${print(tree.part)})`
    case 'choice': {
      const [condition, yes, no] = tree.parts.map(print)
      return `(${condition} ? ${yes} : ${no})`
    }
    case 'list':
      return `[${tree.parts.map(print).join(', ')}]`
    case 'map':
      return `{"a": ${print(tree.parts[0])}, "b": ${print(tree.parts[1])}}`
    case 'field':
      return `${print(tree.part)}.${tree.name}`
    case 'index':
      return `${print(tree.parts[0])}[${print(tree.parts[1])}]`
    case 'call':
      return `${tree.name}(${tree.parts.map(print).join(', ')})`
    case 'macro':
      return `${print(tree.list)}.${tree.name}(x, ${print(tree.body)})`
  }
}

type Scope = Readonly<Record<string, Json>>

/** A link that is missing is forgiven by `first` and `has`; anything else is not. */
class Missing extends Error {}

/** The value of an expression by the book, slowly. Throws where it has none. */
export function evaluate(tree: Tree, scope: Scope): Json {
  const value = (part: Tree): Json => evaluate(part, scope)
  switch (tree.form) {
    case 'literal':
      return tree.value
    case 'name':
      return scope[tree.name] as Json
    case 'binary':
      return tree.sign === '&&' || tree.sign === '||'
        ? either(tree.sign === '||', [() => value(tree.parts[0]), () => value(tree.parts[1])])
        : binary(tree.sign, value(tree.parts[0]), value(tree.parts[1]))
    case 'prefix':
      return tree.sign === '!' ? !truth(value(tree.part)) : 0 - numeric(value(tree.part))
    case 'choice':
      return truth(value(tree.parts[0])) ? value(tree.parts[1]) : value(tree.parts[2])
    case 'list':
      return tree.parts.map(value)
    case 'map':
      return { a: value(tree.parts[0]), b: value(tree.parts[1]) }
    case 'field':
      return member(value(tree.part), tree.name)
    case 'index':
      return member(value(tree.parts[0]), value(tree.parts[1]))
    case 'call':
      return call(tree.name, tree.parts, value)
    case 'macro':
      return macro(tree.name, value(tree.list), item => evaluate(tree.body, { ...scope, x: item }))
  }
}

function kind(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

function need(holds: boolean): void {
  if (!holds) throw new Error('no value')
}

function truth(value: Json): boolean {
  need(typeof value === 'boolean')
  return value as boolean
}

function numeric(value: Json): number {
  need(typeof value === 'number')
  return value as number
}

function either(decisive: boolean, sides: readonly (() => Json)[]): boolean {
  const outcomes = sides.map(side => {
    try {
      return truth(side())
    } catch (error) {
      return error as Error
    }
  })
  if (outcomes.includes(decisive)) return decisive
  for (const outcome of outcomes) if (outcome instanceof Error) throw outcome
  return !decisive
}

function binary(sign: string, a: Json, b: Json): Json {
  if (sign === '==' || sign === '!=') {
    need(a === null || b === null || kind(a) === kind(b))
    return same(a, b) === (sign === '==')
  }
  if (sign === 'in') {
    if (Array.isArray(b)) return b.some(item => same(a, item))
    need(kind(b) === 'object' && !['null', 'list', 'object'].includes(kind(a)))
    return Object.keys(b as object).includes(String(a))
  }
  if (['<', '<=', '>', '>='].includes(sign)) {
    need(kind(a) === kind(b) && ['number', 'string', 'boolean'].includes(kind(a)))
    const [less, equal] = [(a as number) < (b as number), a === b]
    return sign === '<' ? less : sign === '<=' ? less || equal : sign === '>' ? !less && !equal : !less
  }
  if (sign === '+' && Array.isArray(a) && Array.isArray(b)) return a.concat(b)
  if (sign === '+' && (typeof a === 'string' || typeof b === 'string')) {
    need([a, b].every(side => ['number', 'string', 'boolean'].includes(kind(side))))
    return `${String(a)}${String(b)}`
  }
  return arithmetic(sign, numeric(a), numeric(b))
}

function arithmetic(sign: string, a: number, b: number): number {
  const result = sign === '+' ? a + b : sign === '-' ? a - b : sign === '*' ? a * b : sign === '/' ? a / b : a % b
  need(Number.isFinite(result))
  // JSON has no negative zero.
  return result + 0
}

function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => same(item, b[i] as Json))
  if (kind(a) === 'object' && kind(b) === 'object') {
    const [left, right] = [a as Record<string, Json>, b as Record<string, Json>]
    const keys = Object.keys(left).sort()
    return same(keys, Object.keys(right).sort()) && keys.every(key => same(left[key] as Json, right[key] as Json))
  }
  return a === b
}

function member(whole: Json, key: Json): Json {
  need(key === null || typeof key !== 'object' || Array.isArray(whole))
  need(key !== null || Array.isArray(whole))
  const found = Array.isArray(whole)
    ? typeof key === 'number'
      ? whole[key]
      : undefined
    : kind(whole) === 'object'
      ? Object.entries(whole as object).find(([name]) => name === String(key))?.[1]
      : undefined
  if (found === undefined) throw new Missing()
  return found as Json
}

function call(name: string, parts: readonly Tree[], value: (part: Tree) => Json): Json {
  const tried = (part: Tree): Json | undefined => {
    try {
      return value(part)
    } catch (error) {
      if (error instanceof Missing) return undefined
      throw error
    }
  }
  if (name === 'has') return tried(parts[0] as Tree) !== undefined
  if (name === 'first') {
    for (const part of parts) {
      const found = tried(part) ?? null
      if (found !== null) return found
    }
    return null
  }
  const given = value(parts[0] as Tree)
  if (name === 'json') return JSON.stringify(given)
  if (name === 'double') return given === true || given === false || given === null ? fail() : toNumber(given)
  if (name === 'size') return kind(given) === 'object' ? Object.keys(given as object).length : sizeOf(given)
  need(Array.isArray(given))
  const list = given as Json[]
  if (name === 'flatten') return list.flat() as Json
  return statistic(name, list.filter(item => item !== null).map(numeric))
}

function statistic(name: string, numbers: readonly number[]): Json {
  const sum = numbers.reduce((a, b) => a + b, 0)
  if (name === 'sum') return sum
  if (numbers.length === 0) return null
  return name === 'mean' ? sum / numbers.length : name === 'min' ? Math.min(...numbers) : Math.max(...numbers)
}

function fail(): never {
  throw new Error('no value')
}

function toNumber(value: Json): number {
  need(typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)))
  return Number(value)
}

function sizeOf(value: Json): number {
  need(typeof value === 'string' || Array.isArray(value))
  return Array.from(value as string).length
}

function macro(name: string, list: Json, body: (item: Json) => Json): Json {
  need(list !== null && typeof list === 'object')
  const items = Array.isArray(list) ? list : Object.keys(list as object)
  switch (name) {
    case 'map':
      return items.map(body)
    case 'filter':
      return items.filter(item => truth(body(item)))
    case 'exists_one':
      return items.filter(item => truth(body(item))).length === 1
    default:
      return either(
        name === 'exists',
        items.map(item => () => body(item)),
      )
  }
}
