import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Program } from '../compiler/program.ts'
import type { Json } from '../model/json.ts'
import type { Clock } from '../runtime/ports.ts'
import { foldRun } from '../runtime/fold.ts'
import { stepIdOf } from '../runtime/path.ts'
import { doingOf, isReused, questionOf, type StepStatus } from '../runtime/status.ts'
import { type ListedRun, listRuns } from '../store/list-runs.ts'
import type { Store } from '../store/store.ts'
import { Details, ExecuteRequest, ProblemDocument, RunDetail, RunList, RunsQuery, RunStarted } from './contract.ts'
import type { Broadcast } from './broadcast.ts'
import { streamEvents } from './event-stream.ts'
import { type Guards, requireRun, seer, sees } from './guard.ts'
import type { JournalAnswers } from './journal-answers.ts'
import type { OpenStreams } from './open-streams.ts'
import { Problem } from './problem.ts'
import type { Scope } from '../model/authority.ts'

/** What the routes of runs need. */
export interface RunsOptions {
  readonly store: Pick<Store, 'eachRun' | 'read' | 'readBlob' | 'workflowOf'>
  readonly clock: Clock
  readonly broadcast: Broadcast
  readonly answers: JournalAnswers
  readonly streams: OpenStreams
  program(hash: string): Program
  /** Starts a run by hand; throws `Problem` when the workflow or its inputs are not right. */
  execute(wanted: WantedRun): Promise<string>
  /** Tells a run what a person wants, or makes a new one of it; answers with the id of the run. Throws `Problem`. */
  act(runId: string, verb: string, details: object): Promise<string>
  /** Why somebody may not answer a question of a run, in a sentence; undefined where they may. */
  answerProblem(runId: string, step: string, name: string): Promise<string | undefined>
}

/** A run that somebody wants started. */
export interface WantedRun {
  /** The name of a workflow, or the path of its file. */
  readonly workflow: string
  readonly inputs: Record<string, Json>
  /** True where it is to begin nothing until it is told to. */
  readonly isPaused: boolean
  readonly by: string
  /** Called with the name of the workflow before anything starts; throws `Problem`. */
  permit(workflow: string): void
}

const Id = z.strictObject({ id: z.string() })
const From = z.strictObject({ from: z.coerce.number().multipleOf(0.5).min(0).optional() })

const tags = ['runs']

/** Adds the routes that list, show, start and steer runs. */
export function addRuns(app: FastifyInstance, options: RunsOptions, guards: Guards): void {
  addStart(app, options, guards)
  addReading(app, options, guards)
  addStreams(app, options, guards)
  addVerbs(app, options, guards)
}

function addStart(app: FastifyInstance, options: RunsOptions, { needs, permit }: Guards): void {
  const { broadcast, execute } = options
  const schema = {
    ...{ tags, summary: 'Starts a run of a workflow as it is saved.', body: ExecuteRequest },
    response: { 200: RunStarted, 400: ProblemDocument, 422: ProblemDocument },
  }
  app.post('/workflows/execute', { onRequest: needs.run, schema }, async request => {
    const { by, ...wanted } = request.body as z.infer<typeof ExecuteRequest>
    // Events of the run come after this position: a caller can read them all from here.
    const seq = broadcast.feed.lastSeq() + 1
    const runId = await hidingHints(request, execute, {
      ...wanted,
      by: nameOf(request, by),
      permit: workflow => permit(request, workflow, workflow),
    })
    return { runId, seq }
  })
}

/** A hint names workflows that are none of everybody's. */
async function hidingHints(
  { caller }: FastifyRequest,
  execute: RunsOptions['execute'],
  wanted: WantedRun,
): Promise<string> {
  try {
    return await execute(wanted)
  } catch (error) {
    if (!(error instanceof Problem) || caller?.workflows.includes('**')) throw error
    throw new Problem(error.status, error.code, error.message)
  }
}

function addReading(app: FastifyInstance, options: RunsOptions, { needs }: Guards): void {
  const { answers, store } = options
  const list = { tags, summary: 'Runs, newest first.', querystring: RunsQuery, response: { 200: RunList } }
  app.get('/api/runs', { onRequest: needs.read, schema: list }, (request, reply) => {
    const query = request.query as z.infer<typeof RunsQuery>
    return answers.send(reply, JSON.stringify(['runs', query, request.caller?.workflows]), () => {
      const { limit, ...filter } = query
      const seen = listRuns(store, filter).filter(({ workflow }) => sees(request, workflow))
      return { runs: seen.take(limit).map(lineOf).toArray() }
    })
  })
  const one = {
    ...{ tags, summary: 'All that is known of a run.', params: Id },
    response: { 200: RunDetail, 404: ProblemDocument },
  }
  app.get('/api/runs/:id', { onRequest: needs.read, schema: one }, (request, reply) => {
    const id = seenRun(options, request)
    return answers.send(reply, JSON.stringify(['run', id]), () => detailOf(options, id))
  })
}

