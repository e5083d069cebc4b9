import { GitFailure, type GitFailureReason } from '../git/git-failure.ts'
import { DaemonRunning } from '../store/daemon-lock.ts'
import { JournalUnavailable } from '../runtime/journal-unavailable.ts'
import { JournalDamaged, JournalTooNew, StateTooNew } from '../store/journal-error.ts'
import { visibleText } from '../model/visible-text.ts'
import { exitCodes } from './exit-codes.ts'
import { type Paint, paintFor, plainPaint } from './paint.ts'
import { formatDiagnostics } from './print-diagnostics.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'

/** What a person is told of an error, and the exit code that goes with it. */
export interface Explanation {
  readonly text: string
  readonly exitCode: number
}

/** Tells on standard error what went wrong; answers with the exit code. */
export function fail(error: unknown): number {
  const { text, exitCode } = explain(error, paintFor(process.stderr))
  process.stderr.write(text)
  if (exitCode === exitCodes.bug && process.env['ORCHESTRATE_LOG'] === 'debug' && error instanceof Error) {
    process.stderr.write(`${visibleText(error.stack ?? '')}\n`)
  }
  return exitCode
}

/** An expected error in a line and a hint; anything else is a bug of ours, and says so. */
export function explain(error: unknown, paint: Paint = plainPaint): Explanation {
  if (error instanceof InvalidFiles) {
    return { text: formatDiagnostics(error.diagnostics, error.texts, { paint }), exitCode: exitCodes.wrongUse }
  }
  const { message, hint, exitCode } = expected(error) ?? bug(error)
  // What is wrong with several inputs is several errors.
  const messages = error instanceof UsageError ? message.split('\n') : [message]
  const lines = messages.map(each => `${paint('red', 'error:')} ${visibleText(each)}`)
  if (hint !== undefined) lines.push(`${paint('bold', 'hint:')} ${visibleText(hint)}`)
  return { text: `${lines.join('\n')}\n`, exitCode }
}

interface Told {
  readonly message: string
  readonly hint?: string | undefined
  readonly exitCode: number
}

function expected(error: unknown): Told | undefined {
  if (error instanceof UsageError) return error
  if (error instanceof GitFailure) return { message: error.message, ...gitAdvice[error.reason] }
  if (error instanceof DaemonRunning) {
    const hint = 'Use that one, or stop it first with Ctrl-C where it was started.'
    return { message: `${capitalised(error.message)}.`, hint, exitCode: exitCodes.wrongUse }
  }
  if (error instanceof JournalDamaged) {
    const hint = '`orchestrate doctor --repair` moves the damaged file aside and saves what can be read of it.'
    return { message: `${capitalised(error.message)}.`, hint, exitCode: exitCodes.failed }
  }
  if (error instanceof JournalUnavailable) {
    const hint =
      'See that the disk has room and that .orchestrate/ may be written; nothing that was acknowledged is lost.'
    return { message: `${capitalised(error.message)}.`, hint, exitCode: exitCodes.failed }
  }
  if (error instanceof JournalTooNew || error instanceof StateTooNew) {
    const hint = 'Use the newer Orchestrate, or move .orchestrate/ away to begin anew.'
    return { message: `${capitalised(error.message)}.`, hint, exitCode: exitCodes.wrongUse }
  }
  return ofTheSystem(error)
}

const tryAgain = { hint: 'Try again.', exitCode: exitCodes.failed }
const wrongUse = { exitCode: exitCodes.wrongUse }

/** The messages say what to try; a hint stands here where one more thing helps. */
const gitAdvice: Readonly<Record<GitFailureReason, Omit<Told, 'message'>>> = {
  GitMissing: wrongUse,
  NotARepository: wrongUse,
  RepositoryRefused: {
    hint: 'If you trust the folder: `git config --global --add safe.directory <folder>`.',
    exitCode: exitCodes.notAllowed,
  },
  CommandFailed: { exitCode: exitCodes.failed },
  ProcessLost: tryAgain,
  UnknownRevision: { hint: '`git log --oneline --all` lists what there is.', exitCode: exitCodes.wrongUse },
  MissingObject: { hint: '`git fsck` tells what else is missing.', exitCode: exitCodes.failed },
  InvalidRefName: wrongUse,
  RefNameTaken: { exitCode: exitCodes.failed },
  InvalidText: wrongUse,
  BlobTooLarge: wrongUse,
  UnsafePath: { exitCode: exitCodes.notAllowed },
  Contended: { exitCode: exitCodes.failed },
  NoWorkTree: wrongUse,
  DetachedHead: wrongUse,
  OperationInProgress: wrongUse,
  UncommittedTraces: wrongUse,
  UncommittedChanges: wrongUse,
  CheckedOutElsewhere: wrongUse,
  NothingToLand: wrongUse,
  FetchFailed: { hint: '`git fetch` by hand says more.', exitCode: exitCodes.failed },
}

const systemAdvice: Readonly<Record<string, Omit<Told, 'message'>>> = {
  EACCES: { hint: 'See who owns it and who may write it.', exitCode: exitCodes.notAllowed },
  EPERM: { hint: 'See who owns it and who may write it.', exitCode: exitCodes.notAllowed },
  EROFS: { hint: 'The file system can only be read.', exitCode: exitCodes.notAllowed },
  ENOSPC: { hint: 'Make room on the disk and try again.', exitCode: exitCodes.failed },
  EMFILE: { hint: 'Raise the number of files a process may open: `ulimit -n 4096`.', exitCode: exitCodes.failed },
  EADDRINUSE: { hint: 'Take another port with --port, or 0 for any that is free.', exitCode: exitCodes.failed },
  EADDRNOTAVAIL: { hint: 'This machine has no such address; 127.0.0.1 always works.', exitCode: exitCodes.wrongUse },
}

const listenAdvice: Readonly<Record<string, Omit<Told, 'message'>>> = {
  EACCES: { hint: 'Ports below 1024 are the system’s: take another with --port.', exitCode: exitCodes.notAllowed },
}

/** An error of the operating system that a person can do something about. */
function ofTheSystem(error: unknown): Told | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const advice =
    ('syscall' in error && error.syscall === 'listen' && listenAdvice[error.code]) || systemAdvice[error.code]
  return advice && { message: `${error.message}.`, ...advice }
}

function bug(error: unknown): Told {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    message: `This is a bug in Orchestrate: ${what}`,
    hint: 'Please report it with the command you gave; ORCHESTRATE_LOG=debug shows where it happened.',
    exitCode: exitCodes.bug,
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
