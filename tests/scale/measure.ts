import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openStore } from '../../src/store/store.ts'
import { launchDaemon } from '../daemon/daemon-process.ts'
import { scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { chain, fill, waiting } from './crowd.ts'
import type { Held, Soaked, Waited } from './scene.ts'

const scene = fileURLToPath(new URL('scene.ts', import.meta.url))

/** What so many runs that wait for a person add to a process that has been at work before. */
export function waitFor(count: number): Promise<Waited> {
  return play<Waited>('waiting', count)
}

/** What a process holds while it runs so many runs. */
export function soak(count: number): Promise<Soaked> {
  return play<Soaked>('soak', count)
}

async function play<Result>(name: string, count: number): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), 'orchestrate-scale-'))
  try {
    const words = ['--expose-gc', scene, name, root, String(count)]
    const { stdout } = await promisify(execFile)(process.execPath, words, { env: { ...process.env, NODE_OPTIONS: '' } })
    return JSON.parse(stdout) as Result
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** How a number grows with each run, by least squares over the second half of the runs: the first is the warm-up. */
export function slope({ samples, batch }: Soaked, of: (held: Held) => number): number {
  const rows = samples.map((held, index) => [(index + 1) * batch, of(held)] as const)
  const steady = rows.slice(Math.floor(rows.length / 2))
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(steady.map(([runs]) => runs)), mean(steady.map(([, bytes]) => bytes))]
  const [over, under] = steady.reduce(
    ([a, b], [runs, bytes]) => [a + (runs - x) * (bytes - y), b + (runs - x) ** 2] as const,
    [0, 0] as readonly [number, number],
  )
  return over / under
}

/** The runs that a daemon finds when it starts. */
export interface Found {
  readonly finished: number
  readonly live: number
  readonly waiting: number
}

/** How long a daemon takes until it watches, on the clock and of a processor, and the memory that it holds then. */
export interface Restarted {
  readonly ms: number
  readonly processorMs: number
  readonly rssBytes: number
  readonly resumed: number
}

/** Starts a real daemon over a workspace in which runs were under way when the last one died. */
export async function restart({ finished, live, waiting: asking }: Found): Promise<Restarted> {
  using workspace = scratchWorkspace([])
  workspace.commit('limits', { 'orchestrate.yaml': 'limits: { runs: 500, parallel: 16 }\n' })
  {
    using store = openStore(join(workspace.root, '.orchestrate'))
    await fill(store, chain, finished, () => true)
    await fill(store, chain, live, step => step === 'a' || step === 'b')
    await fill(store, waiting, asking, step => step === 'draft')
  }
  const begun = performance.now()
  await using daemon = launchDaemon(workspace.root, ['--mock'], ['env', 'ORCHESTRATE_MOCK_DELAY_MS=3600000'])
  await daemon.ready
  const ms = performance.now() - begun
  const resumed = daemon.lines.filter(({ msg }) => msg === 'run resumed').length
  return { ms, processorMs: processorMs(daemon.pid), rssBytes: residentBytes(daemon.pid), resumed }
}

function residentBytes(pid: number): number {
  const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

/** The time that a process has had of all processors: unlike that on the clock it does not depend on what runs beside it. */
function processorMs(pid: number): number {
  const millisecondsATick = 10
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * millisecondsATick
}
