export interface TemplateText {
  readonly type: 'text'
  /** What the reader sees: `$${` has become `${`. */
  readonly text: string
}

/** `text.slice(start, end)` is `source`: what stands between `${` and `}`, without the blanks around it. */
export interface TemplateExpression {
  readonly type: 'expression'
  readonly source: string
  readonly start: number
  readonly end: number
}

export interface Template {
  readonly parts: readonly (TemplateText | TemplateExpression)[]
  /** The first place at which the template is broken. What could not be read stands in `parts` as text. */
  readonly problem?: { readonly message: string; readonly start: number; readonly end: number }
}

/**
 * Takes a text apart into what is copied and what is computed. Braces and quotes inside an expression are respected.
 *
 * @example splitTemplate('Hi ${name}').parts // text 'Hi ', expression 'name' at [5, 9)
 */
export function splitTemplate(text: string): Template {
  const parts: (TemplateText | TemplateExpression)[] = []
  let problem: Template['problem']
  let plain = ''
  let index = 0
  while (index < text.length) {
    const opening = text.indexOf('${', index)
    if (opening === -1) break
    const isEscaped = opening > index && text[opening - 1] === '$'
    if (isEscaped) {
      plain += `${text.slice(index, opening - 1)}\${`
      index = opening + 2
      continue
    }
    const closing = closingBrace(text, opening + 2)
    if (closing === undefined) {
      problem ??= { message: 'This ${ is never closed by a }.', start: opening, end: opening + 2 }
      break
    }
    const expression = trimmed(text, opening + 2, closing)
    if (expression.source === '') {
      problem ??= { message: 'There is no expression between ${ and }.', start: opening, end: closing + 1 }
      plain += text.slice(index, closing + 1)
    } else {
      plain += text.slice(index, opening)
      if (plain !== '') parts.push({ type: 'text', text: plain })
      parts.push(expression)
      plain = ''
    }
    index = closing + 1
  }
  plain += text.slice(index)
  if (plain !== '') parts.push({ type: 'text', text: plain })
  return { parts, ...(problem && { problem }) }
}

/** True for a text that is one `${…}` and nothing else: its value keeps its type. */
export function isLoneExpression(text: string): boolean {
  const { parts } = splitTemplate(text)
  return parts.length === 1 && parts[0]?.type === 'expression'
}

/** Splits CEL at the commas that stand in no bracket and no string; blanks around the pieces belong to them. */
export function splitAtCommas(source: string): string[] {
  const pieces: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < source.length; index = nextToken(source, index)) {
    const character = source.charAt(index)
    if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) depth -= 1
    else if (character === ',' && depth === 0) {
      pieces.push(source.slice(start, index))
      start = index + 1
    }
  }
  return [...pieces, source.slice(start)]
}

function trimmed(text: string, from: number, to: number): TemplateExpression {
  const raw = text.slice(from, to)
  const source = raw.trim()
  const start = from + (raw.length - raw.trimStart().length)
  return { type: 'expression', source, start, end: start + source.length }
}

/** The brace that closes the one before `from`; undefined when there is none. */
function closingBrace(text: string, from: number): number | undefined {
  let depth = 1
  for (let index = from; index < text.length; index = nextToken(text, index)) {
    if (text[index] === '{') depth += 1
    else if (text[index] === '}') depth -= 1
    if (depth === 0) return index
  }
  return undefined
}

/** The index after the character at `index`, or after the whole CEL string that begins there. */
function nextToken(text: string, index: number): number {
  const quote = text.charAt(index)
  if (quote !== '"' && quote !== "'") return index + 1
  const isTriple = text.startsWith(quote.repeat(3), index)
  const delimiter = isTriple ? quote.repeat(3) : quote
  const isRaw = /^[rR]$/.test(text.charAt(index - 1)) && !/\w/.test(text.charAt(index - 2))
  for (let at = index + delimiter.length; at < text.length; at += 1) {
    if (text.startsWith(delimiter, at)) return at + delimiter.length
    if (text[at] === '\\' && !isRaw) at += 1
    // An apostrophe that nothing closes on its line is no string: "it's" in a broken template must not hide the rest.
    else if (text[at] === '\n' && !isTriple) break
  }
  return index + 1
}
