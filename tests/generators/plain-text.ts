import fc from 'fast-check'

/** Lines that mean something in YAML or in Markdown, and must mean nothing inside a text. */
const trickyLines = [
  'Write it down.',
  'a: b',
  '- item',
  '* **Agent:** nobody',
  '- **Run**: rm',
  '# Heading',
  '## Heading',
  '### Heading',
  '##### Heading',
  '```',
  '```yaml fields',
  '~~~',
  '---',
  '...',
  '',
  '  indented',
  'trailing  ',
  'tab\there',
  '"double" and \'single\'',
  'back\\slash',
  '$${literal}',
  '{ x: y }',
  '[a, b]',
  '!tag',
  '&anchor',
  '*alias',
  '? key',
  '| pipe',
  '> fold',
  '% percent',
  'true',
  '12',
  'null',
  '~',
  'Fix #4 # now',
  'Straße, 東京 🙂',
  '\u200bzero width',
]
const word = fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replace(/[$\uFFFD\0]|\p{Surrogate}/gu, ''))
const line = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...trickyLines) }, { weight: 1, arbitrary: word })

/** Texts of one or more lines, without a template. */
export const plainText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }).map(lines => lines.join('\n')) },
  { weight: 1, arbitrary: fc.constant('One line that is long enough to be folded. '.repeat(6).trim()) },
)
