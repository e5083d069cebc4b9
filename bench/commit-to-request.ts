// How long from `git commit` returning to a host receiving the run's first request, with many workflow files in the
// repository, and what a commit costs the daemon that touches none of them.
// Run: node bench/commit-to-request.ts [workflows=1000] [commits=100]
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMockHost } from '../src/mock-host/serve.ts'
import { startDaemon } from '../tests/daemon/daemon-process.ts'

const workflows = Number(process.argv[2] ?? 1000)
const commits = Number(process.argv[3] ?? 100)

const root = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'))
const git = (...words: string[]): string => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' })
await using host = await startMockHost({ profile: 'instant' })
prepare()

const times: number[] = []
const gitTimes: number[] = []
{
  await using daemon = await startDaemon(root)
  const starting = cpuMs(daemon.pid)
  for (let index = 0; index < commits; index += 1) {
    writeFileSync(join(root, 'workflows', 'asked.yaml'), `steps:\n  - prompt: Question ${index}\n`)
    const committed = commit(`question ${index}`)
    times.push((await nextRequest(index)) - committed)
    await daemon.settledRuns(index + 1)
  }
  const running = cpuMs(daemon.pid)
  for (let index = 0; index < commits; index += 1) {
    writeFileSync(join(root, 'notes.md'), `note ${index}\n`)
    commit(`note ${index}`)
    await reconciled()
  }
  const idle = cpuMs(daemon.pid) - running
  console.log(`load of the machine             ${loadavg()[0]?.toFixed(1)}, ${workflows} workflow files`)
  console.log(`git commit itself               ${quantiles(gitTimes)}`)
  console.log(`commit returns → first request  ${quantiles(times)}`)
  console.log(`the daemon's processor to start ${starting} ms`)
  console.log(`…a run, its trace included      ${((running - starting) / commits).toFixed(1)} ms`)
  console.log(`…a commit of something else     ${(idle / commits).toFixed(1)} ms`)
}
rmSync(root, { recursive: true, force: true })

function prepare(): void {
  git('init', '--quiet', '--initial-branch', 'main')
  git('config', 'user.name', 'Bench')
  git('config', 'user.email', 'bench@example.org')
  for (const folder of ['workflows', 'agents']) mkdirSync(join(root, folder))
  const configuration = `hosts:\n  only: { url: ${host.url} }\nmodels:\n  default: { on: [only], name: m }\n`
  writeFileSync(join(root, 'orchestrate.yaml'), configuration)
  writeFileSync(join(root, 'agents', 'writer.agent.md'), '---\ntemperature: 0\n---\nYou write.\n')
  for (let index = 1; index < workflows; index += 1) {
    const steps = ['draft', 'judge', 'polish'].map(id => `  - { id: ${id}, prompt: Text ${index}, agent: writer }\n`)
    writeFileSync(join(root, 'workflows', `flow-${index}.yaml`), `steps:\n${steps.join('')}`)
  }
  git('add', '--all')
  git('commit', '--quiet', '--message', 'start')
}

/** Answers with the time at which git returned. */
function commit(message: string): number {
  git('add', '--all')
  const before = performance.now()
  git('commit', '--quiet', '--message', message)
  gitTimes.push(performance.now() - before)
  return Date.now()
}

/** What a process has used of the processor, in milliseconds: its own 14th and 15th figure, in ticks of 10 ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function nextRequest(index: number): Promise<number> {
  while (host.requests.length <= index) await new Promise(resolve => setTimeout(resolve, 1))
  return host.requests[index]?.timeMs ?? Number.NaN
}

async function reconciled(): Promise<void> {
  const tip = git('rev-parse', 'main')
  while (git('rev-parse', 'refs/orchestrate/reconciled/main') !== tip) {
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1)} ms`
  return `p50 ${at(0.5)}   p95 ${at(0.95)}   max ${at(1)}   (${values.length})`
}
