import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { launchDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const chain = `steps:
  - { id: first, prompt: Begin }
  - { id: second, prompt: "Go on. \${steps.first.output}" }
  - { id: last, prompt: "End. \${steps.second.output}" }
`

/** Gives a command a disk of its own, of 2 MB, for the state of the workspace: only it and its parent can reach it. */
const onSmallDisk = ['unshare', '--map-root-user', '--mount', 'sh', '-c']
const mounted = 'mount -t tmpfs -o size=2m,mode=700 tmpfs .orchestrate && exec "$@"'

test.skipIf(!canMount())(
  'on a full disk nothing is acknowledged and nothing is asked, health says why, and all goes on by itself when there is room',
  async () => {
    await using host = await startMockHost({ profile: { firstTokenMs: 400, perTokenMs: 0, slots: 4 } })
    using workspace = scratchWorkspace([host])
    workspace.commit('chain', { 'workflows/chain.yaml': chain })
    mkdirSync(join(workspace.root, '.orchestrate'))
    await using daemon = launchDaemon(workspace.root, [], [...onSmallDisk, mounted, 'sh'])
    const url = await daemon.ready
    const state = join(`/proc/${daemon.pid}/root`, workspace.root, '.orchestrate')
    const { token } = JSON.parse(readFileSync(join(state, 'daemon.json'), 'utf8')) as { token: string }
    const execute = async (): Promise<string> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const request = { method: 'POST', headers, body: '{"workflow":"chain"}' }
      return ((await (await fetch(`${url}/workflows/execute`, request)).json()) as { runId: string }).runId
    }
    const acknowledged = [await execute()]
    await until(() => host.requests.length === 1)
    const filler = join(state, 'filler')
    fill(filler)
    let isAnswered = false
    const second = execute().finally(() => (isAnswered = true))
    await pause(1500)
    const health = await fetch(`${url}/healthz`)
    expect(health.status).toBe(503)
    expect(await health.json()).toMatchObject({
      status: 'degraded',
      reasons: [expect.stringMatching(/JournalUnavailable: .*full/)],
    })
    // The first question has had its answer long ago: it is kept, and nothing follows from it yet.
    expect({ isAnswered, questions: host.requests.length }).toEqual({ isAnswered: false, questions: 1 })
    rmSync(filler)
    acknowledged.push(await second)
    await daemon.settledRuns(2)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const keys = host.requests.map(({ idempotencyKey = '' }) => idempotencyKey)
    const questions = acknowledged.flatMap(id => ['first', 'second', 'last'].map(step => `${id}/${step}/1`))
    expect(keys.toSorted()).toEqual(questions.toSorted())
  },
  60_000,
)

/** Takes all the room there is. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
  } finally {
    closeSync(file)
  }
}

/** False where a person may not mount a disk in a name space of their own. */
function canMount(): boolean {
  const [file = '', ...words] = onSmallDisk
  try {
    execFileSync(file, [...words, 'mount -t tmpfs tmpfs /tmp'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause(5)
}
