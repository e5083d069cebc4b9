import { expect, test } from 'vitest'
import { parseWorkflow } from '../../src/parser/parse.ts'

const path = 'workflows/a.workflow.md'

/** The steps of a text, without the ids that its headings give where they are not asked for. */
function stepsOf(text: string): unknown[] {
  const { value, diagnostics } = parseWorkflow(text, path)
  expect(diagnostics).toEqual([])
  return (value as { steps: unknown[] }).steps
}

/** The fields of a single step from its bullets. */
function fieldsOf(...bullets: string[]): unknown {
  const [step] = stepsOf(`## Step\n${bullets.join('\n')}\n\nDo it.\n`)
  const { id, prompt, ...fields } = step as Record<string, unknown>
  expect({ id, prompt }).toEqual({ id: 'step', prompt: 'Do it.' })
  return fields
}

const songBook = `---
tags: [music]
---
# Song Book

Songs about the weather.

## Gather Ideas
* **Agent:** [Lyricist](../agents/lyricist.agent.md)
* **Input:** \${Weather}
* **Output:** \${Ideas}

Find five ideas.

* no rhymes yet

### Not a step
Just text.

## Choose
- **Agent**: Music Critic
- **Depends on**: Gather Ideas
- **Input**: \${Ideas}

Choose the best.
`

test('a whole workflow is read from its headings, bullets and texts', () => {
  const { value, diagnostics } = parseWorkflow(songBook, path)
  expect(diagnostics).toEqual([])
  expect(value).toEqual({
    name: 'Song Book',
    description: 'Songs about the weather.',
    tags: ['music'],
    inputs: { Weather: 'string' },
    steps: [
      {
        id: 'gather_ideas',
        agent: 'lyricist',
        as: 'Ideas',
        prompt: 'Weather: ${Weather}\n\nFind five ideas.\n\n* no rhymes yet\n\n### Not a step\nJust text.',
      },
      { id: 'choose', agent: 'music_critic', needs: 'gather_ideas', prompt: 'Ideas: ${Ideas}\n\nChoose the best.' },
    ],
  })
})

test.each<[string, unknown]>([
  ['* **Agent:** writer', { agent: 'writer' }],
  ['* **Agent:** code-reviewer', { agent: 'code-reviewer' }],
  ['* **Agent:** Code Reviewer', { agent: 'code_reviewer' }],
  ['* **Agent:** [The Reviewer](../agents/team/reviewer.agent.md)', { agent: 'reviewer' }],
  ['* **Agent:** { name: judge, temperature: 0 }', { agent: { name: 'judge', temperature: 0 } }],
  ['+ **MODEL:** gpt-4o', { model: 'gpt-4o' }],
  ['- **On error**: Continue', { 'on-error': 'continue' }],
  ['* **on-error:** fail', { 'on-error': 'fail' }],
  ['* **Timeout:** 90s', { timeout: '90s' }],
  ['* **Retry:** 3', { retry: 3 }],
  ['* **Retry:** { attempts: 3, backoff: 1s }', { retry: { attempts: 3, backoff: '1s' } }],
  ['* **If:** `steps.a.output > 1`', { if: 'steps.a.output > 1' }],
  ['* **If:** !steps.a.output', { if: '!steps.a.output' }],
  ['* **If:** true', { if: true }],
  ['* **Context:** all', { context: 'all' }],
  ['* **Context:** Gather Ideas, choose', { context: ['gather_ideas', 'choose'] }],
  ['* **Needs:** none', { needs: [] }],
  ['* **Needs:** A, Build it', { needs: ['a', 'build_it'] }],
  ['* **Output:** ${Plan}', { as: 'Plan' }],
  ['* **Output:** ${Plan}, ${Risks}', { as: ['Plan', 'Risks'] }],
  ['* **Output:** json', { output: 'json' }],
  ['* **Output:** [Score](../../schemas/a/score.json)', { output: 'schemas/a/score.json' }],
  ['* **Output:** [yes, no]', { output: ['yes', 'no'] }],
  ['* **Output:** { score: number }', { output: { score: 'number' } }],
  ['* **Output:** ${Plan}\n* **Output:** json', { as: 'Plan', output: 'json' }],
  ['* **As:** Plan, Risks', { as: ['Plan', 'Risks'] }],
  ['* **Description:** Two lines\n  make one.', { description: 'Two lines make one.' }],
])('%s sets %j', (bullet, fields) => {
  expect(fieldsOf(bullet)).toEqual(fields)
})

