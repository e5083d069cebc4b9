import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseEnvironment, readEnvironment } from '../../src/system/environment.ts'

test.each([
  ['a plain value', 'KEY=value', { KEY: 'value' }],
  ['spaces around', '  KEY =  a b  ', { KEY: 'a b' }],
  ['the word export', 'export KEY=1', { KEY: '1' }],
  ['an empty value', 'KEY=', { KEY: '' }],
  ['an equals sign in the value', 'KEY=a=b==', { KEY: 'a=b==' }],
  ['double quotes and escapes', 'KEY="a \\"b\\"\\n# c" # note', { KEY: 'a "b"\n# c' }],
  ['single quotes, taken literally', "KEY='a \\n $B'", { KEY: 'a \\n $B' }],
  ['a comment after a value', 'KEY=value # note', { KEY: 'value' }],
  ['a hash inside a value', 'KEY=a#b', { KEY: 'a#b' }],
  ['a value that is only a comment', 'KEY= # note', { KEY: '' }],
  ['comments and lines that are no assignment', '# KEY=1\n\nnonsense\n1KEY=2\r\nA=1\r\nB=2', { A: '1', B: '2' }],
  ['a name given twice: the last one counts', 'A=1\nA=2', { A: '2' }],
])('an .env file may hold %s', (_, text, expected) => {
  expect(parseEnvironment(text)).toEqual(expected)
})

test('the environment of the process wins over the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-env-'))
  const path = join(folder, '.env')
  writeFileSync(path, 'A=file\nB=file\n')
  expect(readEnvironment(path, { A: 'process', C: undefined })).toEqual({ A: 'process', B: 'file' })
  expect(readEnvironment(join(folder, 'absent'), { A: '1' })).toEqual({ A: '1' })
  expect(() => readEnvironment(folder, {})).toThrow('EISDIR')
  rmSync(folder, { recursive: true })
})
