import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { openStore } from '../../src/store/store.ts'
import { startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const steps = Array.from({ length: 5 }, (_, index) => `  - { id: step_${index}, prompt: Question ${index} }`)
const chain = `steps:
${steps.join('\n')}
  - id: both
    parallel:
      - { id: left, prompt: Left }
      - { id: right, prompt: Right }
`

test('after kill -9 in the middle of a run no recorded answer is asked for again, and what was in flight is, under its own key', async () => {
  await using host = await startMockHost({ profile: { firstTokenMs: 15, perTokenMs: 1, slots: 4 }, seed: 1 })
  using workspace = scratchWorkspace([host])
  const asked = (key: string): number => host.requests.filter(request => request.idempotencyKey === key).length
  const recorded = new Map<string, number>()
  let daemon = await startDaemon(workspace.root)
  workspace.commit('chain', { 'workflows/chain.yaml': chain })
  // Killed in the middle of the second, the fourth and the last questions.
  for (const questions of [2, 4, 7]) {
    await until(() => distinct(host.requests).size >= questions)
    await daemon.kill('SIGKILL')
    for (const key of answeredKeys(workspace.root)) if (!recorded.has(key)) recorded.set(key, asked(key))
    expect(recorded.size).toBeGreaterThanOrEqual(questions - 2)
    daemon = await startDaemon(workspace.root)
  }
  await daemon.settledRuns(1)
  await daemon.kill('SIGTERM')
  for (const [key, times] of recorded) expect(asked(key), `${key} was answered before a kill`).toBe(times)
  expect(distinct(host.requests).size).toBe(7)
  expect(answeredKeys(workspace.root)).toHaveLength(7)
  // What was in flight may be asked again, under its own key: at most what runs at once, for each kill.
  expect(host.requests.length).toBeLessThanOrEqual(7 + 4)
  expect(workspace.git('log', '--format=%s', 'main..orchestrate/main').trim()).toBe('run(chain): succeeded')
})

/** The idempotency keys of the answers that the journal holds. */
function answeredKeys(root: string): string[] {
  using store = openStore(join(root, '.orchestrate'))
  return store.eventsFrom(0, 10_000).flatMap(({ runId, body }) => {
    return body.type === 'attempt-succeeded' ? [`${runId}/${body.path}/${body.attempt}`] : []
  })
}

function distinct(requests: readonly { readonly idempotencyKey: string | undefined }[]): Set<string> {
  return new Set(requests.map(request => request.idempotencyKey ?? ''))
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 2))
}
