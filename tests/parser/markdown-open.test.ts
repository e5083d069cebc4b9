import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatWorkflow } from '../../src/parser/format.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from '../generators/cases.ts'
import { plainText } from '../generators/plain-text.ts'

const path = 'workflows/a.workflow.md'

/** The only step of a text, without its id. */
function stepOf(text: string): unknown {
  const { value, diagnostics } = parseWorkflow(text, path)
  expect(diagnostics).toEqual([])
  const [{ id, ...step } = { id: undefined }, ...others] = (value as { steps: { id?: string }[] }).steps
  expect([id, others]).toEqual(['a', []])
  return step
}

test.each<[string, string, object]>([
  ['* **Run**', '\n```sh\nmake\nmake test\n```', { run: 'make\nmake test' }],
  ['* **Run:**', '```\nmake\n```', { run: 'make' }],
  ['* **Run**:\n* **Retry:** 2', '\n~~~bash\nmake\n~~~', { run: 'make', retry: 2 }],
  ['* **Run**', 'Builds it:\n\n```\nmake\n```\n\nSlowly.', { run: 'make', description: 'Builds it:\n\nSlowly.' }],
  ['* **Run**', '```\nmake\n```\n\n```\nsecond\n```', { run: 'make', description: '```\nsecond\n```' }],
  ['* **Run**', '  ```sh\n  if true; then\n    make\n  fi\n  ```', { run: 'if true; then\n  make\nfi' }],
  ['-   **Run**', '    ```sh\n    make\n    ```', { run: 'make' }],
  ['* **Run**', '\n\t```sh\n\tmake\n\t```', { run: 'make' }],
  ['* **Run**', '```sh\r\nmake\r\nmake test\r\n```', { run: 'make\nmake test' }],
  ['* **Run**', '```sh\nmake', { run: 'make' }],
  ['* **Run**', '\nNo command.', { run: '', description: 'No command.' }],
  ['* **Run**', 'X\n```yaml fields\na: b\n```', { run: '', description: 'X\n```yaml fields\na: b\n```' }],
  ['* **Run:** make', '```\nAn example.\n```', { run: 'make', description: '```\nAn example.\n```' }],
  ['* **Prompt**', '\nWrite.', { prompt: 'Write.' }],
  ['* **Prompt:**', '```text\nWrite.\n```', { prompt: 'Write.' }],
  ['* **Ask**', '```\nPublish it?\n```', { ask: 'Publish it?' }],
  ['* **Ask:**', '\nPublish it?\n\n```\n+ line\n```', { ask: 'Publish it?\n\n```\n+ line\n```' }],
  ['* **Kilo:**', '\nAdd a test.\n\nThen run it.', { kilo: 'Add a test.\n\nThen run it.' }],
  ['* **Run**\n* **Input:** ${Plan}', '```\nmake "$Plan"\n```', { run: 'make "$Plan"', env: { Plan: '${Plan}' } }],
])('%s takes what stands below it: %j', (bullets, below, step) => {
  expect(stepOf(`## A\n${bullets}\n${below}\n`)).toEqual(step)
})

test('any script comes out of its fenced block as it went in', () => {
  fc.assert(
    fc.property(plainText, fc.constantFrom('', '  '), (script, indentation) => {
      const lines = ['~~~~~~sh', ...script.split('\n'), '~~~~~~'].map(line => indentation + line)
      const text = `## A\n* **Run**\n${lines.join('\n')}\n`
      expect(stepOf(text)).toEqual({ run: script })
      expect(stepOf(formatWorkflow(text, path))).toEqual({ run: script })
    }),
    cases(100),
  )
})

test('an expression in a text below its bullet is found in the file', () => {
  const text = '## A\n* **Ask**\n\n```\nPublish\n${steps.b.output}?\n```\n'
  const start = 'Publish\n${'.length
  const { offset, endOffset } = parseWorkflow(text, path).spanWithin(['steps', 0, 'ask'], start, start + 14)
  expect(text.slice(offset, endOffset)).toBe('steps.b.output')
})

test.each(['Prompt', 'Run', 'Ask', 'Kilo'])('a bullet %s with nothing below it is an empty text', kind => {
  expect(stepOf(`## A\n* **${kind}**\n`)).toEqual({ [kind.toLowerCase()]: '' })
})

test('a fence that is indented like code stays text where no bullet stands above it', () => {
  const { value } = parseWorkflow('## A\nWrite:\n\n    ```\n\n## B\nHi.\n', path)
  expect(value).toEqual({
    steps: [
      { id: 'a', prompt: 'Write:\n\n    ```' },
      { id: 'b', prompt: 'Hi.' },
    ],
  })
})
