import { StepFailure } from '../model/failure.ts'
import type { Json } from '../model/json.ts'
import { lateFailure } from '../runtime/late.ts'
import type { AttemptRequest, Clock, Executor } from '../runtime/ports.ts'
import type { RunStatus } from '../runtime/status.ts'

/** What a step that runs another workflow needs of the workspace. */
export interface ChildRuns {
  /** Starts the run of an attempt under an id that is the same whenever it is asked for again. Throws `StepFailure`. */
  start(request: AttemptRequest, workflow: string, inputs: Readonly<Record<string, Json>>): Promise<string>
  /** How a run has ended, when it has. */
  settled(runId: string, signal: AbortSignal): Promise<RunStatus>
  cancel(runId: string): void
}

/** Runs another workflow as a run of its own, with a trace of its own. When the step is stopped, so is that run. */
export function createWorkflowExecutor(children: ChildRuns, clock: Clock): Executor {
  return {
    // The child is what works: the step takes no place among the attempts at once, and its run none among the runs.
    waitsUntil: ({ deadlineMs = Number.POSITIVE_INFINITY }) => deadlineMs,
    execute: async (request, signal) => {
      const { work, deadlineMs } = request
      if (work.kind !== 'workflow') throw new Error(`${work.kind} runs no workflow`)
      const runId = await children.start(request, work.workflow, work.inputs)
      const late = new AbortController()
      const clear =
        deadlineMs === undefined
          ? undefined
          : clock.at(deadlineMs, () => late.abort(new StepFailure(lateFailure(request))))
      try {
        return answerOf(await children.settled(runId, AbortSignal.any([signal, late.signal])))
      } catch (error) {
        if (late.signal.aborted || isStopped(signal)) children.cancel(runId)
        throw error
      } finally {
        clear?.()
      }
    },
  }
}

function answerOf({ id, phase, outputs, error }: RunStatus): {
  output: Json
  origin: { runId: string; path: string }
} {
  if (phase === 'succeeded') return { output: outputs, origin: { runId: id, path: '' } }
  const cause = error ? `: ${error.reason} in \`${error.step}\`: ${error.message}` : '.'
  throw new StepFailure({
    reason: 'ChildFailed',
    message: `Run ${id} ${phase === 'failed' ? 'failed' : 'was cancelled'}${cause}`,
  })
}

/** A step that is stopped takes its run with it; a process that stops does not: the run goes on when it is started again. */
function isStopped(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof StepFailure
}
