import { Document, isScalar, visit, type YAMLSeq } from 'yaml'

/** Lists of scalars that are short enough stand on one line. */
const shortList = 60

/** Where the layout of a text may differ: two columns of indentation, and lists indented like maps, unless told. */
export interface YamlStyle {
  readonly indent?: number
  readonly indentSeq?: boolean
  /** True for brackets all over. */
  readonly flow?: boolean
}

/** A value as YAML: texts of several lines as blocks, nothing folded, nothing shared. */
export function printYaml(value: unknown, { indent = 2, indentSeq = true, flow = false }: YamlStyle = {}): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  let hasEscapes = false
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string') return
      const isEscaped = needsEscapes.test(scalar.value)
      if (isEscaped || (flow && scalar.value.includes('\n'))) scalar.type = 'QUOTE_DOUBLE'
      hasEscapes ||= isEscaped
    },
    Seq(_, list) {
      list.flow = flow || isShort(list)
    },
  })
  const text = document.toString({
    ...{ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY, flowCollectionPadding: false },
    ...{ blockQuote: 'literal', indent, indentSeq },
  })
  return hasEscapes ? text.replace(needsEscapesEverywhere, escaped) : text
}

// The library prints these as they are, and a file that holds them is refused or read as something else.
const needsEscapes = /[\uFFFD\uFEFF\p{Surrogate}\x7F-\x9F\u2028\u2029\r]/u
const needsEscapesEverywhere = /[\uFFFD\uFEFF\p{Surrogate}\x7F-\x9F\u2028\u2029]/gu

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function isShort(list: YAMLSeq): boolean {
  const length = list.items.reduce<number>((sum, item) => sum + lengthOf(item), 0)
  return length <= shortList
}

function lengthOf(item: unknown): number {
  if (!isScalar(item)) return Number.POSITIVE_INFINITY
  const { value } = item
  return typeof value === 'string' && value.includes('\n') ? Number.POSITIVE_INFINITY : String(value).length + 2
}
