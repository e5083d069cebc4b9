import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { ScratchRepository } from '../git/scratch-repository.ts'
import { otherTexts, workflowNames, workflowTexts } from './texts.ts'

/** What a person does to a repository. `pick` chooses what it is done to. */
type Deed = (scratch: ScratchRepository, pick: number) => Promise<unknown>

const of = <Item>(items: readonly Item[], pick: number): Item => items[pick % items.length] as Item
const branches = ['main', 'side', 'topic']
const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined)

/** Merges and rebases that come to a conflict are given up, as people do. */
async function orGiveUp(scratch: ScratchRepository, ...words: string[]): Promise<void> {
  try {
    await scratch.git(...words)
  } catch {
    await quietly(scratch.git(words[0] ?? '', '--abort'))
    await quietly(scratch.git('reset', '--quiet', '--hard'))
  }
}

async function files(scratch: ScratchRepository): Promise<string[]> {
  const listed = await scratch.git('ls-files', 'workflows', 'agents', 'prompts')
  return listed.split('\n').filter(Boolean)
}

/** Where all that a repository has forgotten can still be read, by those who judge what was done. */
export function keptObjects({ path }: ScratchRepository): string {
  return join(path, '.git/kept')
}

export const deeds: Readonly<Record<string, Deed>> = {
  editWorkflow: (scratch, pick) => {
    const name = of(workflowNames, pick)
    return scratch.commit({ [`workflows/${name}.yaml`]: workflowTexts[name]?.(Math.floor(pick / 12) % 4) ?? '' })
  },
  breakWorkflow: (scratch, pick) =>
    scratch.commit({ [`workflows/${of(workflowNames, pick)}.yaml`]: 'steps:\n  - { id: a, nonsense: 1 }\n' }),
  editOther: (scratch, pick) => {
    const [path, text] = of(Object.entries(otherTexts), pick)
    return scratch.commit({ [path]: text(Math.floor(pick / 8) % 4) })
  },
  editMany: async (scratch, pick) => {
    for (let index = 0; index < 3; index += 1) await deeds['editWorkflow']?.(scratch, pick + index * 5)
  },
  unrelated: (scratch, pick) => scratch.commit({ 'notes.md': `${pick}`, 'runs/plain/default/README.md': `${pick}` }),
  amend: async (scratch, pick) => {
    await scratch.write({ 'workflows/plain.yaml': workflowTexts['plain']?.(pick % 4) ?? '' })
    await scratch.git('add', '--all')
    await quietly(scratch.git('commit', '--quiet', '--amend', '-m', `amended ${pick}`))
  },
  renameFile: async (scratch, pick) => {
    const from = of(await files(scratch), pick)
    await quietly(
      scratch.git(
        'mv',
        from,
        from.replace(/(\w+)(\.[\w.]+)$/, (_, name: string, end) => `${name.slice(0, 9)}${'xy'[pick % 2]}${end}`),
      ),
    )
    await scratch.commit({}, 'renamed')
  },
  deleteFile: async (scratch, pick) => {
    await quietly(scratch.git('rm', '--quiet', of(await files(scratch), pick)))
    await scratch.commit({}, 'deleted')
  },
  restore: async (scratch, pick) => {
    const commits = (await scratch.git('rev-list', '--all')).split('\n')
    await quietly(scratch.git('checkout', '--quiet', of(commits, pick), '--', 'workflows', 'agents', 'prompts'))
    await scratch.commit({}, 'restored')
  },
  revert: (scratch, pick) => orGiveUp(scratch, 'revert', '--no-edit', `HEAD~${pick % 3}`),
  switchBranch: async (scratch, pick) => {
    const branch = of(branches, pick)
    await scratch.git('switch', '--quiet', branch).catch(() => scratch.git('switch', '--quiet', '-c', branch))
  },
  deleteBranch: async (scratch, pick) => {
    await scratch.git('switch', '--quiet', 'main')
    await quietly(scratch.git('branch', '-D', of(branches.slice(1), pick)))
  },
  merge: (scratch, pick) => {
    const style = of([['--no-ff'], ['--ff'], ['-X', 'ours'], ['-X', 'theirs']], pick)
    return orGiveUp(scratch, 'merge', '--quiet', '--no-edit', ...style, of(branches, Math.floor(pick / 4)))
  },
  landTraces: scratch => orGiveUp(scratch, 'merge', '--quiet', '--no-edit', '-X', 'theirs', 'orchestrate/main'),
  rebase: (scratch, pick) => orGiveUp(scratch, 'rebase', '--quiet', of(branches, pick)),
  resetBack: (scratch, pick) => quietly(scratch.git('reset', '--quiet', '--hard', `HEAD~${(pick % 3) + 1}`)),
  resetForth: (scratch, pick) => quietly(scratch.git('reset', '--quiet', '--hard', `HEAD@{${(pick % 4) + 1}}`)),
  forceBranch: async (scratch, pick) => {
    const commits = (await scratch.git('rev-list', '--all', '--reflog')).split('\n')
    const branch = of(branches, pick)
    if ((await scratch.git('branch', '--show-current')) === branch) await scratch.git('switch', '--quiet', '--detach')
    await scratch.git('branch', '--force', branch, of(commits, Math.floor(pick / 3)))
    await scratch.git('switch', '--quiet', branch)
  },
  packRefs: scratch => scratch.git('pack-refs', '--all'),
  gc: async scratch => {
    await cp(join(scratch.path, '.git/objects'), keptObjects(scratch), { recursive: true })
    await scratch.git('reflog', 'expire', '--expire=now', '--all')
    await scratch.git('gc', '--quiet', '--prune=now')
  },
}

/** One thing that happens in a history. */
export type Happening =
  | { readonly kind: 'deed'; readonly deed: string; readonly pick: number }
  | { readonly kind: 'look' }
  | { readonly kind: 'kill'; readonly at: number }
  | { readonly kind: 'meanwhile'; readonly at: number; readonly deed: string; readonly pick: number }
  | { readonly kind: 'trace'; readonly pick: number }
  | { readonly kind: 'swing' }

const pick = fc.nat(999)
const deed = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('editWorkflow', 'editOther', 'switchBranch', 'editMany') },
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(deeds).filter(name => name !== 'gc')) },
  { weight: 1, arbitrary: fc.constantFrom('gc', 'packRefs', 'resetBack', 'resetForth', 'forceBranch') },
)

/** What happens in a history, in order. */
export const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('deed' as const), deed, pick }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('kill' as const), at: fc.integer({ min: 1, max: 40 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('meanwhile' as const),
        at: fc.integer({ min: 1, max: 40 }),
        deed,
        pick,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('trace' as const), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('swing' as const) }) },
  ),
  { minLength: 8, maxLength: 24, size: 'max' },
)