test('a command gets its inputs through its environment, and its text describes it', () => {
  expect(
    stepsOf('## Test\n* **Run:** `npm test`\n* **Input:** ${Plan}, ${steps.a.output}\n\nRuns the tests.\n'),
  ).toEqual([
    {
      id: 'test',
      run: 'npm test',
      env: { Plan: '${Plan}', steps_a_output: '${steps.a.output}' },
      description: 'Runs the tests.',
    },
  ])
})

test('what is longer stands in a block of fields', () => {
  const text = '## Sum\n\n* **As:** Sum\n\n```yaml fields\nset:\n  total: ${steps.a.output + 1}\n```\n\nAdds one.\n'
  const set = { total: '${steps.a.output + 1}' }
  expect(stepsOf(text)).toEqual([{ id: 'sum', as: 'Sum', set, description: 'Adds one.' }])
})

test('a fenced block in a prompt is text, headings inside it too', () => {
  const prompt = 'Use this:\n\n```md\n## No step\n* **Agent:** nobody\n```\n\nand *that*.'
  expect(stepsOf(`## One\n\n${prompt}\n\n## Two\n\nGo.\n`)).toEqual([
    { id: 'one', prompt },
    { id: 'two', prompt: 'Go.' },
  ])
})

test.each([
  ['Build it', 'build_it'],
  ['1. Analyse', 'analyse'],
  ['Prüfen & senden!', 'prufen_senden'],
  ['C#', 'c'],
  ['Closed ##', 'closed'],
  ['a'.repeat(80), 'a'.repeat(64)],
])('the heading "%s" makes the id %s', (title, id) => {
  expect(stepsOf(`## ${title}\n\nGo.\n`)).toEqual([{ id, prompt: 'Go.' }])
})

test('a heading without Latin letters, or without any, gives no id; a bullet does', () => {
  expect(stepsOf('## 第一\n\nGo.\n\n##\n\nGo.\n\n## 第二\n* **Id:** second\n\nGo.\n')).toEqual([
    { prompt: 'Go.' },
    { prompt: 'Go.' },
    { id: 'second', prompt: 'Go.' },
  ])
})

const work = `## Work
* **Parallel**

Both at once.

### Left

Go left.

### Right
* **Loop:** while index < inputs.max, until first(a, b) == "x, max 2", max 3

#### Try
* **Run:** make

## End
* **Steps**

### Only

Go.
`

test('below a block, deeper headings are its steps', () => {
  expect(stepsOf(work)).toEqual([
    {
      id: 'work',
      description: 'Both at once.',
      parallel: [
        { id: 'left', prompt: 'Go left.' },
        {
          id: 'right',
          loop: {
            while: 'index < inputs.max',
            until: 'first(a, b) == "x, max 2"',
            max: 3,
            steps: [{ id: 'try', run: 'make' }],
          },
        },
      ],
    },
    { id: 'end', steps: [{ id: 'only', prompt: 'Go.' }] },
  ])
})

test('a switch with a value has a case for each of its steps', () => {
  const text = `## Route
* **Switch:** inputs.kind

### Fix
* **Case:** bug

Fix it.

### Test
* **Case:** bug
* **Run:** npm test

### Answer
* **Case:** a question

Answer.

### Park
* **Default**

Park it.
`
  expect(stepsOf(text)).toEqual([
    {
      id: 'route',
      switch: 'inputs.kind',
      cases: {
        bug: [
          { id: 'fix', prompt: 'Fix it.' },
          { id: 'test', run: 'npm test' },
        ],
        'a question': [{ id: 'answer', prompt: 'Answer.' }],
      },
      default: [{ id: 'park', prompt: 'Park it.' }],
    },
  ])
})

test('a switch without a value has a condition for each of its steps', () => {
  const text = '## Route\n* **Switch**\n\n### A\n* **When:** x > 1\n\nA.\n\n### B\n* **Default**\n\nB.\n'
  expect(stepsOf(text)).toEqual([
    {
      id: 'route',
      switch: [{ when: 'x > 1', steps: [{ id: 'a', prompt: 'A.' }] }, { steps: [{ id: 'b', prompt: 'B.' }] }],
    },
  ])
})

test('an input of a step is an input of the workflow unless a step outputs it or it is declared', () => {
  const inputs = '* **Input:** ${Declared}, ${Made}, ${index}, ${steps.a.output}, ${New}'
  const text = `---\ninputs: { Declared: integer }\n---\n## A\n${inputs}\n\nGo.\n\n## B\n* **Output:** \${Made}\n\nGo.\n`
  expect(parseWorkflow(text, path).value).toMatchObject({ inputs: { Declared: 'integer', New: 'string' } })
})

