// Runs a crowd of runs in a process of its own and says, as one line of JSON, what it took.
// Run: node --expose-gc tests/scale/scene.ts waiting | soak <folder> <count>
import { readdirSync } from 'node:fs'
import { defaultConfiguration } from '../../src/checker/configuration.ts'
import { hashText } from '../../src/model/hash.ts'
import { systemClock } from '../../src/system/clock.ts'
import { openWorkspace, type Workspace } from '../../src/workspace.ts'
import { mixed, programOf, silent, waiting } from './crowd.ts'

const batch = 100

/** What a process holds, after everything that can go has gone. */
export interface Held {
  readonly rssBytes: number
  readonly heapBytes: number
  readonly descriptors: number
  readonly timers: number
}

/** What runs that wait have added, and how many of them are in memory. */
export interface Waited {
  readonly ms: number
  readonly before: Held
  readonly after: Held
  readonly inMemory: number
}

/** What was held after each batch of runs. */
export interface Soaked {
  readonly ms: number
  readonly batch: number
  readonly samples: readonly Held[]
}

function held(): Held {
  if (!globalThis.gc) throw new Error('start it with --expose-gc')
  for (let time = 0; time < 3; time += 1) globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  return { rssBytes: rss, heapBytes: heapUsed, descriptors: readdirSync('/proc/self/fd').length, timers }
}

async function open(root: string): Promise<Workspace> {
  const ports = {
    clock: systemClock,
    random: Math.random,
    log: silent,
    environment: {},
    policy: { 'unsafe-shell': false },
  }
  return openWorkspace(root, defaultConfiguration, { mock: true }, ports)
}

/** Starts so many runs of a workflow, all at once. */
async function start(workspace: Workspace, text: string, first: number, count: number): Promise<void> {
  const program = programOf(text)
  const evaluation = {
    path: 'workflows/crowd.yaml',
    workflow: program.workflow,
    source: text,
    diagnostics: [],
    program,
  }
  const request = { evaluation: { ...evaluation, closureKey: hashText(text) }, inputs: {}, case: 'default' }
  const ids = Array.from({ length: count }, (_, index) => `${first + index}`)
  await Promise.all(
    ids.map(id => workspace.start({ ...request, id: `${text.length}-${id}`, trigger: 'manual', isDirty: true })),
  )
}

/** Lets everything happen until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** Runs one batch after the other, each until it is done; answers with what is held after each. */
async function runBatches(workspace: Workspace, text: string, runs: number, isDone: (runs: number) => boolean) {
  const samples: Held[] = []
  for (let first = 0; first < runs; first += batch) {
    await start(workspace, text, first, batch)
    await until(() => isDone(first + batch))
    samples.push(held())
  }
  return samples
}

/** What runs add that wait for a person, to a process whose memory has grown to what work needs. */
async function wait(workspace: Workspace, count: number): Promise<Waited> {
  const { keeper } = workspace
  await runBatches(workspace, mixed, count / 10, () => keeper.live.size === 0)
  const before = held()
  const begun = performance.now()
  const samples = await runBatches(workspace, waiting, count, runs => keeper.asleep.size === runs)
  return { ms: performance.now() - begun, before, after: samples.at(-1) ?? before, inMemory: keeper.live.size }
}

async function soak(workspace: Workspace, count: number): Promise<Soaked> {
  const begun = performance.now()
  const samples = await runBatches(workspace, mixed, count, () => workspace.keeper.live.size === 0)
  return { ms: performance.now() - begun, batch, samples }
}

const [scene = '', root = '', count = ''] = process.argv.slice(2)
await using workspace = await open(root)
const result = await (scene === 'waiting' ? wait : soak)(workspace, Number(count))
process.stdout.write(`${JSON.stringify(result)}\n`)
