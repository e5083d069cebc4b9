import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const files = {
  'workflows/parts.yaml': `inputs: { topic: string }
cases:
  small: { topic: ropes }
  large: { topic: tents }
steps:
  - id: parts
    set: { list: ["\${topic} one", "\${topic} two"] }
  - id: reviews
    each:
      in: steps.parts.output.list
      as: part
      parallel: 2
      steps:
        - { id: read, prompt: { file: prompts/read.md, with: { part: "\${part}" } } }
  - id: sum
    use: summarise
    with: { texts: "\${steps.reviews.output}" }
  - id: risky
    retry: { attempts: 1, backoff: 10ms }
    steps: [{ id: boom, set: { x: "\${1 / 0}" }, undo: { id: unboom, set: { never: true } } }]
    on-error: { steps: [{ id: excuse, set: { why: "\${error.reason}" } }] }
finally:
  - { id: tidy, set: { status: "\${run.status}" } }
outputs: { why: "\${steps.risky.output.why}", sum: "\${steps.sum.output}" }
`,
  'workflows/templates/summarise.yaml': `inputs: { texts: list, words: { type: integer, default: 9 } }
steps:
  - { id: say, prompt: "Summarise \${texts} in \${words} words." }
`,
  'prompts/read.md': '---\ndescription: Reads a part\n---\nRead ${part}.\n',
}

test('items, templates, texts of the library, handlers and cases run from a commit to their traces', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('parts', files)
  await daemon.settledRuns(2)
  expect(host.requests).toHaveLength(6)
  const show = (path: string): string => workspace.git('show', `orchestrate/main:runs/parts/${path}`)
  expect(show('small/steps/reviews/1/read/prompt.md')).toContain('Read ropes two.')
  expect(show('large/steps/sum-say/prompt.md')).toContain('in 9 words.')
  expect(JSON.parse(show('large/steps/tidy/output.json'))).toEqual({ status: 'succeeded' })
  expect(JSON.parse(show('small/steps/excuse/output.json'))).toEqual({ why: 'InvalidExpression' })
  expect(JSON.parse(show('large/run.json'))).toMatchObject({ phase: 'succeeded', case: 'large' })
})

test('a changed template or text of the library starts the workflows that use it', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('parts', files)
  await daemon.settledRuns(2)
  workspace.commit('another text', { 'prompts/read.md': 'Study ${part}.\n' })
  await daemon.settledRuns(4)
  expect(workspace.git('show', 'orchestrate/main:runs/parts/small/steps/reviews/0/read/prompt.md')).toContain('Study')
})
