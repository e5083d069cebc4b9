import fc from 'fast-check'
import { Document, isMap, isScalar, isSeq, type Node, type Scalar, visit } from 'yaml'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { workflowSourceOf } from './workflow-source.ts'

/** A workflow as a person may have typed it: with comments, empty lines, brackets, quotes and indentation of all kinds. */
export interface DecoratedYaml {
  readonly text: string
  readonly value: unknown
}

const scalarStyles = ['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'] as const

const habits = fc.record({
  indent: fc.integer({ min: 1, max: 4 }),
  indentSeq: fc.boolean(),
  windows: fc.boolean(),
  lineWidth: fc.constantFrom(0, 40, 80),
  head: fc.constantFrom('', '# A workflow\n\n', '---\n', '# a: b\n---\n'),
  tail: fc.constantFrom('', '# the end\n', '\n\n', '...\n'),
})

/** Texts that read as the value beside them, without a problem. */
export const decoratedYaml: fc.Arbitrary<DecoratedYaml> = fc
  .tuple(workflowSourceOf(1), fc.array(fc.nat(99), { minLength: 8, maxLength: 40 }), habits)
  .map(([source, dice, { windows, head, tail, ...options }]) => {
    const document = new Document(source, { aliasDuplicateObjects: false })
    decorate(document, dice)
    const text = `${head}${document.toString({ ...options, blockQuote: true })}${tail}`
    return windows ? text.replaceAll('\n', '\r\n') : text
  })
  .map(text => parseWorkflow(text, 'workflows/a.yaml'))
  .filter(({ value, diagnostics }) => value !== undefined && diagnostics.length === 0)
  .map(({ text, value }) => ({ text, value }))

function decorate(document: Document, dice: readonly number[]): void {
  let throws = 0
  const roll = (): number => {
    throws += 1
    return (dice[throws % dice.length] ?? 0) + throws
  }
  visit(document, {
    Scalar(place, node) {
      decorateScalar(node, place === 'key' ? 0 : roll())
    },
    Pair(_, { key, value }) {
      if (roll() % 6 === 0) (key as Node).spaceBefore = true
      if (roll() % 5 === 0) (key as Node).commentBefore = ` above "${String((key as Scalar).value)}": ${roll()}`
      // A comment behind a text of several lines, or behind an opening bracket, has no line to stand on.
      if (isScalar(value) && !String(value.value).includes('\n') && roll() % 5 === 0)
        value.comment = ` behind ${roll()}`
    },
    Collection(_, node) {
      if (!isMap(node) && !isSeq(node)) return
      if (roll() % 9 === 0) node.flow = true
      else if (roll() % 7 === 0) node.comment = ` inside, at the end: ${roll()}`
    },
  })
}

function decorateScalar(node: Scalar, number: number): void {
  const style = scalarStyles[number % 12]
  if (typeof node.value === 'string' && style) node.type = style
}
