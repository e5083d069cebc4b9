import type { Environment } from '@marcbachmann/cel-js'

type Arithmetic = (left: number, right: number) => number | boolean

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

/** Adds what the language has beyond CEL: numbers that mix, also with text, and a few functions. */
export function registerLanguage(environment: Environment): Environment {
  for (const [operator, compute] of Object.entries(arithmetic)) {
    for (const [left, right] of [
      ['int', 'double'],
      ['double', 'int'],
    ]) {
      environment.registerOperator(`${left} ${operator} ${right}`, (a: unknown, b: unknown) =>
        compute(Number(a), Number(b)),
      )
    }
  }
  environment.registerOperator('double % double', (a: number, b: number) => a % b)
  for (const type of ['int', 'double', 'bool']) {
    environment.registerOperator(`string + ${type}`, (a: string, b: unknown) => a + String(b))
    environment.registerOperator(`${type} + string`, (a: unknown, b: string) => String(a) + b)
  }
  registerFunctions(environment)
  return environment
}

function registerFunctions(environment: Environment): void {
  for (let count = 1; count <= 8; count += 1) {
    const parameters = Array.from({ length: count }, () => 'dyn').join(', ')
    environment.registerFunction(`first(${parameters}): dyn`, (...values: unknown[]) => firstPresent(values))
  }
  environment.registerFunction('sum(list): double', (list: unknown) => numbersOf(list).reduce((a, b) => a + b, 0))
  environment.registerFunction('mean(list): dyn', (list: unknown) => {
    const numbers = numbersOf(list)
    return numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0) / numbers.length
  })
  environment.registerFunction('min(list): dyn', (list: unknown) => least(numbersOf(list), (a, b) => a < b))
  environment.registerFunction('max(list): dyn', (list: unknown) => least(numbersOf(list), (a, b) => a > b))
  environment.registerFunction('flatten(list): list', (list: unknown) => (list as unknown[]).flat())
  environment.registerFunction('json(dyn): string', (value: unknown) =>
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)),
  )
}

function firstPresent(values: readonly unknown[]): unknown {
  return values.find(value => value !== null && value !== undefined) ?? null
}

function numbersOf(list: unknown): number[] {
  return (list as unknown[]).filter(item => item !== null).map(Number)
}

function least(numbers: readonly number[], isBefore: (a: number, b: number) => boolean): number | null {
  const [head, ...rest] = numbers
  if (head === undefined) return null
  return rest.reduce((best, number) => (isBefore(number, best) ? number : best), head)
}
