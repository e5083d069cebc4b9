/** Reads just enough of TypeScript for the rules of the house: what is code, what it imports, how long functions are. */

/**
 * The source with everything that is not code blanked out: comments, and the insides of strings, templates and regular
 * expressions. Every character keeps its place.
 */
export function maskText(text: string): string {
  let masked = ''
  let tail = ''
  // One entry for each `${` we are inside of: how many braces are open in it.
  const holes: number[] = []
  while (masked.length < text.length) {
    const at = masked.length
    const isTemplate = text[at] === '`' || (text[at] === '}' && holes.at(-1) === 0)
    if (isTemplate && text[at] === '}') holes.pop()
    const token = isTemplate ? templateChunk(text, at) : tokenAt(text, at, tail)
    if (isTemplate && token.endsWith('${')) holes.push(0)
    else if (token === '{' && holes.length > 0) holes.push((holes.pop() ?? 0) + 1)
    else if (token === '}' && holes.length > 0) holes.push((holes.pop() ?? 0) - 1)
    masked += blank(token)
    if (!/^(\s|\/\/|\/\*)/.test(token)) tail = (tail + (token.length > 1 ? token.at(-1) : token)).slice(-12)
    else if (tail.at(-1) !== ' ') tail += ' '
  }
  return masked
}

function tokenAt(text: string, at: number, tail: string): string {
  const canBeRegularExpression =
    /(^|[=(,:;!&|?{[+*%~^>-]|\b(return|typeof|case|in|of|do|else|void|throw|await|yield)) ?$/.test(tail)
  const patterns = [
    /\/\/[^\n]*/y,
    /\/\*[^]*?\*\//y,
    /'(?:\\[^]|[^'\\\n])*'/y,
    /"(?:\\[^]|[^"\\\n])*"/y,
    ...(canBeRegularExpression ? [/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y] : []),
  ]
  for (const pattern of patterns) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return match[0]
  }
  return text.charAt(at)
}

/** From a back-tick or the end of a hole up to the next hole, or to the back-tick that closes. */
function templateChunk(text: string, at: number): string {
  const pattern = /[`}](?:\\[^]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? text.charAt(at)
}

function blank(token: string): string {
  if (token.length === 1) return token
  const inside = (part: string) => part.replace(/[^\n]/g, ' ')
  if (/^\/[/*]/.test(token)) return inside(token)
  const end = token.endsWith('${') ? 2 : 1
  return token.charAt(0) + inside(token.slice(1, -end)) + token.slice(-end)
}

/** What a file imports or re-exports, types included, in the order in which it says so. */
export function importsOf(text: string): string[] {
  const masked = maskText(text)
  return [...masked.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])/g)].map(match => {
    const start = match.index + match[0].length
    return text.slice(start, masked.indexOf(match[1] ?? '', start))
  })
}

export interface FunctionSize {
  readonly line: number
  readonly lines: number
}

/** Every function with a body of its own, from the line of its parameters to the one of its last brace. */
export function functionsOf(text: string): FunctionSize[] {
  const masked = maskText(text)
  const lineAt = (index: number) => masked.slice(0, index).split('\n').length
  const open: number[] = []
  const found: FunctionSize[] = []
  for (const { 0: brace, index } of masked.matchAll(/[{}]/g)) {
    if (brace === '{') {
      open.push(index)
      continue
    }
    const start = functionStart(masked.slice(0, open.pop()))
    if (start !== undefined) found.push({ line: lineAt(start), lines: lineAt(index) - lineAt(start) + 1 })
  }
  return found
}

const notFunctions = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'await'])

/** Where the parameters begin of the function whose body follows; undefined when what follows is another kind of block. */
function functionStart(before: string): number | undefined {
  const arrow = /=>\s*\(?\s*$/.exec(before)
  const head = before.slice(0, arrow?.index).trimEnd()
  const close = parametersEnd(head)
  if (close === undefined) return arrow?.index
  const start = openingOf(head, close)
  // The tests of one subject stand together in one `describe`, however many they are.
  if (arrow && /\bdescribe[\w.]*\([^()]*,\s*$/.test(head.slice(0, start))) return undefined
  const word = /([#\w]+)\s*$/.exec(head.slice(0, start))?.[1] ?? ''
  return !arrow && notFunctions.has(word) ? undefined : start
}

/** The `)` of the parameters that a head ends with, be there a return type behind them or not. */
function parametersEnd(head: string): number | undefined {
  if (head.endsWith(')')) return head.length - 1
  if (/\b(class|interface|type|try|else|do|finally|return)\b[^;{}()]*$/.test(head)) return undefined
  for (let at = head.length - 1; at >= 0; at--) {
    const character = head.charAt(at)
    if (character === ':') return /\)\s*$/.test(head.slice(0, at)) ? head.slice(0, at).trimEnd().length - 1 : undefined
    if (/[;,?({[<]/.test(character) || (character === '=' && head[at + 1] !== '>')) return undefined
    if (!/[)}\]]/.test(character) && !(character === '>' && head[at - 1] !== '=')) continue
    at = openingOf(head, at)
    if (character === '}' && !/(?:[:|&]|\bis)\s*$/.test(head.slice(0, at))) return undefined
  }
  return undefined
}

const openings: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[', '>': '<' }

/** The bracket that the one at `close` belongs to. */
function openingOf(text: string, close: number): number {
  const closing = text.charAt(close)
  const opening = openings[closing]
  let depth = 0
  for (let at = close; at > 0; at--) {
    const isArrow = text[at] === '>' && text[at - 1] === '='
    if (text[at] === closing && !isArrow) depth += 1
    if (text[at] === opening) depth -= 1
    if (depth === 0) return at
  }
  return 0
}
