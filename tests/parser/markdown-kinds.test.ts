import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StepSource } from '../../src/model/step-source.ts'
import { editWorkflow } from '../../src/parser/edit.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'

function read(markdown: string): unknown {
  const { value, diagnostics } = parseWorkflow(markdown, 'workflows/a.workflow.md')
  expect(diagnostics).toEqual([])
  return (value as { steps: unknown }).steps
}

/** What a bullet gives a step, and the step printed again. */
const bullets: readonly (readonly [bullet: string, fields: StepSource])[] = [
  ['* **Tool:** files.read_file', { tool: 'files.read_file' }],
  ['* **With:** { path: README.md }\n* **Use:** summarise', { use: 'summarise', with: { path: 'README.md' } }],
  ['* **Http:** { url: https://example.org }', { http: { url: 'https://example.org' } }],
  ['* **Kilo:** Add a test.', { kilo: 'Add a test.' }],
  ['* **Kilo:** { task: Add a test., commit: true }', { kilo: { task: 'Add a test.', commit: true } }],
  ['* **Ask:** Publish it?\n* **Output:** [yes, no]', { ask: 'Publish it?', output: ['yes', 'no'] }],
  ['* **Ask:** { question: Publish it?, default: no }', { ask: { question: 'Publish it?', default: 'no' } }],
  ['* **Wait:** 10m', { wait: '10m' }],
  ['* **Wait:** { event: deployed }', { wait: { event: 'deployed' } }],
  ['* **Workflow:** review', { workflow: 'review' }],
  ['* **Code:** `steps/score.ts#score`', { code: 'steps/score.ts#score' }],
  ['* **Prompt:** { file: prompts/x.md }', { prompt: { file: 'prompts/x.md' } }],
  [
    '* **Run:** make\n* **Tools:** files.read_file, `search.*`',
    { run: 'make', tools: ['files.read_file', 'search.*'] },
  ],
  ['* **Run:** make\n* **Skills:** notes', { run: 'make', skills: 'notes' }],
  ['* **Run:** make\n* **Runs on:** gpu, large', { run: 'make', 'runs-on': ['gpu', 'large'] }],
  ['* **Run:** make\n* **Depends on:** Build it, Test', { run: 'make', needs: ['build_it', 'test'] }],
  ['* **Run:** make\n* **On error:** Continue', { run: 'make', 'on-error': 'continue' }],
  ['* **Run:** make\n* **Expect:** `output != ""`', { run: 'make', expect: 'output != ""' }],
  ['* **Run:** make\n* **Cache:** true', { run: 'make', cache: true }],
  ['* **Run:** make\n* **Limits:** { usd: 2.5, time: 5m }', { run: 'make', limits: { usd: 2.5, time: '5m' } }],
  ['* **Run:** make\n* **Priority:** batch', { run: 'make', priority: 'batch' }],
]

test.each(bullets)('%s', (written, fields) => {
  const step = { id: 'a', ...fields }
  expect(read(`## A\n${written}\n`)).toEqual([step])
  const printed = printWorkflow({ steps: [step] }, 'markdown')
  expect(printed).not.toContain('yaml fields')
  expect(read(printed)).toEqual([step])
})

test('up to three blanks before a bullet mean nothing, and its value goes on below it as ever', () => {
  const step = [{ id: 'a', run: 'make all', retry: 2, timeout: '5m', description: 'Builds it.' }]
  const written = ['* **Run:** make', '    all', '- **Retry**: 2', '+ **Timeout:** 5m']
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), blanks => {
      const lines = written.map((line, index) => ' '.repeat(blanks[index] ?? 0) + line)
      expect(read(`## A\n${lines.join('\n')}\n\nBuilds it.\n`)).toEqual(step)
    }),
    cases(100),
  )
  expect(read('## A\n\n    * **Run:** make\n')).toEqual([{ id: 'a', prompt: '* **Run:** make' }])
})

test.each<[string, object]>([
  ['steps.plan.output.parts', { in: 'steps.plan.output.parts' }],
  ['Plan.parts as part', { in: 'Plan.parts', as: 'part' }],
  ['Plan.parts as part, parallel 4', { in: 'Plan.parts', as: 'part', parallel: 4 }],
  ['Plan.parts, parallel 4', { in: 'Plan.parts', parallel: 4 }],
  ['[1, 2].filter(x, x > 1) as number', { in: '[1, 2].filter(x, x > 1)', as: 'number' }],
  ['first(a, b), parallel 2', { in: 'first(a, b)', parallel: 2 }],
])('the headings below an Each of %s are its steps', (text, each) => {
  const steps = [{ id: 'write', prompt: 'Write.' }]
  expect(read(`## All\n* **Each:** ${text}\n\n### Write\nWrite.\n`)).toEqual([{ id: 'all', each: { ...each, steps } }])
})

