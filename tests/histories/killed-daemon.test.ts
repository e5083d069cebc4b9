import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { diceOf } from '../../src/mock-host/dice.ts'
import { openStore } from '../../src/store/store.ts'
import { launchDaemon } from '../daemon/daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from '../daemon/scratch-workspace.ts'
import { cases } from '../generators/cases.ts'
import { formsOf } from './oracle.ts'
import { otherTexts, workflowNames, workflowTexts } from './texts.ts'

const seeds = Array.from({ length: cases(2).numRuns }, (_, index) => 700 + index)

test.each(seeds)(
  'a daemon that is killed while commits come in starts each run once: seed %i',
  async seed => {
    const dice = diceOf(`history ${seed}`)
    using workspace = scratchWorkspace([])
    const workflows = workflowNames.map(name => [`workflows/${name}.yaml`, workflowTexts[name]?.(0) ?? ''])
    const others = Object.entries(otherTexts).map(([path, text]) => [path, text(0)])
    workspace.write('.gitignore', '.orchestrate\n')
    const tips = [workspace.commit('beginning', Object.fromEntries([...workflows, ...others]))]
    await reach(workspace, tips[0] ?? '', () => 60_000)

    for (let commit = 0; commit < 6; commit += 1) {
      const name = dice.pick(workflowNames)
      const [path, text] = dice.pick(Object.entries(otherTexts))
      const tip = workspace.commit('edit', {
        [`workflows/${name}.yaml`]: workflowTexts[name]?.(dice.between(0, 3)) ?? '',
        [path]: text(dice.between(0, 3)),
      })
      tips.push(tip)
      // From before it has opened anything until after it has seen the commit.
      await reach(workspace, tip, attempt => (attempt > 2 ? 60_000 : dice.between(300, 1800)))
    }

    const due = tips.slice(1).flatMap((tip, index) => dueBetween(workspace, tips[index] ?? '', tip))
    using store = openStore(`${workspace.root}/.orchestrate`)
    const ran = store.runs().filter(({ trigger }) => trigger === 'commit')
    expect(ran.map(({ workflow, case: name }) => `${workflow} ${name}`).sort()).toEqual(due.sort())
  },
  120_000,
)

/** Starts daemons and kills each after some time, until one has acted on a commit. */
async function reach(workspace: ScratchWorkspace, tip: string, lifeMs: (attempt: number) => number): Promise<void> {
  for (let attempt = 1; !isReached(workspace, tip); attempt += 1) {
    await using daemon = launchDaemon(workspace.root, ['--mock'])
    const end = performance.now() + lifeMs(attempt)
    while (performance.now() < end && !isReached(workspace, tip)) await pause(15)
    await daemon.kill('SIGKILL')
  }
}

function isReached(workspace: ScratchWorkspace, tip: string): boolean {
  try {
    return workspace.git('rev-parse', '--verify', '--quiet', 'refs/orchestrate/reconciled/main').trim() === tip
  } catch {
    return false
  }
}

function dueBetween(workspace: ScratchWorkspace, from: string, to: string): string[] {
  const [before, after] = [from, to].map(commit => formsOf(filesOf(workspace, commit), 'main'))
  return [...(after ?? [])].filter(([what, form]) => before?.get(what) !== form).map(([what]) => what)
}

function filesOf(workspace: ScratchWorkspace, commit: string): Map<string, string> {
  const paths = workspace.git('ls-tree', '-r', '--name-only', commit).trim().split('\n')
  return new Map(paths.map(path => [path, workspace.git('show', `${commit}:${path}`).trimEnd()]))
}
