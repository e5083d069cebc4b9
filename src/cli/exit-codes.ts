import type { Program } from '../compiler/program.ts'
import type { RunStatus } from '../runtime/status.ts'

/** What the process says by its exit code. */
export const exitCodes = {
  fine: 0,
  /** The run or the comparison failed. */
  failed: 1,
  /** Invalid files or wrong use. */
  wrongUse: 2,
  /** The run was cancelled from elsewhere. */
  cancelled: 3,
  notAllowed: 4,
  noDaemon: 5,
  /** The run's own time limit was reached. */
  timeLimit: 6,
  /** A bug in Orchestrate. */
  bug: 70,
  /** Interrupted here. */
  interrupted: 130,
} as const

type Ended = Pick<RunStatus, 'phase' | 'error' | 'startedMs' | 'endedMs'>

/** The exit code that tells how a run of a program ended; 0 for one that has not. */
export function exitCodeOf(status: Ended, { limits }: Pick<Program, 'limits'>): number {
  switch (status.phase) {
    case 'running':
    case 'paused':
    case 'succeeded':
      return exitCodes.fine
    case 'failed':
      return hasUsedUpItsTime(status, limits?.timeMs) ? exitCodes.timeLimit : exitCodes.failed
    case 'cancelled':
      return exitCodes.cancelled
  }
}

function hasUsedUpItsTime({ error, startedMs, endedMs = startedMs }: Ended, timeMs: number | undefined): boolean {
  return error?.reason === 'Timeout' && timeMs !== undefined && endedMs - startedMs >= timeMs
}
