import type { Verdict } from '../controller/bisect.ts'
import { bisectRequest } from '../controller/bisect-request.ts'
import { evaluate } from '../controller/evaluate.ts'
import { inputsOf, readSavedWorkflow, requireHost } from '../controller/manual-run.ts'
import { readShelf } from '../controller/shelf.ts'
import type { Repository } from '../git/repository.ts'
import { commitSources } from '../git/sources.ts'
import { UsageError } from '../model/usage-error.ts'
import { isReused, type RunStatus, type StepStatus } from '../runtime/status.ts'
import { acquireDaemonLock } from '../store/daemon-lock.ts'
import { newId } from '../system/random.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'
import { stateFolder } from '../git/state-folder.ts'
import { realPorts } from './ports.ts'
import { version } from './version.ts'

/** What a revision was found to be, and what it took. */
export interface Tested {
  readonly revision: string
  readonly verdict: Verdict
  /** The run that was made for it. */
  readonly run?: string
  /** Steps that were executed, and those whose answers were taken from other runs. */
  readonly asked: number
  readonly reused: number
  /** Why no run was needed, or none could be judged. */
  readonly reason?: string
}

interface BenchOptions {
  readonly root: string
  readonly repository: Repository
  /** The path or the name of the workflow. */
  readonly wanted: string
  readonly input: readonly string[]
  readonly mock?: boolean
  readonly signal: AbortSignal
  check(run: RunStatus): Verdict
}

/** Where revisions of a workflow are tried out. */
export interface Bench extends AsyncDisposable {
  readonly tested: readonly Tested[]
  test(revision: string): Promise<Tested>
}

/** Opens one; no daemon may serve the workspace meanwhile. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const { root, repository, wanted, mock = false } = options
  const saved = await readSavedWorkflow(root, wanted, process.cwd())
  const { path } = saved.evaluation
  await using opened = new AsyncDisposableStack()
  const lock = { pid: process.pid, version, url: '' }
  opened.use(acquireDaemonLock(stateFolder(root, repository), lock))
  const ports = await realPorts(root, 'error')
  const workspace = opened.use(await openWorkspace(root, saved.shelf.configuration, { mock }, ports))
  requireHost(saved.evaluation.program, workspace.hosts)
  const tested: Tested[] = []
  const byForm = new Map<string, Tested>()
  const test = async (revision: string): Promise<Tested> => {
    const found = await tryOut(workspace, options, path, revision, byForm)
    tested.push(found)
    return found
  }
  const stack = opened.move()
  return { tested, test, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Runs the workflow as a revision has it, unless one was run that differs in nothing. */
async function tryOut(
  workspace: Workspace,
  options: BenchOptions,
  path: string,
  revision: string,
  byForm: Map<string, Tested>,
): Promise<Tested> {
  const skipped = (reason: string): Tested => ({ revision, verdict: 'skip', asked: 0, reused: 0, reason })
  const sources = await commitSources(options.repository, revision)
  if (!sources.files.has(path)) return skipped(`there is no ${path}`)
  const { library } = await readShelf(sources)
  const evaluation = await evaluate(sources, library, path)
  const { program, closureKey } = evaluation
  if (!program) return skipped('the workflow has errors')
  const same = byForm.get(closureKey)
  if (same) return { ...same, revision, asked: 0, reused: 0, reason: `the same as ${same.revision.slice(0, 10)}` }
  let inputs: ReturnType<typeof inputsOf>
  try {
    inputs = inputsOf(program, options.input, {})
  } catch (error) {
    if (error instanceof UsageError) return skipped(error.message.replaceAll('\n', ' '))
    throw error
  }
  const request = bisectRequest(newId(), revision, { ...evaluation, program }, inputs)
  const found = judged(revision, await runToEnd(workspace, request, options.signal), options.check)
  byForm.set(closureKey, found)
  return found
}

function judged(revision: string, status: RunStatus, check: BenchOptions['check']): Tested {
  const leaves = [...status.steps.values()].filter(({ attempts }) => attempts.length > 0)
  const reused = leaves.filter(isReused).length
  // A run that was cancelled for want of an answer says nothing of the revision.
  const verdict = status.phase === 'cancelled' ? 'skip' : check(status)
  const counts = { asked: leaves.length - reused, reused }
  if (verdict !== 'skip') return { revision, verdict, run: status.id, ...counts }
  return { revision, verdict, run: status.id, ...counts, reason: reasons[status.phase] ?? 'it did not end' }
}

/** Why a run could not be judged. */
const reasons: Readonly<Partial<Record<RunStatus['phase'], string>>> = {
  succeeded: 'the check cannot be computed',
  failed: 'the run failed',
  cancelled: 'the run waited for somebody',
}

/** What is recorded is there at once; who has not answered by then is asked in vain. */
const patienceMs = 500

/** Runs to the end; a run that waits for a person or an event never comes there, and is cancelled. */
async function runToEnd(
  workspace: Workspace,
  request: Parameters<Workspace['start']>[0],
  signal: AbortSignal,
): Promise<RunStatus> {
  const { keeper, ports } = workspace
  const { id } = request
  const cancel = (): void => void keeper.signal(id, 'cancel')
  const cancelIfStuck = (): void => {
    if ([...(workspace.status(id)?.steps.values() ?? [])].some(waitsForSomebody)) cancel()
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', cancel, { once: true })
  const settled = new Promise<void>(resolve => {
    const stop = keeper.listen({
      onEvents: events => {
        const own = events.filter(({ runId }) => runId === id).map(({ body }) => body)
        if (own.some(body => body.type === 'attempt-started' && body.waiting)) {
          ports.clock.at(ports.clock.now() + patienceMs, cancelIfStuck)
        }
        if (!own.some(({ type }) => type === 'run-settled')) return
        stop()
        resolve()
      },
    })
  })
  await workspace.start(request)
  await settled
  signal.removeEventListener('abort', cancel)
  const status = workspace.status(id)
  if (!status) throw new Error(`run ${id} is not in the journal`)
  return status
}

function waitsForSomebody({ phase, attempts }: StepStatus): boolean {
  const waiting = phase === 'waiting' ? attempts.at(-1)?.waiting : undefined
  return waiting !== undefined && waiting.for !== 'time'
}
