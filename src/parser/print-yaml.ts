import { Document, isScalar, visit, type YAMLSeq } from 'yaml'
import { escapedText } from './yaml-escapes.ts'

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
  visit(document, {
    Scalar(_, scalar) {
      if (flow && typeof scalar.value === 'string' && scalar.value.includes('\n')) scalar.type = 'QUOTE_DOUBLE'
    },
    Seq(_, list) {
      list.flow = flow || isShort(list)
    },
  })
  return escapedText(document, {
    ...{ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY, flowCollectionPadding: false },
    ...{ blockQuote: 'literal', indent, indentSeq },
  })
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
