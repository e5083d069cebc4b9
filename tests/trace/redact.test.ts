import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor, redactSent } from '../../src/trace/redact.ts'
import { cases } from '../generators/cases.ts'
import { visibleText } from '../../src/model/visible-text.ts'

const value = 'p4ss/w"ö rd+~'
const redactor = createRedactor({ API_KEY: value })

const forms: Record<string, (text: string) => string> = {
  'as it is': text => text,
  'in Base64': text => Buffer.from(text).toString('base64'),
  'in Base64 for URLs': text => Buffer.from(text).toString('base64url'),
  'in the Base64 of a header': text => Buffer.from(`user:${text}:x`).toString('base64'),
  'in a URL': encodeURIComponent,
  'in a form': text => new URLSearchParams({ '': text }).toString().slice(1),
  'in JSON': text => JSON.stringify(text).slice(1, -1),
  'in JSON inside JSON': text => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  'in JSON of plain ASCII': text => JSON.stringify(text).slice(1, -1).replace('ö', '\\u00f6'),
  'in hexadecimal': text => Buffer.from(text).toString('hex'),
}

test.each(Object.entries(forms))('a secret %s is taken out', (_, write) => {
  const written = write(value)
  const redacted = redactor.text(`before ${written} after ${written}`)
  expect(redacted).toMatch(/^before .{0,16}\[secret API_KEY\].{0,4} after .{0,16}\[secret API_KEY\].{0,4}$/)
  expect(redacted).not.toContain(written)
})

test('no secret survives, in any form, wherever it stands and whatever stands beside it', () => {
  const secret = fc.string({ minLength: 8, unit: 'binary' }).filter(text => !/[[\]]/.test(text) && text.isWellFormed())
  const form = fc.constantFrom(...Object.values(forms))
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), form, fc.string())),
      (values, parts) => {
        const secrets = Object.fromEntries(values.map((text, index) => [`S${index}`, text]))
        const text = parts.map(([index, write, beside]) => write(values[index % values.length] ?? '') + beside).join('')
        const redacted = createRedactor(secrets).text(text)
        for (const write of [forms['as it is'], forms['in Base64'], forms['in a URL'], forms['in JSON']]) {
          for (const item of values) expect(redacted).not.toContain(write?.(item))
        }
      },
    ),
  )
})

test('secrets that overlap are both taken out', () => {
  const both = createRedactor({ A: 'abcdef', B: 'defghi' })
  expect(both.text('xabcdefghiy')).toBe('x[secret A]y')
  expect(createRedactor({ SHORT: 'abcd', LONG: 'abcdef' }).text('abcdef abcd')).toBe('[secret LONG] [secret SHORT]')
})

test('values are redacted at any depth, keys included', () => {
  const json = { list: [`a ${value}`, 1, null], [value]: { deep: value } }
  expect(redactor.json(json)).toEqual({
    list: ['a [secret API_KEY]', 1, null],
    '[secret API_KEY]': { deep: '[secret API_KEY]' },
  })
})

test('text without a secret is left as it is, and what is too short to be one is none', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      expect(redactor.text(text)).toBe(text)
    }),
  )
  expect(createRedactor({ EMPTY: '', ONE: 'a' }).text('a banana')).toBe('a banana')
})

test('hidden characters are shown as their codes', () => {
  expect(visibleText('a\u202eb\u200bc\u001b[2J\u0000\u{e0041}\ufeff')).toBe(
    'a\\u{202e}b\\u{200b}c\\u{1b}[2J\\u{0}\\u{e0041}\\u{feff}',
  )
})

test('what people write every day is left as it is', () => {
  const everyday = 'Grüße, 雪 и чай ⚠️ 👍\n\ttabbed\n'
  expect(visibleText(everyday)).toBe(everyday)
  expect(visibleText('one\r\ntwo')).toBe('one\ntwo')
})

test('a text in pieces is shown as it is shown whole, wherever it is cut, and nothing of a secret before it is whole', () => {
  const secrets = { ONE: 'abcabd', TWO: 'bdx"y' }
  const redactor = createRedactor(secrets)
  const part = fc.constantFrom('ab', 'abc', 'abcabd', 'bd', 'x"y', 'bdx"y', ' ', 'Word', 'YWJjYWJk')
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      (parts, sizes) => {
        const text = parts.join('')
        const stream = redactor.stream()
        let shown = ''
        for (let at = 0; at < text.length; ) {
          const size = sizes.next().value ?? 1
          shown += stream.push(text.slice(at, at + size))
          at += size
        }
        shown += stream.end()
        for (const secret of [...Object.values(secrets), 'YWJjYWJk']) expect(shown).not.toContain(secret)
        if (redactor.text(text) === text) expect(shown).toBe(text)
      },
    ),
    cases(1000),
  )
})

test('what was JSON is JSON still, though a number or a word of it looks like a secret', () => {
  const { text, json } = createRedactor({ PIN: '1795', WORD: 'true' })
  const sent = JSON.stringify({ atMs: 1_795_296_373_944, isOn: true, word: 'my 1795', list: ['true'] })
  expect(JSON.parse(redactSent({ text, json }, sent))).toEqual({
    ...{ atMs: 1_795_296_373_944, isOn: true, word: 'my [secret PIN]', list: ['[secret WORD]'] },
  })
  expect(redactSent({ text, json }, 'orchestrate_runs 1795\n')).toBe('orchestrate_runs [secret PIN]\n')
})
