import { z } from 'zod'
import { fitProblem } from '../checker/value-fit.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { schemaProblem } from '../model/schema-problem.ts'
import type { Output } from '../model/step.ts'
import { UsageError } from '../model/usage-error.ts'
import { stepIdOf } from '../runtime/path.ts'
import type { AttemptRequest } from '../runtime/ports.ts'
import type { RunKeeper } from '../runtime/keeper.ts'
import { openQuestions, type RunStatus } from '../runtime/status.ts'

/** What a person may tell a run that has not ended. `by` says who it is. */
export const Action = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['pause', 'resume', 'step', 'cancel']), by: z.string().optional() }),
  z.strictObject({ type: z.literal('answer'), step: z.string(), value: z.json(), by: z.string().optional() }),
  z.strictObject({
    type: z.literal('signal'),
    event: z.string().min(1),
    value: z.json().optional(),
    by: z.string().optional(),
  }),
])
export type Action = z.infer<typeof Action>

/** What control needs of a workspace. */
export interface ControlledWorkspace {
  readonly keeper: RunKeeper
  /** What people send is recorded, and a secret may be in it. */
  readonly redactor: { json(value: Json): Json }
  status(id: string): RunStatus | undefined
}

/** Tells a run what a person wants; settles when it is durable. Throws `UsageError` when the run cannot do it. */
export async function act(workspace: ControlledWorkspace, runId: string, action: Action): Promise<void> {
  const { keeper } = workspace
  refuseEnded(workspace, runId)
  const { json } = workspace.redactor
  const by = action.by === undefined ? {} : { by: action.by }
  if (action.type === 'answer') return answer(workspace, runId, action.step, json(action.value), by)
  const isDone =
    action.type === 'signal'
      ? await keeper.signal(runId, 'event', { event: action.event, value: json(action.value ?? null), ...by })
      : await keeper.signal(runId, action.type, by)
  if (!isDone) throw new UsageError(`Run ${runId} ended in this moment.`)
}

function refuseEnded(workspace: ControlledWorkspace, runId: string): void {
  if (workspace.keeper.has(runId)) return
  const known = workspace.status(runId)
  if (!known) throw new UsageError(`There is no run ${runId}.`, '`orchestrate runs` lists them all.')
  if (known.endedMs !== undefined)
    throw new UsageError(
      `Run ${runId} has ended: it ${howEnded(known)}.`,
      `To run it again: \`orchestrate retry ${runId}\`.`,
    )
  if (workspace.keeper.stopped.has(runId)) {
    throw new UsageError(
      `Run ${runId} is stopped: it cannot go on from its journal.`,
      '`orchestrate doctor` tells why.',
    )
  }
  const wanted = known.isSimulated ? 'with --mock' : 'without --mock, and with a model server'
  throw new UsageError(`Run ${runId} waits for a daemon that can go on with it.`, `Start one ${wanted}.`)
}

function howEnded({ phase }: RunStatus): string {
  return phase === 'cancelled' ? 'was cancelled' : phase
}

async function answer(
  workspace: ControlledWorkspace,
  runId: string,
  step: string,
  given: Json,
  by: { readonly by?: string },
): Promise<void> {
  const { keeper } = workspace
  const questions = keeper.sent(runId).filter(({ work }) => work.kind === 'ask')
  refuseHeld(workspace, questions, runId, step)
  const request = findQuestion(questions, runId, step)
  const { output } = request.work
  const value = asMeant(given, output)
  const problem = output.type === 'schema' ? fitProblem(step, value, output.schema) : undefined
  if (problem) throw new UsageError(`The answer ${problem.message}`, problem.hint)
  if (!(await keeper.answer(request, { output: value, ...by }))) {
    throw new UsageError(`\`${step}\` waits no more.`, 'Somebody answered first, or the run has ended.')
  }
}

/** A question that a pause holds back has not been put to anybody yet. */
function refuseHeld(
  workspace: ControlledWorkspace,
  questions: readonly AttemptRequest[],
  runId: string,
  step: string,
): void {
  const status = workspace.status(runId)
  if (status?.phase !== 'paused' || questions.some(request => isMeant(request.path, step))) return
  if (!openQuestions(status).some(({ path }) => isMeant(path, step))) return
  const hint = `First \`orchestrate step ${runId}\`, or \`resume\` it.`
  throw new UsageError(`\`${step}\` has not asked yet: run ${runId} is paused.`, hint)
}

function isMeant(path: string, step: string): boolean {
  return path === step || stepIdOf(path) === step
}

function findQuestion(questions: readonly AttemptRequest[], runId: string, step: string): AttemptRequest {
  const found = questions.filter(({ path }) => isMeant(path, step))
  const [only] = found
  if (only && found.length === 1) return only
  const paths = questions.map(({ path }) => path)
  if (found.length > 1) {
    throw new UsageError(
      `${found.length} executions of \`${step}\` wait for an answer.`,
      `Write which: ${paths.join(', ')}.`,
    )
  }
  const near = nearest(step, paths)
  const hint = near
    ? `Did you mean ${near}?`
    : paths.length > 0
      ? `These wait: ${paths.join(', ')}.`
      : 'No step of the run waits for a person.'
  throw new UsageError(`\`${step}\` of run ${runId} does not wait for an answer.`, hint)
}

/** What a person types is text; where the answer must be something else it is read as JSON. */
function asMeant(given: Json, output: Output): Json {
  if (typeof given !== 'string') return output.type === 'text' ? JSON.stringify(given) : given
  if (output.type === 'text') return given
  if (output.type === 'schema' && schemaProblem(given, output.schema) === undefined) return given
  try {
    return JSON.parse(given) as Json
  } catch {
    return given
  }
}
