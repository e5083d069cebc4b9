import { join } from 'node:path'
import type { Command } from 'commander'
import { committedConfiguration } from '../controller/committed-configuration.ts'
import { examineTraces } from '../controller/examine-traces.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { visibleText } from '../model/visible-text.ts'
import { acquireDaemonLock, findDaemon } from '../store/daemon-lock.ts'
import { examineDatabase } from '../store/examine-database.ts'
import { examineFolder, hasState } from '../store/examine-folder.ts'
import { examineRuns } from '../store/examine-runs.ts'
import type { Check, Finding } from '../store/finding.ts'
import { openStore, type Store } from '../store/store.ts'
import { healthReasons } from './daemon-health.ts'
import { examineGit, examineNode } from './examine-programs.ts'
import { exitCodes } from './exit-codes.ts'
import { type Paint, paintFor } from './paint.ts'
import { findRoot } from './root.ts'
import { stateDirOf } from './stored-runs.ts'
import { version } from './version.ts'

interface Repaired {
  readonly kind: string
  readonly place: string
  readonly did: string
}

interface DoctorOptions {
  readonly repair?: boolean
  readonly json?: boolean
}

/** The most findings of one check that are shown to people. */
const mostShown = 20

/** Adds `orchestrate doctor` to the program. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look whether all that runs stand on is sound: programs, state folder, journal, daemon, traces')
    .option('--repair', 'put right what can be put right without harm')
    .option('--json', 'print one JSON document')
    .action(async (options: DoctorOptions) => {
      process.exitCode = await doctor(options)
    })
}

async function doctor({ repair, json }: DoctorOptions): Promise<number> {
  const root = await findRoot(process.cwd())
  const stateDir = await stateDirOf(root)
  const before = await examine(root, stateDir)
  const repaired = repair ? repairAll(stateDir, before) : []
  const checks = repaired.length > 0 ? await examine(root, stateDir) : before
  const isSound = checks.every(({ findings }) => findings.length === 0)
  process.stdout.write(json ? asJson(checks, repaired, isSound) : asText(checks, repaired, paintFor(process.stdout)))
  return isSound ? exitCodes.fine : exitCodes.failed
}

async function examine(root: string, stateDir: string): Promise<Check[]> {
  const programs = [examineNode(process.versions.node), await examineGit(root)]
  if (!hasState(stateDir)) return [...programs, { name: 'state', fact: 'nothing has run here yet', findings: [] }]
  const daemon = findDaemon(stateDir)
  const reasons = daemon ? await healthReasons(daemon) : []
  const served = reasons.map(reason => {
    const hint = 'It goes on by itself when that is put right; its log says more.'
    return { kind: 'DaemonDegraded', message: `The daemon says: ${reason}.`, place: daemon?.url ?? '', hint }
  })
  const database = examineDatabase(stateDir)
  return [
    ...programs,
    { name: 'state', fact: stateDir, findings: examineFolder(stateDir) },
    { name: 'daemon', fact: daemon ? `process ${daemon.pid}, ${daemon.url}` : 'none runs', findings: served },
    { name: 'journal', fact: join(stateDir, 'state.db'), findings: database },
    // What stands on a database that is not sound would only repeat what is wrong with it.
    ...(database.length > 0 ? [] : await examineHistory(root, stateDir, daemon !== undefined)),
  ]
}

async function examineHistory(root: string, stateDir: string, isServed: boolean): Promise<Check[]> {
  using store = openStore(stateDir)
  await using opened = new AsyncDisposableStack()
  const repository = await openRepository(root).then(
    found => opened.use(found),
    () => undefined,
  )
  const committed = store.runs().filter(({ traceCommit }) => traceCommit !== undefined).length
  const traces = repository ? await examineOwnTraces(store, repository, isServed) : []
  return [
    {
      name: 'runs',
      fact: `${store.unsettledRuns().length} of ${store.runs().length} go on`,
      findings: examineRuns(store),
    },
    { name: 'traces', fact: repository ? `${committed} in git` : 'none: this is no git repository', findings: traces },
  ]
}

async function examineOwnTraces(store: Store, repository: Repository, isServed: boolean): Promise<Finding[]> {
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const { traces } = await committedConfiguration(repository, quiet)
  return examineTraces(store, repository, traces, isServed)
}

/** Does each repair once, with no daemon in the way. Throws `DaemonRunning`. */
function repairAll(stateDir: string, checks: readonly Check[]): Repaired[] {
  const findings = checks.flatMap(check => check.findings).filter(({ repair }) => repair)
  if (findings.length === 0) return []
  using _lock = acquireDaemonLock(stateDir, { pid: process.pid, version, url: '' })
  const done = new Set<Finding['repair']>()
  return findings.flatMap(({ kind, place, repair }) => {
    if (!repair || done.has(repair)) return []
    done.add(repair)
    return [{ kind, place, did: repair() }]
  })
}

function asJson(checks: readonly Check[], repaired: readonly Repaired[], isSound: boolean): string {
  const shown = checks.map(({ findings, ...check }) => ({
    ...check,
    findings: findings.map(({ repair, ...finding }) => ({ ...finding, canRepair: repair !== undefined })),
  }))
  return `${JSON.stringify({ isSound, checks: shown, repaired }, undefined, 2)}\n`
}

/** What was looked at and what is wrong, for people. */
export function asText(checks: readonly Check[], repaired: readonly Repaired[], paint: Paint): string {
  return [
    ...repaired.map(({ place, did }) => `${paint('green', 'repaired')} ${visibleText(place)}: ${visibleText(did)}\n`),
    ...checks.flatMap(check => checkLines(check, paint)),
  ].join('')
}

function checkLines({ name, fact, findings }: Check, paint: Paint): string[] {
  const mark = findings.length === 0 ? paint('green', '✓') : paint('red', '✗')
  const rest = findings.length - mostShown
  return [
    `${mark} ${name.padEnd(8)} ${visibleText(fact)}\n`,
    ...findings.slice(0, mostShown).map(({ message, place, hint }) => {
      return `    ${visibleText(message)}\n      at ${visibleText(place)}\n      ${paint('bold', 'hint:')} ${visibleText(hint)}\n`
    }),
    ...(rest > 0 ? [`    and ${rest} more: --json lists them all\n`] : []),
  ]
}
