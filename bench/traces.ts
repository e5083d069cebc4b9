// A trace of 100 files is committed beside 10 000 others: by us, and by `git add` and `git commit` of a person's clone.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRepository } from '../src/git/repository.ts'
import { createTraceWriter } from '../src/git/trace-writer.ts'
import { systemClock } from '../src/system/clock.ts'
import { line, median, ms, times } from './measure.ts'

const traces = 40
const commits = 15
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export const traceSections: Readonly<Record<string, () => Promise<void>>> = { traces: traceCommits }

async function traceCommits(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'))
  try {
    const git = (...words: string[]): string => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' }).trim()
    startWorkspace(root, git)
    const ours = await timesOfTraces(root, git('rev-parse', 'HEAD'))
    const theirs = timesOfCommits(root, git)
    line('a trace of 100 files beside 10 000, p50', ms(median(ours)))
    line('the same, p95', ms(ours.toSorted((a, b) => a - b)[Math.floor(ours.length * 0.95)] ?? Number.NaN))
    line(
      'git add and git commit of the same files, p50',
      ms(median(theirs)),
      `${times(median(theirs), median(ours))} ours`,
    )
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function startWorkspace(root: string, git: (...words: string[]) => string): void {
  git('init', '--quiet', '--initial-branch', 'main')
  git('config', 'user.name', 'Bench')
  git('config', 'user.email', 'bench@example.org')
  const files = Array.from({ length: 10_000 }, (_, index) => `src/${index % 100}/file-${index}.txt`)
  for (const file of files) write(root, file, `${file}\n`)
  git('add', '--all')
  git('commit', '--quiet', '--message', 'start')
}

async function timesOfTraces(root: string, revision: string): Promise<number[]> {
  await using repository = await openRepository(root)
  await using writer = createTraceWriter(repository, { clock: systemClock, log: silent })
  const taken: number[] = []
  for (let run = 0; run < traces; run += 1) {
    const trace = {
      ...{ branch: 'main', revision, target: { to: 'auto' }, folder: 'runs/bench/default', files: filesOf(run) },
      ...{
        subject: 'run(bench): succeeded',
        trailers: { 'Orchestrate-Run': `r${run}`, 'Orchestrate-Revision': revision },
      },
    }
    const before = performance.now()
    await writer.commitTrace(trace)
    taken.push(performance.now() - before)
  }
  // The first starts the processes that the others find.
  return taken.slice(3)
}

function timesOfCommits(root: string, git: (...words: string[]) => string): number[] {
  return Array.from({ length: commits }, (_, run) => {
    const files = filesOf(run + 1000)
    const before = performance.now()
    for (const [name, text] of files) write(root, `runs/bench/default/${name}`, text)
    git('add', '--', 'runs')
    git('commit', '--quiet', '--message', `run ${run}`)
    return performance.now() - before
  })
}

function filesOf(run: number): Map<string, string> {
  const text = (file: number): string => `Answer ${file} of run ${run}.\n`.repeat(40)
  return new Map([
    ['run.json', `{"id":"r${run}"}\n`],
    ...Array.from({ length: 99 }, (_, file): [string, string] => [`steps/step-${file}/output.md`, text(file)]),
  ])
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
