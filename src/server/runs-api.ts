import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { z } from 'zod'
import type { Program } from '../compiler/program.ts'
import type { Json } from '../model/json.ts'
import type { Clock } from '../runtime/ports.ts'
import { foldRun } from '../runtime/fold.ts'
import { doingOf, isReused, type RunStatus, type StepStatus } from '../runtime/status.ts'
import { type ListedRun, listRuns } from '../store/list-runs.ts'
import type { Store } from '../store/store.ts'
import { ExecuteRequest, ProblemDocument, RunDetail, RunList, RunsQuery, RunStarted } from './contract.ts'
import type { Broadcast } from './broadcast.ts'
import { streamEvents } from './event-stream.ts'
import { Problem } from './problem.ts'

/** What the routes of runs need. */
export interface RunsOptions {
  readonly store: Pick<Store, 'runs' | 'read' | 'readBlob'>
  readonly clock: Clock
  readonly broadcast: Broadcast
  program(hash: string): Program
  /** Starts a run by hand, paused if so wanted; throws `Problem` when the workflow or its inputs are not right. */
  execute(workflow: string, inputs: Record<string, Json>, isPaused: boolean): Promise<string>
  /** Tells a run what a person wants, or makes a new one of it; answers with the id of the run. Throws `Problem`. */
  act(runId: string, verb: string, details: unknown): Promise<string>
}

const Id = z.strictObject({ id: z.string() })
const From = z.strictObject({ from: z.coerce.number().int().min(0).optional() })

const tags = ['runs']

/** Adds the routes that list, show, start and steer runs. */
export function addRuns(app: FastifyInstance, options: RunsOptions, onRequest: onRequestHookHandler): void {
  addStart(app, options, onRequest)
  addReading(app, options, onRequest)
  addStreams(app, options, onRequest)
  addVerbs(app, options, onRequest)
}

function addStart(
  app: FastifyInstance,
  { broadcast: { feed }, execute }: RunsOptions,
  onRequest: onRequestHookHandler,
): void {
  const schema = {
    ...{ tags, summary: 'Starts a run of a workflow as it is saved.', body: ExecuteRequest },
    response: { 200: RunStarted, 400: ProblemDocument, 422: ProblemDocument },
  }
  const start = async ({ workflow, inputs, isPaused }: z.infer<typeof ExecuteRequest>): Promise<object> => {
    // Events of the run come after this position: a caller can read them all from here.
    const seq = feed.lastSeq() + 1
    return { runId: await execute(workflow, inputs, isPaused), seq }
  }
  app.post('/workflows/execute', { onRequest, schema }, request =>
    start(request.body as z.infer<typeof ExecuteRequest>),
  )
}

function addReading(app: FastifyInstance, options: RunsOptions, onRequest: onRequestHookHandler): void {
  const list = { tags, summary: 'Runs, newest first.', querystring: RunsQuery, response: { 200: RunList } }
  app.get('/api/runs', { onRequest, schema: list }, request => {
    const { limit, ...filter } = request.query as z.infer<typeof RunsQuery>
    return { runs: listRuns(options.store, filter).take(limit).map(lineOf).toArray() }
  })
  const one = {
    ...{ tags, summary: 'All that is known of a run.', params: Id },
    response: { 200: RunDetail, 404: ProblemDocument },
  }
  app.get('/api/runs/:id', { onRequest, schema: one }, request => detailOf(options, idOf(request)))
}

function addStreams(app: FastifyInstance, options: RunsOptions, onRequest: onRequestHookHandler): void {
  const { broadcast, clock } = options
  const one = { tags, summary: 'The events of a run, as server-sent events.', params: Id, querystring: From }
  app.get('/api/runs/:id/events', { onRequest, schema: one }, (request, reply) => {
    const { status } = readRun(options, idOf(request))
    streamEvents(reply, broadcast, { from: positionOf(request), runId: status.id }, clock)
  })
  const all = { tags, summary: 'All events, as server-sent events.', querystring: From }
  app.get('/api/events', { onRequest, schema: all }, (request, reply) =>
    streamEvents(reply, broadcast, { from: positionOf(request) }, clock),
  )
}

const summaries = {
  pause: 'Begins no further attempt until it is told to resume; what works goes on to its end.',
  resume: 'Ends a pause.',
  step: 'Lets one attempt of a paused run begin.',
  cancel: 'Ends the run.',
  answer: 'Answers the question of a step: `step` and `value`.',
  signal: 'Sends an event to a run: `event` and `value`.',
  retry: 'A new run that takes up what this one has recorded before the step `from`.',
  rollback: 'A new run that takes back what settled after the step `to`, newest first.',
  fork: 'A new run of the workflow as it is saved, with other `inputs`, that takes up answers to the same questions.',
} as const

function addVerbs(
  app: FastifyInstance,
  { broadcast: { feed }, act }: RunsOptions,
  onRequest: onRequestHookHandler,
): void {
  const tell = async (id: string, verb: string, details: unknown): Promise<object> => {
    // Events of a new run come after this position.
    const seq = feed.lastSeq() + 1
    return { runId: await act(id, verb, details), seq }
  }
  for (const [verb, summary] of Object.entries(summaries)) {
    const body = z.record(z.string(), z.json()).nullish()
    const response = { 200: RunStarted, 400: ProblemDocument }
    app.post(`/api/runs/:id/${verb}`, { onRequest, schema: { tags, summary, params: Id, body, response } }, request =>
      tell(idOf(request), verb, request.body ?? {}),
    )
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as z.infer<typeof Id>).id
}

/** What a browser says when it connects again is newer than what the address says. */
function positionOf(request: FastifyRequest): number | undefined {
  const last = Number(request.headers['last-event-id'])
  return Number.isInteger(last) && last > 0 ? last + 1 : (request.query as z.infer<typeof From>).from
}

function lineOf(run: ListedRun): object {
  const { phase: _, doing, closureKey: __, ...row } = run
  return { ...row, status: doing }
}

function readRun({ store }: RunsOptions, id: string): { readonly status: RunStatus; readonly seq: number } {
  const events = store.read(id)
  const last = events.at(-1)
  if (!last) throw new Problem(404, 'UNKNOWN_RUN', `There is no run ${id}.`, 'GET /api/runs lists them.')
  return { status: foldRun(events), seq: last.seq }
}

function detailOf(options: RunsOptions, id: string): object {
  const { status, seq } = readRun(options, id)
  const { steps, phase: _, programHash, sourceHash, closureKey: __, reuse: ___, ...run } = status
  return {
    ...run,
    status: doingOf(status),
    steps: [...steps.values()].map(stepOf),
    graph: options.program(programHash).graph,
    source: options.store.readBlob(sourceHash) ?? '',
    seq,
  }
}

function stepOf(step: StepStatus): object {
  const { phase, attempts, ...rest } = step
  return { ...rest, status: phase, isReused: isReused(step), attempts }
}