function addStreams(app: FastifyInstance, options: RunsOptions, { needs }: Guards): void {
  const { broadcast, clock, store, streams } = options
  const one = { tags, summary: 'The events of a run, as server-sent events.', params: Id, querystring: From }
  app.get('/api/runs/:id/events', { onRequest: needs.read, schema: one }, (request, reply) => {
    const wanted = { from: positionOf(request), runId: seenRun(options, request) }
    streams.add(streamEvents(reply, broadcast, wanted, clock), request.caller)
  })
  const all = { tags, summary: 'All events, as server-sent events.', querystring: From }
  app.get('/api/events', { onRequest: needs.read, schema: all }, (request, reply) => {
    const wanted = { from: positionOf(request), isSeen: seer(request, store) }
    streams.add(streamEvents(reply, broadcast, wanted, clock), request.caller)
  })
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

function addVerbs(app: FastifyInstance, options: RunsOptions, { needs, permit, deny }: Guards): void {
  for (const [verb, summary] of Object.entries(summaries)) {
    const body = Details.nullish()
    const response = { 200: RunStarted, 400: ProblemDocument, 403: ProblemDocument, 404: ProblemDocument }
    const schema = { tags, summary, params: Id, body, response }
    app.post(`/api/runs/:id/${verb}`, { onRequest: needs[scopeOf(verb)], schema }, async request => {
      const { by, ...details } = (request.body ?? {}) as { by?: string; step?: unknown }
      const id = seenRun(options, request)
      const problem =
        verb === 'answer' && request.caller?.kind !== 'owner'
          ? await options.answerProblem(id, String(details.step), request.caller?.name ?? '')
          : undefined
      if (problem !== undefined) deny(request, id, 'NOT_YOURS_TO_ANSWER', problem)
      permit(request, id)
      // Events of a new run come after this position.
      const seq = options.broadcast.feed.lastSeq() + 1
      return { runId: await options.act(id, verb, { ...details, by: nameOf(request, by) }), seq }
    })
  }
}

function scopeOf(verb: string): Scope {
  if (verb === 'answer') return 'approve'
  return verb === 'retry' || verb === 'fork' ? 'run' : 'control'
}

/** Whoever owns the workspace says who they are; everybody else is who their token says. */
function nameOf({ caller }: FastifyRequest, by: string | undefined): string {
  return caller?.kind === 'owner' ? (by ?? caller.name) : (caller?.name ?? '')
}

/** The id of the run that is asked for. Throws `Problem` when there is none, or it is none of the caller's. */
function seenRun({ store }: RunsOptions, request: FastifyRequest): string {
  const { id } = request.params as z.infer<typeof Id>
  requireRun(request, id, store)
  return id
}

/** What a browser says when it connects again is newer than what the address says. */
function positionOf(request: FastifyRequest): number | undefined {
  const last = Number(request.headers['last-event-id'])
  return last > 0 ? last + 1 : (request.query as z.infer<typeof From>).from
}

function lineOf(run: ListedRun): object {
  const { phase: _, doing, closureKey: __, ...row } = run
  return { ...row, status: doing }
}

function detailOf(options: RunsOptions, id: string): object {
  const events = options.store.read(id)
  const status = foldRun(events)
  // Nothing of the run has happened between its last event and this one: a reader need not hear of other runs again.
  const seq = options.broadcast.feed.lastSeq()
  const program = options.program(status.programHash)
  const { steps, phase: _, programHash: ____, sourceHash, closureKey: __, reuse: ___, ...run } = status
  return {
    ...run,
    status: doingOf(status),
    steps: [...steps.values()].map(step => stepOf(step, program)),
    graph: program.graph,
    source: options.store.readBlob(sourceHash) ?? '',
    seq,
  }
}

function stepOf(step: StepStatus, program: Program): object {
  const { phase, attempts, ...rest } = step
  const work = questionOf(step) && program.steps[stepIdOf(step.path)]?.work
  const answer = work?.kind === 'ask' && work.output.type === 'schema' ? { answer: work.output.schema } : {}
  return { ...rest, status: phase, isReused: isReused(step), attempts, ...answer }
}
