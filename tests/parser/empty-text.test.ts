import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'
import { generatedLibrary } from '../generators/workflow-source.ts'

/** What is said of a text: where, what, and what to try. */
function saidOf(text: string, path: string): string[] {
  const { diagnostics } = check(parseWorkflow(text, path), generatedLibrary)
  return diagnostics.map(({ code, severity, message, hint, span }) => {
    const place = `${span.line}:${span.column} ${text.slice(span.offset, span.endOffset)}`
    return `${place} ${severity} ${code} ${message} | ${hint ?? ''}`
  })
}

test.each([
  ['- prompt: ""', '2:11 "" error BAD_VALUE `prompt` is empty. | Write what is asked, such as `Write one slogan.`.'],
  [
    '- prompt: { text: " " }',
    '2:19 " " error BAD_VALUE `text` is empty. | Write what is asked, such as `Write one slogan.`.',
  ],
  ['- run: " "', '2:8 " " error BAD_VALUE `run` is empty. | Write a command, such as `npm test`.'],
  ['- run: { command: "" }', '2:19 "" error BAD_VALUE `command` is empty. | Write a command, such as `npm test`.'],
  ['- ask: "\\n"', '2:8 "\\n" error BAD_VALUE `ask` is empty. | Write a question, such as `Publish it?`.'],
  [
    '- ask: { question: "" }',
    '2:20 "" error BAD_VALUE `question` is empty. | Write a question, such as `Publish it?`.',
  ],
  ['- kilo: ""', '2:9 "" error BAD_VALUE `kilo` is empty. | Write a task, such as `Add a test for the parser.`.'],
  [
    '- kilo: { task: "" }',
    '2:17 "" error BAD_VALUE `task` is empty. | Write a task, such as `Add a test for the parser.`.',
  ],
])('in YAML, %s is refused', (step, said) => {
  expect(saidOf(`steps:\n${step}\n`, 'workflows/a.yaml')).toEqual([said])
})

test.each([
  [
    '* **Run**\n\nNo command.',
    '2:5 Run error BAD_VALUE `run` is empty. | Write a command behind the bullet, or in a fenced block below it.',
  ],
  [
    '* **Run**\n```\n \n```',
    '4:1   error BAD_VALUE `run` is empty. | Write a command behind the bullet, or in a fenced block below it.',
  ],
  [
    '* **Prompt:**',
    '2:5 Prompt error BAD_VALUE `prompt` is empty. | Write what is asked, such as `Write one slogan.`.',
  ],
  ['* **Ask**:', '2:5 Ask error BAD_VALUE `ask` is empty. | Write a question, such as `Publish it?`.'],
  ['* **Kilo**', '2:5 Kilo error BAD_VALUE `kilo` is empty. | Write a task, such as `Add a test for the parser.`.'],
])('in Markdown, %j is refused', (lines, said) => {
  expect(saidOf(`## A\n${lines}\n`, 'workflows/a.workflow.md')).toEqual([said])
})

test('blanks of any kind are no text, in both spellings and wherever a step stands', () => {
  const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\t'), maxLength: 5 })
  const kind = fc.constantFrom('prompt' as const, 'run' as const, 'ask' as const, 'kilo' as const)
  fc.assert(
    fc.property(blank, kind, fc.boolean(), (text, name, isUndo) => {
      const empty = { [name]: text }
      const source = { steps: [isUndo ? { id: 'a', run: 'make', undo: empty } : { id: 'a', steps: [empty] }] }
      for (const [format, path] of [
        ['yaml', 'a.yaml'],
        ['markdown', 'a.workflow.md'],
      ] as const) {
        const { diagnostics } = check(parseWorkflow(printWorkflow(source, format), path), generatedLibrary)
        expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
          `BAD_VALUE \`${name}\` is empty.`,
        ])
      }
    }),
    cases(100),
  )
})
