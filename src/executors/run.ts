import { StepFailure } from '../model/failure.ts'
import type { Answer, AttemptRequest, Clock, Executor, Work } from '../runtime/ports.ts'
import { type ProcessRequest, type ProcessResult, runProcess } from './process.ts'
import { commandPath, confine, probeSandbox, type Sandbox } from './sandbox.ts'
import { type ScratchFolder, scratchFolder } from './scratch-folder.ts'
import { revealed, type SecretValues } from './secrets.ts'
import { validateOutput } from './validate-output.ts'

export interface RunExecutorOptions {
  /** The operator's word that commands may run unconfined where bubblewrap does not work. */
  readonly policy: { readonly unsafeShell: boolean }
  readonly clock: Clock
  /** The folder a command starts in, its own to change. Default: an empty one. */
  readonly prepare?: (request: AttemptRequest) => Promise<ScratchFolder>
  /** How commands are confined. Default: tried once, at the first command. */
  readonly probe?: () => Promise<Sandbox>
  /** Default: no secret has a value. */
  readonly secret?: SecretValues
}

type RunWork = Extract<Work, { kind: 'run' }>

/** The longest value of a variable that Linux hands to a process, in bytes (MAX_ARG_STRLEN less name and end). */
const longestValueBytes = 128 * 1024 - 1024

/** Performs `run` steps: a shell command in a sandbox, its values in the environment and nowhere else. */
export function createRunExecutor(options: RunExecutorOptions): Executor {
  const { policy, clock, prepare = scratchFolder, probe = probeSandbox, secret = () => undefined } = options
  let sandbox: Promise<Sandbox> | undefined
  return {
    async execute(request, signal, onText) {
      const { work } = request
      if (work.kind !== 'run') throw new TypeError(`a ${work.kind} step is no command`)
      const values = Object.entries(work.env).map(([name, text]) => [name, revealed(text, secret)] as const)
      refuseValues(values)
      sandbox ??= probe()
      const known = await sandbox
      if (!known.isWorking && !policy.unsafeShell) throw refused(known.problem)
      await using folder = await prepare(request)
      throwIfStopped(signal)
      const env = environmentOf(request, Object.fromEntries(values))
      const started = known.isWorking
        ? confine(known, { command: work.command, env, folder: folder.path, network: work.network })
        : unconfined(work, env, folder.path)
      const result = await runProcess(started, signal, clock, onText)
      throwIfStopped(signal)
      return answerOf(result, work)
    },
  }
}

function unconfined(work: RunWork, env: Readonly<Record<string, string>>, folder: string): ProcessRequest {
  return { file: '/bin/sh', args: ['-c', work.command], env: { HOME: folder, ...env }, folder }
}

/** Nothing of this process's environment: a fixed path, what names the attempt, and what the step lists. */
function environmentOf(request: AttemptRequest, values: Record<string, string>): Record<string, string> {
  return {
    PATH: commandPath,
    LANG: 'C.UTF-8',
    TMPDIR: '/tmp',
    ORCHESTRATE_RUN: request.runId,
    ORCHESTRATE_STEP: request.path,
    ORCHESTRATE_ATTEMPT: String(request.attempt),
    ORCHESTRATE_IDEMPOTENCY_KEY: request.idempotencyKey,
    ...values,
  }
}

function answerOf(result: ProcessResult, work: RunWork): Answer {
  const { exit, stdout, stderr, hasFlooded } = result
  const printed = [stdout, stderr].filter(text => text !== '').join('\n')
  if (hasFlooded) {
    const message = 'The command was stopped: it printed more than 64 MiB.'
    throw new StepFailure({ reason: 'CommandFailed', message, output: printed })
  }
  if (exit !== 0) {
    const ending = typeof exit === 'number' ? `with exit code ${exit}` : `by the signal ${exit}`
    const message = [`The command ended ${ending}.`, lastLines(stderr)].join('\n').trim()
    throw new StepFailure({ reason: 'CommandFailed', message, output: printed })
  }
  // As `$(…)` of the shell has it: the line break that ends the output is not part of the value.
  const text = stdout.replace(/(\r?\n)+$/, '')
  const validated = validateOutput(text, work.output)
  if (!validated.ok) throw new StepFailure({ reason: 'InvalidOutput', message: validated.message, output: stdout })
  return validated.value === stdout ? { output: stdout } : { output: validated.value, raw: stdout }
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-5).join('\n').slice(-1000)
}

function refuseValues(values: readonly (readonly [string, string])[]): void {
  for (const [name, value] of values) {
    const problem = /[=\0]/.test(name) || name === '' ? 'has a name that no variable can have' : valueProblem(value)
    if (problem) {
      throw new StepFailure({ reason: 'CommandRefused', message: `The variable ${JSON.stringify(name)} ${problem}.` })
    }
  }
}

function valueProblem(value: string): string | undefined {
  if (value.includes('\0')) return 'contains a NUL character, which no variable can hold'
  const sizeBytes = Buffer.byteLength(value)
  if (sizeBytes <= longestValueBytes) return undefined
  return `is ${sizeBytes} bytes long; the system hands over at most ${longestValueBytes}`
}

function refused(problem: string): StepFailure {
  const remedy =
    'Install bubblewrap (apt install bubblewrap, dnf install bubblewrap), or, to run commands unconfined at your own ' +
    'risk, set `unsafe-shell: true` in your own configuration ($XDG_CONFIG_HOME/orchestrate/config.yaml).'
  return new StepFailure({ reason: 'CommandRefused', message: `Commands run in a sandbox only: ${problem}. ${remedy}` })
}

function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw signal.reason instanceof StepFailure
    ? signal.reason
    : new StepFailure({ reason: 'Stopped', message: 'The command was stopped.' })
}
