import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Plan, Range } from '../../src/difference/plan.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { isReused } from '../../src/runtime/status.ts'
import { openStore } from '../../src/store/store.ts'
import { type ScratchWorkspace, scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate } from './command.ts'
import { type RealHost, startRealHost } from './real-host.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const marketing = readFileSync(join(checkout, 'workflows/marketing.yaml'), 'utf8')
const prices = (url: string): string =>
  `hosts:\n  shop: { url: ${url}, parallel: 4, usd-per-million: { m: [2.5, 10] } }\nmodels:\n  default: { on: [shop], name: m }\n`

const edits = [
  ['promise', 'Plain words, at most eight.', 'Plain words, at most nine, and no adjective.'],
  ['audience', 'and only where it really does.', 'and only where it really does. Be brief.'],
] as const

/** What a run came to: which steps were asked for, which were taken from another run, and what it cost. */
function happened(root: string) {
  using store = openStore(join(root, '.orchestrate'))
  const [newest] = store.runs()
  const status = foldRun(store.read(newest?.id ?? ''))
  const leaves = [...status.steps.values()].filter(({ attempts }) => attempts.length > 0)
  return {
    runs: store.runs().length,
    phase: status.phase,
    cached: leaves
      .filter(isReused)
      .map(({ path }) => path)
      .sort(),
    usage: status.usage,
  }
}

/** Runs the workflow, edits a prompt of it on a branch, and plans that. */
async function planned(workspace: ScratchWorkspace, host: RealHost, isCached: boolean, from: string, to: string) {
  const { root, git, commit } = workspace
  const workflow = isCached ? marketing.replace('  timeout: 3m', '  cache: true\n  timeout: 3m') : marketing
  cpSync(join(checkout, 'agents'), join(root, 'agents'), { recursive: true })
  commit('marketing', { 'workflows/marketing.yaml': workflow, 'orchestrate.yaml': prices(host.url) })
  expect((await orchestrate(root, ['up', '--once', '--from', 'HEAD~1'])).code).toBe(0)
  host.asked.length = 0
  git('switch', '--quiet', '--create', 'sharper')
  commit('sharper', { 'workflows/marketing.yaml': workflow.replace(from, to) })
  const told = await orchestrate(root, ['plan', '--json'])
  expect(told).toMatchObject({ code: 0, stderr: '' })
  return JSON.parse(told.stdout) as Plan
}

/** What really happened lies in the range; and the range says something. */
function expectWithin(range: Range | null | undefined, actual: number | null): void {
  expect(actual).toBeGreaterThan(0)
  expect(range?.low).toBeLessThanOrEqual(actual ?? 0)
  expect(range?.high).toBeGreaterThanOrEqual(actual ?? 0)
  expect(range?.high).toBeLessThan((actual ?? 0) * 6)
}

test.each([
  [true, ...edits[0], ['promise', 'choose', 'brief'], ['audience', 'outline', 'objections', 'moment', 'contrast']],
  [true, ...edits[1], ['audience', 'outline', 'objections', 'promise', 'moment', 'contrast', 'choose', 'brief'], []],
  [false, ...edits[0], ['promise', 'choose', 'brief'], []],
])(
  'a plan of one edited prompt agrees with what happens after the merge (cache: %s, edited: %s)',
  async (isCached, step, from, to, anew, cached) => {
    await using host = await startRealHost()
    using workspace = scratchWorkspace([])
    const plan = await planned(workspace, host, isCached, from, to)
    const change = { type: 'field-changed', step, field: 'prompt' }
    expect(plan).toMatchObject({ branch: 'main', permissions: [], diagnostics: [] })
    expect(plan.files).toMatchObject([{ path: 'workflows/marketing.yaml', changes: [change] }])
    expect(plan.runs).toMatchObject([{ workflow: 'marketing', case: 'default' }])
    const { steps = [], spending } = plan.runs[0] ?? {}
    const paths = (verdict: string) => steps.flatMap(each => (each.verdict === verdict ? each.path : [])).sort()
    expect(paths('anew')).toEqual(anew.toSorted())
    expect(paths('cached')).toEqual(cached.toSorted())
    expect(steps).toHaveLength(8)

    workspace.git('switch', '--quiet', 'main')
    workspace.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'sharper')
    expect((await orchestrate(workspace.root, ['up', '--once'])).code).toBe(0)
    const { usage, ...rest } = happened(workspace.root)
    expect(rest).toEqual({ runs: 2, phase: 'succeeded', cached: paths('cached') })
    expect(host.asked.toSorted()).toEqual([...paths('anew'), ...paths('again')].sort())
    expect(spending?.unknown).toEqual([])
    expectWithin(spending?.inputTokens, usage.inputTokens)
    expectWithin(spending?.outputTokens, usage.outputTokens)
    expectWithin(spending?.costUsd, usage.costUsd)
  },
  120_000,
)
