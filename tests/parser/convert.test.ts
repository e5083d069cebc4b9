import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import { convertWorkflow, withoutLastBreaks } from '../../src/parser/convert.ts'
import { commentsOf } from '../../src/parser/format-yaml.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'
import { plainText } from '../generators/plain-text.ts'
import { decoratedYaml } from '../generators/decorated-yaml.ts'
import { workflowSource } from '../generators/workflow-source.ts'

const paths = { yaml: 'a.yaml', markdown: 'a.workflow.md' } as const

test('a workflow means the same in both spellings, and there and back', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const markdown = convertWorkflow(printWorkflow(source, 'yaml'), source, 'markdown')
      const meant = withoutLastBreaks(source)
      expect(parseWorkflow(markdown.text, paths.markdown).value).toEqual(meant)
      const yaml = convertWorkflow(markdown.text, meant, 'yaml')
      expect(parseWorkflow(yaml.text, paths.yaml).value).toEqual(meant)
    }),
    cases(1000),
  )
})

test('every comment is either carried over or named as left behind', () => {
  fc.assert(
    fc.property(decoratedYaml, ({ text, value }) => {
      const source = WorkflowSource.parse(value)
      const { text: markdown, commentsLeft } = convertWorkflow(text, source, 'markdown')
      const read = parseWorkflow(markdown, paths.markdown)
      expect(read.diagnostics).toEqual([])
      expect(read.value).toEqual(withoutLastBreaks(source))
      const carried = commentsOf(text).filter(comment => !commentsLeft.includes(comment))
      for (const comment of carried) expect(markdown).toContain(comment)
      const back = convertWorkflow(markdown, withoutLastBreaks(source), 'yaml')
      expect(parseWorkflow(back.text, paths.yaml).value).toEqual(withoutLastBreaks(source))
      expect(commentsOf(back.text).length + back.commentsLeft.length).toBe(
        commentsOf(text).length - commentsLeft.length,
      )
    }),
    cases(100),
  )
})

const yaml = `# What this is for
name: Song   # a title
# How often
tags: [nightly] # words
# The work
steps:
  - id: write # in a step
    prompt: Write.
`

test('comments on fields of the workflow go into the front matter', () => {
  const source = WorkflowSource.parse(parseWorkflow(yaml, paths.yaml).value)
  const { text, commentsLeft } = convertWorkflow(yaml, source, 'markdown')
  expect(text).toBe(`---
# What this is for
# a title
# How often
tags: [nightly] # words

# The work
---

# Song

## Write

Write.
`)
  expect(commentsLeft).toEqual(['# in a step'])
  expect(convertWorkflow(text, source, 'yaml')).toEqual({
    text: `name: Song
# What this is for
# a title
# How often
tags: [nightly] # words

# The work
steps:
  - id: write
    prompt: Write.
`,
    commentsLeft: [],
  })
})

test('an introduction that the front matter outdoes becomes a comment', () => {
  const text = `---
# On the front
name: Song
description: In short
---
Before it.

# Another title

At length:

* one
* two

## Write

Write.
`
  const { value } = parseWorkflow(text, paths.markdown)
  expect(value).toMatchObject({ name: 'Song', description: 'In short' })
  const { text: converted } = convertWorkflow(text, WorkflowSource.parse(value), 'yaml')
  expect(converted).toBe(`# Before it.
#
# Another title
#
# At length:
#
# * one
# * two
# On the front
name: Song
description: In short
steps:
  - id: write
    prompt: Write.
`)
})

test('no line of an introduction is lost on the way to YAML, whatever the front matter says', () => {
  let compared = 0
  fc.assert(
    fc.property(plainText, fc.constantFrom('', 'name: N\n', 'description: D\n'), (words, fields) => {
      const text = `---\n${fields}---\n# Title\n\n${words}\n\n## A\n\nHi.\n`
      const { value, diagnostics } = parseWorkflow(text, paths.markdown)
      const read = WorkflowSource.safeParse(value)
      if (diagnostics.length > 0 || !read.success || read.data.steps[0]?.id !== 'a') return
      const converted = convertWorkflow(text, read.data, 'yaml').text
      expect(parseWorkflow(converted, paths.yaml).value).toEqual(value)
      const comments = commentsOf(converted).map(comment => comment.slice(1).trim())
      const { name = '', description = '' } = read.data
      const kept = [name, ...description.split('\n'), ...comments].map(line => line.trim())
      const written = ['Title', ...words.split('\n')].map(line => line.trim())
      expect(kept).toEqual(expect.arrayContaining(written.filter(line => line !== '')))
      compared += 1
    }),
    cases(150),
  )
  expect(compared).toBeGreaterThan(cases(150).numRuns / 3)
})
