import {
  Composer,
  type Document,
  isCollection,
  isMap,
  isScalar,
  Lexer,
  type Node,
  type Pair,
  Parser,
  type ScalarTag,
  visit,
  type YAMLMap,
} from 'yaml'
import { type Place, Source } from './document.ts'
import type { Range } from './mark.ts'
import { orderOf, rank } from './print-order.ts'
import { isSame } from './same.ts'
import { readYaml } from './yaml.ts'
import { escapedText } from './yaml-escapes.ts'

/** Where the lines of a folded text (`>`) end, in columns. */
const foldedWidth = 100

/**
 * A sound YAML text in the layout that everybody's files have: the fields of workflows and steps in order, two columns of
 * indentation, quotes only where they are needed. Comments stay with what they stand beside. `place` is where the text
 * belongs in a workflow. A text in which a comment would be lost stays as it is.
 */
export function formatYaml(text: string, place: Place = []): string {
  const newline = /\r?\n/.exec(text)?.[0] ?? '\n'
  for (const isOrdered of [true, false]) {
    const formatted = settled(text, place, isOrdered)
    if (formatted !== undefined) return formatted.replaceAll(/\r?\n/g, newline)
  }
  return text
}

/** The layout of which another pass changes nothing; undefined where something would be lost on the way. */
function settled(text: string, place: Place, isOrdered: boolean): string | undefined {
  let last = text
  for (let pass = 0; pass < 4; pass += 1) {
    const next = layOut(last, place, isOrdered)
    if (next === last) return next
    if (next === undefined || !holdsTheSame(text, next)) return undefined
    last = next
  }
  return undefined
}

function layOut(text: string, place: Place, isOrdered: boolean): string | undefined {
  const composer = new Composer({ uniqueKeys: false, logLevel: 'silent', customTags: tags => tags.map(printedOurWay) })
  const [document, second] = [...composer.compose(new Parser().parse(text), true, text.length)] as Document[]
  if (!document || second || document.errors.length > 0) return undefined
  visit(document, {
    Scalar(_, scalar) {
      const isQuoted = scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE'
      // Quotes that are needed come back by themselves.
      if (isQuoted || scalar.type === 'PLAIN') delete scalar.type
    },
    Collection(key, node, path) {
      if (isOrdered && isMap(node)) sortFields(node.items, orderOf([...place, ...placeOf(path, key)]))
    },
  })
  const options = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY, indentSeq: true } as const
  return escapedText(document, options)
}

/** The names and indices that lead to a node, from the nodes around it. */
function placeOf(path: readonly unknown[], key: unknown): Place {
  const place: (string | number)[] = []
  const nodes = [...path.slice(1)]
  for (const [index, node] of nodes.entries()) {
    const next = nodes[index + 1]
    if (isCollection(node) && !isMap(node)) place.push(next === undefined ? Number(key) : node.items.indexOf(next))
    else if (isPairOf(node)) place.push(String(isScalar(node.key) ? node.key.value : node.key))
  }
  return place
}

function isPairOf(node: unknown): node is Pair {
  return typeof node === 'object' && node !== null && 'key' in node && 'value' in node && !isScalar(node)
}

/** Sorts by an order; names that it does not know come last, as they stood. */
function sortFields(pairs: Pair[], order: readonly string[]): void {
  if (order.length > 0) pairs.sort((a, b) => rank(order, nameOf(a)) - rank(order, nameOf(b)))
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : ''
}

type Tags = Extract<NonNullable<ConstructorParameters<typeof Composer>[0]>['customTags'], (...args: never) => unknown>
type Tag = Exclude<ReturnType<Tags>[number], string>

/** How nodes are printed: brackets as `[a, b]` and `{ a: b }`; only texts that a person folded get lines of a width. */
function printedOurWay(tag: ReturnType<Tags>[number]): ReturnType<Tags>[number] {
  if (typeof tag === 'string') return tag
  switch (tag.tag) {
    case 'tag:yaml.org,2002:seq':
      return { ...tag, stringify: padded('') } as Tag
    case 'tag:yaml.org,2002:map':
      return { ...tag, stringify: padded(' ') } as Tag
    case 'tag:yaml.org,2002:str':
      return { ...tag, stringify: foldedAtWidth((tag as ScalarTag).stringify) } as Tag
    default:
      return tag
  }
}

type Stringify = NonNullable<ScalarTag['stringify']>

function padded(flowCollectionPadding: string): Stringify {
  return (node, context, ...rest) => (node as Node as YAMLMap).toString({ ...context, flowCollectionPadding }, ...rest)
}

function foldedAtWidth(stringify: ScalarTag['stringify']): ScalarTag['stringify'] {
  return (
    stringify &&
    ((node, context, ...rest) => {
      const options = node.type === 'BLOCK_FOLDED' ? { ...context.options, lineWidth: foldedWidth } : context.options
      return stringify(node, { ...context, options }, ...rest)
    })
  )
}

function holdsTheSame(before: string, after: string): boolean {
  const [a, b] = [before, after].map(text => readYaml(new Source('', text), [0, text.length] satisfies Range))
  return isSame(a?.value, b?.value) && sortedComments(before) === sortedComments(after)
}

function sortedComments(text: string): string {
  return commentsOf(text).toSorted().join('\n')
}

/** The comments of a YAML text, in order, without the blanks around them. */
export function commentsOf(text: string): string[] {
  const comments: string[] = []
  let isText = false
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.startsWith('#') && !isText) comments.push(lexeme.trimEnd())
    // The lexer announces the characters of a scalar, which may begin with anything, by this sign.
    isText = lexeme === '\u001f'
  }
  return comments
}
