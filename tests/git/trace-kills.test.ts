import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { personalGit, type ScratchRepository, scratchRepository } from './scratch-repository.ts'

const times = Number(process.env['ORCHESTRATE_TIMES'] ?? 1)
/** 20 each time, 300 with `ORCHESTRATE_TIMES=10`: half of them in a bare repository, half beside a person. */
const kills = times >= 10 ? 150 : 10
/** As the process that is killed has it. */
const staleLockMs = 300

interface CommitLoop {
  readonly acknowledged: readonly string[]
  /** Resolves when so many traces have been acknowledged. */
  reached(count: number): Promise<void>
  /** Kills the process, or it and every git process that it started. */
  kill(whom: 'process' | 'group'): Promise<void>
  readonly ended: Promise<unknown>
}

function startLoop(path: string, branch: string, name: string, count?: number): CommitLoop {
  const script = fileURLToPath(new URL('trace-commit-loop.ts', import.meta.url))
  const words = [script, path, branch, name, ...(count === undefined ? [] : [String(count)])]
  const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const acknowledged: string[] = []
  const complaints: string[] = []
  let wake = () => {}
  createInterface({ input: child.stdout }).on('line', line => {
    acknowledged.push(line)
    wake()
  })
  createInterface({ input: child.stderr }).on('line', line => complaints.push(line))
  return {
    acknowledged,
    ended,
    reached: async wanted => {
      const gone = ended.then(() => 'gone' as const)
      while (acknowledged.length < wanted) {
        if ((await Promise.race([gone, new Promise<void>(resolve => (wake = resolve))])) !== 'gone') continue
        throw new Error(`the loop ended: ${complaints.slice(-3).join('; ')}`)
      }
    },
    kill: async whom => {
      if (child.pid) process.kill(whom === 'group' ? -child.pid : child.pid, 'SIGKILL')
      await ended
    },
  }
}

/** Every file of locks and remains that git has left in a repository, by its path in it. */
async function remains(gitDir: string): Promise<string[]> {
  const names = await readdir(gitDir, { recursive: true })
  return names.filter(name => name.endsWith('.lock') || name.startsWith('fast_import_crash_'))
}

/** Numbers between 0 and 1 that are the same for a seed. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function startedRepository(): Promise<ScratchRepository> {
  const scratch = await scratchRepository()
  await scratch.commit({ 'workflows/marketing.yaml': 'steps: []\n', 'notes.md': 'mine\n' }, 'first')
  await scratch.git('tag', 'start')
  return scratch
}

async function campaign(gitDir: string, ref: string): Promise<{ acknowledged: string[] }> {
  const random = dice(Number(process.env['ORCHESTRATE_SEED'] ?? 20_261_121))
  const acknowledged: string[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const loop = startLoop(gitDir, 'main', `w${kill}`)
    await loop.reached(1)
    await new Promise(resolve => setTimeout(resolve, random() * 150))
    await loop.kill(kill % 4 === 3 ? 'process' : 'group')
    acknowledged.push(...loop.acknowledged)
  }
  // Whoever comes next knows a lock that was left behind by its age.
  await new Promise(resolve => setTimeout(resolve, 2 * staleLockMs))
  const last = startLoop(gitDir, 'main', 'last', 8)
  await last.ended
  expect(last.acknowledged).toHaveLength(8)
  acknowledged.push(...last.acknowledged)
  const history = new Set(
    (await personalGit(gitDir, 'log', '--format=%(trailers:key=Orchestrate-Run,valueonly) %H', ref)).split(/\s+/),
  )
  expect(acknowledged.flatMap(line => line.split(' ')).filter(word => !history.has(word))).toEqual([])
  expect(await personalGit(gitDir, 'fsck', '--strict', '--no-dangling')).not.toMatch(/error|missing/)
  return { acknowledged }
}

test('whenever a process that commits to a bare repository is killed, no lock stays and no trace is lost', async () => {
  await using scratch = await startedRepository()
  const bare = `${scratch.path}-bare`
  await scratch.git('clone', '--quiet', '--bare', scratch.path, bare)
  const { acknowledged } = await campaign(bare, 'main')
  expect(acknowledged.length).toBeGreaterThan(kills)
  expect(await remains(bare)).toEqual([])
  // Whoever comes next can write.
  const own = await personalGit(bare, 'rev-parse', 'start')
  await personalGit(bare, 'update-ref', 'refs/heads/main', own)
}, 1_200_000)

test('whenever a process that commits beside a person is killed, nothing of theirs is locked or changed', async () => {
  await using scratch = await startedRepository()
  await scratch.write({ 'notes.md': 'half done' })
  const before = await Promise.all([scratch.git('status', '--porcelain'), scratch.git('rev-parse', 'HEAD')])
  await campaign(join(scratch.path, '.git'), 'orchestrate/main')
  expect(await remains(join(scratch.path, '.git'))).toEqual([])
  expect(await Promise.all([scratch.git('status', '--porcelain'), scratch.git('rev-parse', 'HEAD')])).toEqual(before)
  expect(existsSync(join(scratch.path, '.git/index.lock'))).toBe(false)
}, 1_200_000)

test('eight processes that commit to one branch all land', async () => {
  await using scratch = await startedRepository()
  const each = 6
  const loops = Array.from({ length: 8 }, (_, index) =>
    startLoop(scratch.path, 'main', `writer${'abcdefgh'[index]}`, each),
  )
  await Promise.all(loops.map(loop => loop.ended))
  expect(loops.map(({ acknowledged }) => acknowledged.length)).toEqual(loops.map(() => each))
  const runs = await scratch.git('log', '--format=%(trailers:key=Orchestrate-Run,valueonly)', 'main..orchestrate/main')
  expect(runs.split('\n').filter(Boolean).sort()).toEqual(
    loops.flatMap(({ acknowledged }) => acknowledged.map(line => line.split(' ')[0])).sort(),
  )
  expect(await scratch.git('fsck', '--strict', '--no-dangling')).not.toMatch(/error|missing/)
}, 300_000)
