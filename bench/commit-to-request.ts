// How long from `git commit` returning to a host receiving the run's first request: the median of 20.
// Run: node bench/commit-to-request.ts
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMockHost } from '../src/mock-host/serve.ts'
import { startDaemon } from '../tests/daemon/daemon-process.ts'

const commits = 20

const root = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'))
const git = (...words: string[]): string => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' })
await using host = await startMockHost({ profile: 'instant' })
git('init', '--quiet', '--initial-branch', 'main')
git('config', 'user.name', 'Bench')
git('config', 'user.email', 'bench@example.org')
mkdirSync(join(root, 'workflows'))
writeFileSync(
  join(root, 'orchestrate.yaml'),
  `hosts:\n  only: { url: ${host.url} }\nmodels:\n  default: { on: [only], name: m }\n`,
)
git('add', '--all')
git('commit', '--quiet', '--message', 'start')

const times: number[] = []
const gitTimes: number[] = []
{
  await using daemon = await startDaemon(root)
  for (let index = 0; index < commits; index += 1) {
    writeFileSync(join(root, 'workflows', 'one.yaml'), `steps:\n  - prompt: Question ${index}\n`)
    git('add', '--all')
    const before = performance.now()
    git('commit', '--quiet', '--message', `question ${index}`)
    const committed = Date.now()
    gitTimes.push(performance.now() - before)
    const request = await nextRequest(index)
    times.push(request - committed)
    await daemon.settledRuns(index + 1)
  }
}
rmSync(root, { recursive: true, force: true })
console.log(`git commit itself             ${quantiles(gitTimes)}`)
console.log(`commit returns → first request ${quantiles(times)}`)
console.log(`ratio of the medians           ${(median(times) / median(gitTimes)).toFixed(2)}`)

async function nextRequest(index: number): Promise<number> {
  while (host.requests.length <= index) await new Promise(resolve => setTimeout(resolve, 1))
  return host.requests[index]?.timeMs ?? Number.NaN
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1)} ms`
  return `p50 ${at(0.5)}   p95 ${at(0.95)}   max ${at(1)}   (${values.length})`
}
