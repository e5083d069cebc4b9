import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'

const paths = { yaml: 'workflows/a.yaml', markdown: 'workflows/a.workflow.md' } as const

function reread(source: WorkflowSource, format: 'yaml' | 'markdown'): unknown {
  const { value, diagnostics } = parseWorkflow(printWorkflow(source, format), paths[format])
  expect(diagnostics).toEqual([])
  return value
}

test.each(['yaml', 'markdown'] as const)('printing a workflow as %s and reading it again changes nothing', format => {
  fc.assert(
    fc.property(workflowSource, source => {
      expect(reread(source, format)).toEqual(source)
    }),
    cases(1000),
  )
})

test('printing what was read from a printed workflow gives the same text', () => {
  fc.assert(
    fc.property(workflowSource, fc.constantFrom('yaml' as const, 'markdown' as const), (source, format) => {
      const text = printWorkflow(source, format)
      expect(printWorkflow(reread(source, format) as WorkflowSource, format)).toBe(text)
    }),
    cases(1000),
  )
})

test('the order in which fields were written makes no difference', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      expect(printWorkflow(reversed(source) as WorkflowSource, 'yaml')).toBe(printWorkflow(source, 'yaml'))
    }),
    cases(1000),
  )
})

/** The same workflow with the fields of its steps in the opposite order; maps that people fill keep theirs. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const isStep = ['prompt', 'run', 'set', 'parallel', 'steps', 'loop', 'switch'].some(key => key in value)
  const entries = Object.entries(value).map(([key, item]) => [key, isBlock(key) ? reversed(item) : item])
  return Object.fromEntries(isStep ? entries.toReversed() : entries)
}

function isBlock(key: string): boolean {
  return ['parallel', 'steps', 'loop', 'switch'].includes(key)
}

const song: WorkflowSource = {
  steps: [
    {
      as: 'Draft',
      prompt: 'Write a song.\n\nMake it ${mood}.',
      agent: 'lyricist',
      id: 'write_song',
      if: '!is_done',
      retry: { attempts: 2, backoff: '1s' },
    },
    {
      id: 'polish',
      needs: ['write_song', 'warm_up'],
      loop: {
        steps: [{ prompt: 'Polish ${Draft}', id: 'turn' }],
        max: 3,
        until: 'steps.turn.output == "done"',
      },
    },
    { id: 'route', switch: 'mood', cases: { sad: [{ prompt: 'Cry.' }] }, default: [] },
    { id: 'warm_up', run: 'set -e\nmake', env: { MOOD: '${mood}' }, 'on-error': 'continue' },
  ],
  inputs: { mood: { type: 'string', default: 'sad' } },
  name: 'Song',
  description: 'A song in two parts.',
}

const songInYaml = `name: Song
description: A song in two parts.
inputs:
  mood:
    type: string
    default: sad
steps:
  - id: write_song
    if: "!is_done"
    agent: lyricist
    prompt: |-
      Write a song.

      Make it \${mood}.
    as: Draft
    retry:
      attempts: 2
      backoff: 1s
  - id: polish
    needs: [write_song, warm_up]
    loop:
      until: steps.turn.output == "done"
      max: 3
      steps:
        - id: turn
          prompt: Polish \${Draft}
  - id: route
    switch: mood
    cases:
      sad:
        - prompt: Cry.
    default: []
  - id: warm_up
    env:
      MOOD: \${mood}
    run: |-
      set -e
      make
    on-error: continue
`

const songInMarkdown = `---
inputs:
  mood:
    type: string
    default: sad
---

# Song

A song in two parts.

## Write song
* **If:** !is_done
* **Agent:** lyricist
* **Output:** \${Draft}
* **Retry:** { attempts: 2, backoff: 1s }

Write a song.

Make it \${mood}.

## Polish
* **Loop:** until steps.turn.output == "done", max 3
* **Needs:** Write song, Warm up

### Turn

Polish \${Draft}

## Route
* **Switch:** mood

\`\`\`yaml fields
default: []
\`\`\`

###
* **Case:** sad

Cry.

## Warm up
* **Env:** { MOOD: "\${mood}" }
* **On error:** continue

\`\`\`yaml fields
run: |-
  set -e
  make
\`\`\`
`

test('a workflow in YAML has its fields in a steady order and long texts as blocks', () => {
  expect(printWorkflow(song, 'yaml')).toBe(songInYaml)
})

test('a workflow in Markdown reads like a page, and what no bullet can say stands in a block', () => {
  expect(printWorkflow(song, 'markdown')).toBe(songInMarkdown)
})

test.each<[string, WorkflowSource['steps'][number]]>([
  ['a fence that nothing closes', { id: 'a', prompt: 'Look:\n```\n## Not a step' }],
  ['a bullet that looks like a field', { id: 'a', prompt: '* **Agent:** nobody\n\nHi.' }],
  ['blanks around it', { id: 'a', prompt: '  Hi.  \n' }],
  ['a heading of a step', { id: 'a', prompt: 'One.\n\n## Two\n\nThree.' }],
  ['a character that no file may hold', { id: 'a', prompt: 'bad \uFFFD, NUL \0 and half a pair \uD83D' }],
  ['Windows line breaks', { id: 'a', prompt: 'One.\r\nTwo.' }],
  ['nothing', { id: 'a', prompt: '' }],
])('a prompt with %s survives both spellings', (_, step) => {
  expect(reread({ steps: [step] }, 'yaml')).toEqual({ steps: [step] })
  expect(reread({ steps: [step] }, 'markdown')).toEqual({ steps: [step] })
})

test('blocks below the sixth level of headings survive, and so does a switch that headings cannot say', () => {
  let step: WorkflowSource['steps'][number] = { id: 'inmost', prompt: 'Hi.' }
  for (let depth = 0; depth < 8; depth += 1) step = { id: `level_${depth}`, steps: [step] }
  const odd = { id: 'odd', switch: 'x', cases: { ' a ': [{ prompt: 'A.' }], b: [] } }
  const twins = {
    id: 'twins',
    switch: [
      { when: 'x', steps: [] },
      { when: 'x', steps: [{ prompt: 'X.' }] },
    ],
  }
  const source = { steps: [step, odd, twins] }
  expect(reread(source, 'yaml')).toEqual(source)
  expect(reread(source, 'markdown')).toEqual(source)
})
