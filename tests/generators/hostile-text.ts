import fc from 'fast-check'
import { printWorkflow } from '../../src/parser/print.ts'
import { workflowSourceOf } from './workflow-source.ts'

const sound = fc
  .sample(workflowSourceOf(2), { numRuns: 25, seed: 4 })
  .flatMap(source => [printWorkflow(source, 'yaml'), printWorkflow(source, 'markdown')])

/** Pieces that mean something to YAML, Markdown or the language. */
const tokens = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    ': ',
    '- ',
    '? ',
    '|',
    '>',
    '#',
    ' #',
    '&a ',
    '*a',
    '!',
    '!!binary ',
    '%',
    '@',
    '`',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '  ',
    '\n\n',
    '---\n',
    '...\n',
    '```\n',
    '```yaml fields\n',
    '~~~',
    '# ',
    '## ',
    '###### ',
    '* **',
    ':** ',
  ],
  ...[
    '* **Loop:** until x, max 2\n',
    '* **Switch:** kind\n',
    '* **Case:** a\n',
    '* **Input:** ${A}, ${b.c}\n',
    '* **Parallel**\n',
  ],
  ...[
    '${',
    '$${',
    '}',
    '${a}',
    'steps',
    'id: a',
    '__proto__: 1\n',
    'constructor: {}\n',
    '<<: *a\n',
    '\0',
    '\uFEFF',
    '\uFFFD',
    '\u2028',
  ],
  ...[
    '\uD800',
    '-',
    '-0',
    '1e999',
    '.inf',
    '.nan',
    '0x1F',
    'null',
    '~',
    'true',
    '[[[[[[[[',
    '{{{{{{{{',
    '- - - - ',
    '\\',
    '\\x',
    '\\u12',
  ],
]

interface Edit {
  readonly at: number
  readonly length: number
  readonly action: 'delete' | 'repeat' | 'move' | 'insert'
  readonly token: string
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(300) }),
  action: fc.constantFrom('delete', 'repeat', 'move', 'insert', 'insert'),
  token: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...tokens) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  ),
})

function apply(text: string, { at, length, action, token }: Edit): string {
  const start = Math.floor(at * text.length)
  const [before, piece, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)]
  switch (action) {
    case 'delete':
      return before + after
    case 'repeat':
      return before + piece + piece + after
    case 'move':
      return before + after + piece
    case 'insert':
      return before + token + piece + after
  }
}

/** One of the texts after a few edits that nobody would make on purpose. */
export function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([text, edits]) => edits.reduce(apply, text))
}

/** Workflow files, in both spellings, after a few edits that nobody would make on purpose; and pure noise. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: mutated(sound) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...tokens), { maxLength: 40 }).map(parts => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
)
