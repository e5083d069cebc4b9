import { RE2JS, RE2JSException } from 're2js'
import { type Budget, ExpressionFailure } from './expression-value.ts'

const longestPattern = 1_000
const remembered = 100
const compiled = new Map<string, RE2JS>()

/** Whether a part of a text fits a regular expression (RE2 syntax), in time linear in the text. */
export function matches(text: string, pattern: string, budget: Budget): boolean {
  budget.spend(pattern.length)
  const expression = compile(pattern)
  budget.spend(Math.ceil((expression.programSize() * (text.length + 1)) / 8))
  return expression.test(text)
}

/** What is wrong with a regular expression, or undefined. */
export function problemOfPattern(pattern: string): string | undefined {
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    if (error instanceof ExpressionFailure) return error.message
    throw error
  }
}

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known) return known
  if (pattern.length > longestPattern) {
    throw new ExpressionFailure(`a regular expression has at most ${longestPattern} characters`)
  }
  try {
    const expression = RE2JS.compile(pattern)
    if (compiled.size >= remembered) compiled.clear()
    compiled.set(pattern, expression)
    return expression
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new ExpressionFailure(`${JSON.stringify(pattern)} is no regular expression: ${error.message}`)
  }
}
