/** A piece of a template: text as it stands, or an expression at [start, end) of the template, braces excluded. */
export type TemplatePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'expression'; readonly source: string; readonly start: number; readonly end: number }

export interface Template {
  readonly parts: readonly TemplatePart[]
  /** Set when an expression is not closed or is empty; [start, end) says where. */
  readonly problem?: { readonly message: string; readonly start: number; readonly end: number }
}

/**
 * Splits a text at its `${…}`. `$${` is a literal `${`; braces and strings inside an expression are respected.
 *
 * @example splitTemplate('Hello ${inputs.name}!').parts // text 'Hello ', expression 'inputs.name', text '!'
 */
export function splitTemplate(text: string): Template {
  const parts: TemplatePart[] = []
  let problem: Template['problem']
  let pending = ''
  let index = 0
  while (index < text.length) {
    const dollar = text.indexOf('${', index)
    if (dollar === -1) break
    if (dollar > 0 && text[dollar - 1] === '$' && dollar - 1 >= index) {
      pending += `${text.slice(index, dollar - 1)}\${`
      index = dollar + 2
      continue
    }
    const close = closingBrace(text, dollar + 2)
    if (close === -1) {
      problem ??= { message: 'This ${ is never closed by a }.', start: dollar, end: Math.min(text.length, dollar + 2) }
      break
    }
    pending += text.slice(index, dollar)
    if (pending !== '') parts.push({ type: 'text', text: pending })
    pending = ''
    const source = text.slice(dollar + 2, close)
    if (source.trim() === '')
      problem ??= { message: 'There is no expression between the braces.', start: dollar, end: close + 1 }
    else parts.push(expressionPart(source, dollar + 2))
    index = close + 1
  }
  pending += text.slice(index)
  if (pending !== '') parts.push({ type: 'text', text: pending })
  return problem ? { parts, problem } : { parts }
}

/** True when a text is one `${…}` and nothing else: its value keeps its type. */
export function isLoneExpression(text: string): boolean {
  const [only, ...others] = splitTemplate(text).parts
  return only?.type === 'expression' && others.length === 0
}

function expressionPart(source: string, offset: number): TemplatePart {
  const start = offset + (source.length - source.trimStart().length)
  const trimmed = source.trim()
  return { type: 'expression', source: trimmed, start, end: start + trimmed.length }
}

/** The `}` that closes an expression, or -1. A line break inside a quoted string of CEL is not looked for: it is an error anyway. */
function closingBrace(text: string, from: number): number {
  let depth = 0
  for (let index = from; index < text.length; index += 1) {
    const character = text[index]
    if (character === '"' || character === "'") {
      index = endOfString(text, index)
      if (index === -1) return -1
    } else if (character === '{') depth += 1
    else if (character === '}') {
      if (depth === 0) return index
      depth -= 1
    }
  }
  return -1
}

function endOfString(text: string, from: number): number {
  const quote = text[from] ?? ''
  const fence = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote
  const isRaw = /[rR]/.test(text[from - 1] ?? '')
  for (let index = from + fence.length; index < text.length; index += 1) {
    if (text[index] === '\\' && !isRaw) index += 1
    else if (text.startsWith(fence, index)) return index + fence.length - 1
  }
  return -1
}
