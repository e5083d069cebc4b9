// npm run test:mutants [-- language | durability [words of a name]]: makes one mistake at a time in a copy of the sources,
// and runs the laws of that subject until one of them notices.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { durabilityMutations } from '../tests/mutants/durability.ts'
import { type Mutation, mutations } from '../tests/mutants/mutations.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Subject {
  readonly name: string
  readonly mutations: readonly Mutation[]
  /** Law by law, those first that notice most in the shortest time. */
  readonly laws: readonly (readonly string[])[]
}

const subjects: readonly Subject[] = [
  {
    name: 'language',
    mutations,
    laws: [
      ['tests/runtime/reference.test.ts'],
      ['tests/runtime/laws.test.ts', 'tests/runtime/wide-lists.test.ts', 'tests/compiler/laws.test.ts'],
      ['tests/compiler/structure.test.ts', 'tests/runtime/encodings.test.ts', 'tests/runtime/replay.test.ts'],
      ['tests/exhaustive/every-order.test.ts', 'tests/exhaustive/every-state.test.ts'],
    ],
  },
  {
    name: 'durability',
    mutations: durabilityMutations,
    laws: [
      ['tests/runtime/keeper.test.ts', 'tests/runtime/dispatcher.test.ts', 'tests/simulation/stopping.test.ts'],
      ['tests/simulation/simulation.test.ts'],
      ['tests/runtime/reuse.test.ts', 'tests/runtime/run.test.ts', 'tests/runtime/signals.test.ts'],
      ['tests/store/store.test.ts', 'tests/runtime/replay.test.ts'],
    ],
  },
]
const copied = ['src', 'tests', 'agents', 'schemas', 'package.json', 'tsconfig.json', 'vitest.config.ts']
const longestMs = 180_000
const fewCases = { ORCHESTRATE_CASES: '150', ORCHESTRATE_SHRINK: 'no' }

interface Verdict {
  readonly name: string
  /** The law that noticed, or undefined where none did. */
  readonly killer: string | undefined
  readonly seconds: number
}

const copy = mkdtempSync(join(tmpdir(), 'orchestrate-mutants-'))
try {
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const [word, only] = process.argv.slice(2)
  const chosen = subjects.filter(({ name }) => word === undefined || name === word)
  if (chosen.length === 0) throw new Error(`there are mutants of ${subjects.map(({ name }) => name).join(' and ')}`)
  const verdicts = chosen.flatMap(subject => verdictsOn(subject, only))
  const survivors = verdicts.filter(({ killer }) => killer === undefined)
  console.log(`${verdicts.length - survivors.length} of ${verdicts.length} mutants killed`)
  if (survivors.length > 0) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}

function verdictsOn({ mutations: all, laws }: Subject, only = ''): Verdict[] {
  if (failingLaw(laws) !== undefined) throw new Error('the laws do not hold of the sources as they are')
  return all
    .filter(({ name }) => name.includes(only))
    .map(mutation => {
      const verdict = judge(mutation, laws)
      console.log(`${verdict.killer === undefined ? 'SURVIVES' : 'killed  '}  ${verdict.seconds} s  ${verdict.name}`)
      if (verdict.killer !== undefined) console.log(`            by "${verdict.killer}"`)
      return verdict
    })
}

function judge({ name, file, from, to }: Mutation, laws: Subject['laws']): Verdict {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${name}: the text to change is not there once in ${file}`)
  const started = process.hrtime.bigint()
  try {
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
    return { name, killer: failingLaw(laws), seconds: Number((process.hrtime.bigint() - started) / 1_000_000_000n) }
  } finally {
    writeFileSync(path, text)
  }
}

/** The first law that does not hold of the copy; a run that hangs counts as noticed. */
function failingLaw(laws: Subject['laws']): string | undefined {
  for (const files of laws) {
    const killer = failingLawOf(files)
    if (killer !== undefined) return killer
  }
  return undefined
}

function failingLawOf(files: readonly string[]): string | undefined {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const ended = spawnSync(
    process.execPath,
    [vitest, 'run', '--bail=1', '--reporter=json', `--outputFile=${report}`, ...files],
    { cwd: copy, timeout: longestMs, stdio: 'ignore', env: { ...process.env, ...fewCases } },
  )
  if (ended.status === 0) return undefined
  if (ended.error) return 'a law that came to no end'
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const failed = testResults.flatMap(file => file.assertionResults).find(({ status }) => status === 'failed')
  return failed?.fullName ?? testResults.find(({ status }) => status === 'failed')?.message.split('\n')[0] ?? 'a crash'
}

interface Report {
  readonly testResults: readonly {
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}