test('parts of an Each are shown where they stand', () => {
  const text = '## All\n* **Each:** Plan.parts as part, parallel 4\n\n### Write\nWrite.\n'
  const document = parseWorkflow(text, 'a.workflow.md')
  const marked = (name: string): string => {
    const { offset, endOffset } = document.spanOf(['steps', 0, 'each', name])
    return text.slice(offset, endOffset)
  }
  expect([marked('in'), marked('as'), marked('parallel')]).toEqual(['Plan.parts', 'part', '4'])
})

test('a switch, an each, a loop and a group stand inside one another as headings', () => {
  const markdown = `## Choose
* **Switch:** kind

### Bugs
* **Case:** bug
* **Each:** Found.bugs as bug

#### Fix
* **Loop:** until steps.mend.output.ok, max 3

##### Mend
Mend \${bug}.

### Others
* **Default**
* **Steps**

#### Thank
* **Input:** \${Name}

Say thanks.
`
  const mend = { id: 'mend', prompt: 'Mend ${bug}.' }
  const fix = { id: 'fix', loop: { until: 'steps.mend.output.ok', max: 3, steps: [mend] } }
  const bugs = { id: 'bugs', each: { in: 'Found.bugs', as: 'bug', steps: [fix] } }
  const others = { id: 'others', steps: [{ id: 'thank', prompt: 'Name: ${Name}\n\nSay thanks.' }] }
  expect(read(markdown)).toEqual([{ id: 'choose', switch: 'kind', cases: { bug: [bugs] }, default: [others] }])
})

test('handlers, undo steps and long requests stand in blocks of fields', () => {
  const step: StepSource = {
    id: 'send',
    http: {
      method: 'POST',
      url: 'https://api.example.org/items',
      headers: { accept: 'application/json' },
      json: { a: 1 },
    },
    'on-error': { steps: [{ run: 'echo failed' }] },
    undo: { http: { method: 'DELETE', url: 'https://api.example.org/items' } },
  }
  const printed = printWorkflow({ steps: [step] }, 'markdown')
  expect(printed).toContain('```yaml fields\nhttp:\n  method: POST\n')
  expect(printed).toContain('\nundo:\n  http:\n')
  expect(read(printed)).toEqual([step])
})

test('an input of a prompt from the library has no place to go, and is told', () => {
  const { diagnostics } = parseWorkflow(
    '## A\n* **Prompt:** { file: prompts/x.md }\n* **Input:** ${Plan}\n',
    'a.workflow.md',
  )
  expect(diagnostics.map(({ code }) => code)).toEqual(['BAD_INPUT'])
})

test.each([3, 4, 6])('where headings begin at level %i, those are the steps, and deeper ones are text', level => {
  const marks = '#'.repeat(level)
  const deeper = level < 6 ? `\n\n${marks}# Not a step\nText.` : ''
  const text = `# Title\n\nIntroduction.\n\n${marks} A\nHi.${deeper}\n\n${marks} B\nHo.\n`
  const { value, diagnostics } = parseWorkflow(text, 'a.workflow.md')
  expect(diagnostics).toEqual([])
  const steps = [
    { id: 'a', prompt: `Hi.${deeper}` },
    { id: 'b', prompt: 'Ho.' },
  ]
  expect(value).toEqual({ name: 'Title', description: 'Introduction.', steps })
})

test('a heading above the first step that is deeper than the steps belongs to the description', () => {
  const { value, diagnostics } = parseWorkflow('# Title\n\n### Why\nBecause.\n\n## A\nHi.\n', 'a.workflow.md')
  expect(diagnostics).toEqual([])
  expect(value).toEqual({ name: 'Title', description: '### Why\nBecause.', steps: [{ id: 'a', prompt: 'Hi.' }] })
})

test.each([
  ['# T\n# Second\n## A\nHi.', [2]],
  ['# T\n## A\nHi.\n# Role\nYou write.\n#', [4, 6]],
  ['## A\nHi.\n\n# Late', [4]],
  ['# T\n## A\n* **Steps**\n# Between\n### B\nHi.', [4]],
  ['# T\n## A\n* **Run**\n~~~\n# comment\n~~~', []],
  ['---\nname: N\n---\n# T\n## A\nHi.', []],
])('each `#` in %j but the title is warned of, at its line', (text, lines) => {
  const { diagnostics } = parseWorkflow(text, 'a.workflow.md')
  const said = diagnostics.map(({ code, severity, span }) => `${code} ${severity} ${span.line}`)
  expect(said).toEqual(lines.map(line => `SECOND_TITLE warning ${line}`))
})

test('a workflow with a warning in it can be edited', () => {
  const text = '## A\n\n# Role\nYou write.\n\n## B\n* **Timeout:** 5m\n\nHi.\n'
  const edit = { place: ['steps', 1, 'timeout'], set: '7m' }
  expect(editWorkflow(text, 'a.workflow.md', [edit])).toBe(text.replace('5m', '7m'))
})