test.each<[string, string, string]>([
  ['## A\n* **Agnet:** x\n\nGo.', '2:5 UNKNOWN_FIELD Agnet', 'Did you mean `agent`?'],
  [
    '## A\n* **Budget:** x\n\nGo.',
    '2:5 UNKNOWN_FIELD Budget',
    'A bullet in bold right under a heading sets a field of the step.',
  ],
  [
    '## A\n* **Agent:** x\n* **Agent:** y\n',
    '3:5 DUPLICATE_KEY Agent',
    'Keep one of the two, or give one another name.',
  ],
  [
    '## A\n* **Agent:** x\n\n```yaml fields\nagent: y\n```',
    '5:1 DUPLICATE_KEY agent',
    'Keep one of the two, or give one another name.',
  ],
  ['## A\n```yaml fields\nif: !x\n```', '3:5 QUOTE_NEEDED !x', 'Write if: "!x"'],
  ['## A\n```yaml fields\n- 1\n```', '3:1 YAML_SYNTAX - 1\n', 'Write `name: value`.'],
  ['## A\n* **Loop:** forever\n### B\nGo.', '2:13 BAD_LOOP forever', 'Write Loop: until <condition>, max 3'],
  ['## A\n* **Input:** the plan\n\nGo.', '2:14 BAD_INPUT the plan', 'Write Input: ${Plan}, ${Risks}'],
  [
    '## A\n* **Switch:** x\n### B\n\nGo.',
    '3:5 MISSING_CASE B',
    'Write * **Case:** value or * **Default** under this heading.',
  ],
  [
    '## A\n* **Steps**\n* **Parallel**\n### B\n\nGo.',
    '3:5 TWO_KINDS Parallel',
    'Give each block a heading of its own.',
  ],
  [
    '## A\n* **Set:** { x: 1 }\n* **Input:** ${B}\n',
    '3:5 BAD_INPUT Input',
    'Name the value in the text of the step that uses it.',
  ],
  ['---\na: 1', '1:1 YAML_SYNTAX ---\n', 'End it with a line of "---".'],
  ['---\nsteps: []\n---\n## A\nGo.', '2:1 UNKNOWN_FIELD steps', 'Write a "##" heading for each step.'],
])('%j is explained at its place', (text, expected, hint) => {
  const problems = parseWorkflow(text, path).diagnostics.map(diagnostic => {
    const { line, column, offset, endOffset } = diagnostic.span
    return [`${line}:${column} ${diagnostic.code} ${text.slice(offset, endOffset)}`, diagnostic.hint]
  })
  expect(problems).toEqual([[expected, hint]])
})

const placed = `---
tags: [a]
---
# Title

About it.

## Read
* **Input:** \${Topic}, \${Size}
* **If:** \`index > 0\`

Read
\${steps.x.output}.

## Turn
* **Loop:** until ok(a, b), max 3

### Inner
* **Needs:** Other,  Last
`

test.each<[string, (string | number)[], 'key' | 'value', string]>([
  ['a field of the front matter', ['tags', 0], 'value', '2:8 a'],
  ['the name', ['name'], 'value', '4:3 Title'],
  ['the description', ['description'], 'value', '6:1 About it.'],
  ['an id', ['steps', 0, 'id'], 'value', '8:4 Read'],
  ['the name of a bullet', ['steps', 0, 'if'], 'key', '10:5 If'],
  ['the text of a bullet', ['steps', 0, 'if'], 'value', '10:12 index > 0'],
  ['a prompt', ['steps', 0, 'prompt'], 'value', '12:1 Read\n${steps.x.output}.'],
  ['an input made of a bullet', ['inputs', 'Size'], 'key', '9:26 Size'],
  ['a clause of a loop', ['steps', 1, 'loop', 'until'], 'value', '16:19 ok(a, b)'],
  ['another', ['steps', 1, 'loop', 'max'], 'value', '16:33 3'],
  ['a name in a list', ['steps', 1, 'loop', 'steps', 0, 'needs', 1], 'value', '19:22 Last'],
])('%s is found in the file', (_, place, which, expected) => {
  const span = parseWorkflow(placed, path).spanOf(place, which)
  expect(`${span.line}:${span.column} ${placed.slice(span.offset, span.endOffset)}`).toBe(expected)
})

test.each([
  ['steps.x.output', '13:3'],
  ['Size', '9:26'],
])('the expression %s in a prompt with inputs is found at %s', (expression, expected) => {
  const document = parseWorkflow(placed, path)
  const { prompt = '' } = (document.value as { steps: { prompt: string }[] }).steps[0] ?? {}
  const start = prompt.lastIndexOf(expression)
  const span = document.spanWithin(['steps', 0, 'prompt'], start, start + expression.length)
  expect(`${span.line}:${span.column}`).toBe(expected)
  expect(placed.slice(span.offset, span.endOffset)).toBe(expression)
})
