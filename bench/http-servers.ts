// The two servers that the bench of HTTP asks, in a process of their own: ours, with everything on, and bare fastify with
// the same answers, while events are written. Sends its parent where they are and what can be asked.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastify } from 'fastify'
import type { JournalEventBody } from '../src/model/journal-event.ts'
import { createServer } from '../src/server/app.ts'
import { createMetrics } from '../src/server/metrics.ts'
import { openStore } from '../src/store/store.ts'
import { systemClock } from '../src/system/clock.ts'
import { createLog } from '../src/system/log.ts'
import { newSecret } from '../src/system/random.ts'
import { createRedactor } from '../src/trace/redact.ts'
import { bareOptions } from '../tests/server/bare-options.ts'

const eventsASecond = 100

const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'))
const store = openStore(folder)
process.on('exit', () => rmSync(folder, { recursive: true }))
for (let run = 0; run < 200; run += 1) {
  store.commit(historyOf().map(body => ({ runId: `run-${run}`, timeMs: systemClock.now(), body })))
}

const options = bareOptions(store, newSecret())
const now = systemClock.now()
const { secret: token } = options.credentials.issue({
  ...{ kind: 'token', name: 'bench', scopes: ['read'], workflows: ['**'], createdMs: now },
})
const redactor = createRedactor({ A_KEY: newSecret(), B_KEY: newSecret(), C_KEY: newSecret(), HOOK: newSecret() })
const hosts = ['rack', 'tower', 'desk'].map(name => ({
  ...{ name, url: `http://${name}:8000/v1`, kind: 'vllm' as const, isSimulated: false, lostModels: [] },
  ...{ models: ['llama-3.1-8b'], parallel: 4, inFlight: 0, condition: 'Ready' as const },
}))
const load = { attemptsWorking: 0, attemptsQueued: 0, runsQueued: 0, runsAsleep: 0, isDraining: false }
const ours = await createServer({
  ...options,
  redactor: () => redactor,
  hosts: () => hosts,
  log: createLog('warn'),
  feed: {
    eventsFrom: (seq, limit) => store.eventsFrom(seq, limit),
    read: runId => store.read(runId),
    lastSeq: () => store.lastSeq(),
    now: () => systemClock.now(),
    listen: () => () => undefined,
  },
  metrics: createMetrics({
    ...{ version: 'bench', listen: () => undefined, factsOf: () => undefined, hosts: () => hosts, load: () => load },
    ...{ liveRuns: () => 0, canWrite: () => true, timeWrites: () => undefined, deliveriesWaiting: () => 0 },
  }),
})

const paths = ['/api/hosts', '/api/runs?limit=1', '/api/runs?limit=50', '/api/runs/run-7']
const answers = new Map<string, unknown>()
for (const path of paths) {
  const response = await fetch(ours.url + path, { headers: { authorization: `Bearer ${token}` } })
  answers.set(path, await response.json())
}
const bare = fastify()
bare.get('/*', request => answers.get(request.url))
// While they are asked another run goes on: with each of its events, what there is to say about runs may be another.
let written = 0
setInterval(() => {
  written += 1
  const body: JournalEventBody = { type: 'attempt-started', path: 'outline', attempt: written, key: 'outline' }
  store.commit([{ runId: 'run-0', timeMs: systemClock.now(), body }])
}, 1000 / eventsASecond)
process.send?.({ ours: ours.url, bare: await bare.listen({ host: '127.0.0.1', port: 0 }), token, paths })
process.once('disconnect', () => process.exit())

/** A run of three steps. */
function historyOf(): JournalEventBody[] {
  const about = { workflow: 'digest', case: 'default', programHash: 'p', sourceHash: 's', sourcePath: 'digest.yaml' }
  const steps = ['outline', 'draft', 'polish'].flatMap((path): JournalEventBody[] => [
    { type: 'attempt-started', path, attempt: 1, key: path },
    { type: 'attempt-succeeded', path, attempt: 1, output: 'A text of some words. '.repeat(20), host: 'rack' },
    { type: 'step-settled', path, status: 'succeeded', output: 'A text of some words. '.repeat(20), attempts: 1 },
  ])
  return [
    { type: 'run-created', ...about, isDirty: false, trigger: 'commit', inputs: {} },
    ...steps,
    { type: 'run-settled', status: 'succeeded', outputs: null },
  ]
}
