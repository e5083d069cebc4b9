import fc from 'fast-check'
import { expect, test } from 'vitest'
import { harmless, terminalText } from '../../src/ui/run/terminal-text.ts'
import { cases } from '../generators/cases.ts'

const pieces = [
  ...['a', 'Tea', ' ', '\n', '\t', '\r', '31', ';', 'm', 'H', 'J', '?', '[', ']', '0', '\\'],
  ...['\u001b', '\u001b[', '\u001b[31m', '\u001b[2J', '\u001b]0;title\u0007', '\u001bP', '\u001b\\', '\u001bc'],
  ...['\u009b', '\u009d', '\u009c', '\u0090', '\u0007', '\u0008', '\u0000', '\u007f', '\u0085', '…', '😀'],
]
const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map(parts => parts.join(''))

test('whatever a model writes, a terminal is told letters, line ends, tabs and colours only', () => {
  fc.assert(
    fc.property(hostile, text => {
      const shown = harmless(text)
      // What is left of the escapes is colours, and nothing of the control characters is left.
      const plain = shown.replace(/\u001b\[[\d;:]*m/g, '')
      expect(plain).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      expect(harmless(shown)).toBe(shown)
    }),
    cases(2000),
  )
})

test('text without anything to be obeyed stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'ß', '…', '😀', '\n', '\t', '[31m', ']', ';') }), text => {
      expect(harmless(text)).toBe(text)
    }),
    cases(300),
  )
})

test('titles, links and whole device strings go, colours stay', () => {
  expect(harmless('a\u001b]8;;https://example.org\u001b\\b\u001b]8;;\u001b\\c')).toBe('abc')
  expect(harmless('\u001bPq#0;2;0;0;0#0!5~\u001b\\x')).toBe('x')
  expect(harmless('\u001b[1;31mred\u001b[0m\u001b[10;10H\u001b[?1049h')).toBe('\u001b[1;31mred\u001b[0m')
  expect(harmless('never ends \u001b]52;c;aGk=')).toBe('never ends ')
})

test('pieces of one answer go on where the piece before ended; another step begins a line of its own', () => {
  const piece = (path: string, text: string) => ({ kind: 'agent', timeMs: 0, path, text, isStreamed: true }) as const
  const [one, two, other] = [piece('a', 'Te'), piece('a', 'a'), piece('b', 'Cake')]
  expect(terminalText(two, one)).toBe('a')
  expect(terminalText(other, two)).toMatch(/^\r\n.*Cake$/)
})
