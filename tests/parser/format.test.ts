import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatWorkflow } from '../../src/parser/format.ts'
import { commentsOf } from '../../src/parser/format-yaml.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'
import { decoratedYaml } from '../generators/decorated-yaml.ts'
import { hostileText } from '../generators/hostile-text.ts'
import { workflowSource } from '../generators/workflow-source.ts'

const yaml = 'workflows/a.yaml'
const markdown = 'workflows/a.workflow.md'

test('formatting keeps the meaning and every comment of a workflow, and formatting again changes nothing', () => {
  let changed = 0
  fc.assert(
    fc.property(decoratedYaml, ({ text, value }) => {
      const formatted = formatWorkflow(text, yaml)
      const read = parseWorkflow(formatted, yaml)
      expect(read.diagnostics).toEqual([])
      expect(read.value).toEqual(value)
      expect(commentsOf(formatted).toSorted()).toEqual(commentsOf(text).toSorted())
      expect(formatWorkflow(formatted, yaml)).toBe(formatted)
      changed += formatted === text ? 0 : 1
    }),
    cases(1000),
  )
  expect(changed).toBeGreaterThan(cases(1000).numRuns * 0.9)
})

test('a printed workflow is formatted already', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      for (const [format, path] of [
        ['yaml', yaml],
        ['markdown', markdown],
      ] as const) {
        const text = printWorkflow(source, format)
        const formatted = formatWorkflow(text, path)
        expect(parseWorkflow(formatted, path).value).toEqual(source)
        expect(formatWorkflow(formatted, path)).toBe(formatted)
        if (format === 'yaml') expect(formatted).toBe(text)
      }
    }),
    cases(60),
  )
})

test('whatever is read without an error means the same when it is formatted, twice as once', () => {
  fc.assert(
    fc.property(hostileText, text => {
      for (const path of [yaml, markdown]) {
        const { value, diagnostics } = parseWorkflow(text, path)
        if (diagnostics.length > 0) continue
        const formatted = formatWorkflow(text, path)
        expect(parseWorkflow(formatted, path).value).toEqual(value)
        expect(formatWorkflow(formatted, path)).toBe(formatted)
      }
    }),
    cases(1000),
  )
})

test('comments stay in order where the fields were in order', () => {
  const text = `# one
name: a   # two
steps:
    # three

    - id: a # four
      # five
      run: make   # six
      timeout: 5m
# eight
`
  expect(formatWorkflow(text, yaml)).toBe(`# one
name: a # two
steps:
  # three

  - id: a # four
    # five
    run: make # six
    timeout: 5m

# eight
`)
})

test('fields get their order, texts lose needless quotes and folded texts keep their lines short', () => {
  const text = `steps:
- prompt: "Write."
  if: '!done'
  id: a
  description: >
     ${'Some words. '.repeat(12).trim()}
  needs: [ a,'b' ]
  retry: {attempts: 1}
name: 'A: b'
`
  expect(formatWorkflow(text, yaml)).toBe(`name: "A: b"
steps:
  - id: a
    description: >
      Some words. Some words. Some words. Some words. Some words. Some words. Some words. Some
      words. Some words. Some words. Some words. Some words.
    if: "!done"
    needs: [a, b]
    prompt: Write.
    retry: { attempts: 1 }
`)
})

const untidyPage = `---
tags: [ a ] # words
---


#   Song
Hi.
## A ##
- **Retry**: 2
* **Agent:** [X](../agents/x.agent.md)
Text


more
## B
\`\`\`\`yaml fields
env: {X:   'y'} # c
run: x
\`\`\`\`
`

test('a workflow in Markdown gets bullets of one kind, empty lines between its parts, and keeps its prompts', () => {
  expect(formatWorkflow(untidyPage, markdown)).toBe(`---
tags: [a] # words
---

# Song

Hi.

## A
* **Agent:** [X](../agents/x.agent.md)
* **Retry:** 2

Text


more

## B

\`\`\`yaml fields
env: { X: y } # c
run: x
\`\`\`
`)
})

test('Windows line breaks stay', () => {
  expect(formatWorkflow('steps:\r\n- run:   x\r\n', yaml)).toBe('steps:\r\n  - run: x\r\n')
})

test('a text of blank lines alone stays between quotes', () => {
  const text = 'name: "\\n"\nsteps:\n  - prompt: "\\n\\n"\n'
  expect(formatWorkflow(text, yaml)).toBe(text)
})
