import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diagnosticJson, formatDiagnostic, formatDiagnostics, githubCommand } from '../../src/cli/print-diagnostics.ts'
import { colourPaint } from '../../src/cli/paint.ts'
import { textWidth } from '../../src/cli/text-width.ts'
import { type Diagnostic, lineStartsOf, spanAt } from '../../src/model/diagnostic.ts'

const path = 'workflows/digest.yaml'

/** A diagnostic about the first place of a text that a word has. */
function about(text: string, word: string, over: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(word)
  const span = spanAt(path, lineStartsOf(text), start, start + word.length)
  return { code: 'UNKNOWN_STEP', severity: 'error', message: 'No step is called "sumarize".', span, ...over }
}

test('a diagnostic shows its place, its line with a mark, and what to try', () => {
  const text = `${'\n'.repeat(8)}    needs: [sumarize]\n`
  const diagnostic = about(text, 'sumarize', { hint: 'Did you mean "summarize"?' })
  expect(formatDiagnostics([diagnostic], new Map([[path, text]]))).toBe(
    `workflows/digest.yaml:9:13 error[UNKNOWN_STEP] No step is called "sumarize".

  9 |     needs: [sumarize]
    |             ^^^^^^^^
  hint: Did you mean "summarize"?
`,
  )
})

test('diagnostics stand apart from each other', () => {
  const text = 'a: b\nc: d\n'
  const shown = formatDiagnostics([about(text, 'b'), about(text, 'd')], new Map([[path, text]]))
  expect(shown).toContain('^\n\nworkflows/digest.yaml:2:4')
})

test.each([
  ['a tab', '\t\tprompt: wrong', 'wrong', '            '],
  ['letters of double width', '日本: wrong', 'wrong', '      '],
  ['an emoji of several parts', '👍🏽: wrong', 'wrong', '    '],
  ['letters with accents apart', 'e\u0301a\u0300: wrong', 'wrong', '    '],
])('the mark stands under its place behind %s', (_what, text, word, gap) => {
  const lines = formatDiagnostic(about(text, word), text).split('\n')
  expect(lines[3]).toBe(`    | ${gap}^^^^^`)
})

test('a mark is as wide as what it marks', () => {
  const text = 'a: 日本語!'
  expect(formatDiagnostic(about(text, '日本語'), text)).toMatch(/\| {4}\^{6}$/)
})

test('the mark stands under its place whatever the line holds', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 300 }).map(text => text.replaceAll(/[\r\n]/g, ''))
  fc.assert(
    fc.property(line, line, (before, after) => {
      const text = `${before}§${after}`
      fc.pre(!before.includes('§') && text.trim() !== '§')
      const [, , shown = '', mark = ''] = formatDiagnostic(about(text, '§'), text).split('\n')
      expect(textWidth(mark.slice(0, mark.indexOf('^')))).toBe(textWidth(shown.slice(0, shown.indexOf('§'))))
    }),
  )
})

test('what a reader cannot see is made visible', () => {
  const text = 'prompt: a\u202eb\u001b[31m'
  const shown = formatDiagnostic(about(text, 'b', { message: 'No \u001b[2J step.' }), text)
  expect(shown).toContain('No \\u{1b}[2J step.')
  expect(shown).toContain('a\\u{202e}b\\u{1b}[31m')
  expect(shown).not.toMatch(/[\u001b\u202e]/)
})

test('a mark that goes over several lines ends with the first', () => {
  const text = 'steps:\n  - id: a\n    prompt: b\n'
  expect(formatDiagnostic(about(text, 'id: a\n    prompt'), text).split('\n').slice(2)).toEqual([
    '  2 |   - id: a',
    '    |     ^^^^^',
  ])
})

test('an empty place still has a mark', () => {
  const text = 'a: '
  const span = spanAt(path, lineStartsOf(text), 3, 3)
  expect(formatDiagnostic({ ...about(text, 'a'), span }, text)).toMatch(/\| {4}\^$/)
})

test('of a very long line the part around the place is shown', () => {
  const text = `prompt: ${'x'.repeat(5000)}wrong${'y'.repeat(5000)}`
  const [, , shown = '', mark = ''] = formatDiagnostic(about(text, 'wrong'), text).split('\n')
  expect(shown.length).toBeLessThan(200)
  expect(shown.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('wrong')
})

test('lines that end in CR LF look like others', () => {
  const text = 'a: b\r\nc: d\r\n'
  expect(formatDiagnostic(about(text, 'b'), text)).toBe(formatDiagnostic(about(text, 'b'), text.replaceAll('\r', '')))
})

test('without its text a diagnostic is its place, message and hint', () => {
  const shown = formatDiagnostic(about('x', 'x', { code: 'UNREADABLE', hint: 'Save it as UTF-8.' }), undefined)
  expect(shown.split('\n')).toHaveLength(2)
})

test('colours change nothing but the colour', () => {
  const text = 'needs: [sumarize]'
  const diagnostic = about(text, 'sumarize', { hint: 'Did you?' })
  const coloured = formatDiagnostic(diagnostic, text, { paint: colourPaint })
  expect(coloured).toContain('\u001b[31merror[UNKNOWN_STEP]\u001b[39m')
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(formatDiagnostic(diagnostic, text))
})

test('GitHub is told with its own escapes', () => {
  const text = 'needs: [a]'
  const diagnostic = about(text, 'a', { severity: 'warning', message: '100 %, or\nmore', hint: 'Less: 5 %.' })
  const odd = { ...diagnostic, span: { ...diagnostic.span, path: 'workflows/a,b:c.yaml' } }
  expect(githubCommand(odd)).toBe(
    '::warning file=workflows/a%2Cb%3Ac.yaml,line=1,endLine=1,col=9,endColumn=10,title=UNKNOWN_STEP::100 %25, or%0Amore%0ALess: 5 %25.',
  )
})

test('a machine is told all of it', () => {
  const text = 'needs: [ab]'
  expect(diagnosticJson(about(text, 'ab', { hint: 'Did you?' }))).toEqual({
    ...{ code: 'UNKNOWN_STEP', severity: 'error', message: 'No step is called "sumarize".', hint: 'Did you?' },
    ...{ line: 1, column: 9, endLine: 1, endColumn: 11 },
  })
})
