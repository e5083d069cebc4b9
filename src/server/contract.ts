import { z } from 'zod'
import { Severity, Span } from '../model/diagnostic.ts'
import { HostTry } from '../model/failure.ts'
import { Origin, RunOutcome } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { Usage } from '../model/usage.ts'

/** What is said over HTTP: the shapes of requests and answers, from which `/openapi.json` is made. */

/** What has come over HTTP as JSON is JSON; and who reads the description is told so without a definition in circles. */
export const anyJson = z.any().describe('Any JSON.') as z.ZodType<Json>

export const ProblemDocument = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong, in a sentence.'),
    code: z.string().describe('What is wrong, for programs.'),
    hint: z.string().optional().describe('What to try next.'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457, with a code.' })

export const ExecuteRequest = z
  .strictObject({
    workflow: z.string().describe('The name of a workflow, or the path of its file.'),
    inputs: z.record(z.string(), anyJson).default({}),
    isPaused: z.boolean().default(false).describe('Begin nothing until the run is told to step or to resume.'),
    by: z.string().optional().describe('Who wants it, where the caller owns the workspace; else it is the caller.'),
  })
  .meta({ id: 'ExecuteRequest' })

/** What a verb needs to know; each says which. */
export const Details = z.record(z.string(), anyJson).meta({ id: 'Details' })

export const RunStarted = z
  .object({
    runId: z.string(),
    seq: z.int().describe('Events of the run come from this position on.'),
  })
  .meta({ id: 'RunStarted' })

export const Doing = z.enum(['running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled'])

export const RunsQuery = z.strictObject({
  workflow: z.string().optional(),
  status: Doing.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
})

export const RunLine = z
  .object({
    id: z.string(),
    workflow: z.string(),
    case: z.string(),
    status: Doing,
    trigger: z.string(),
    by: z.string().optional().describe('Who started it.'),
    branch: z.string().optional(),
    revision: z.string().optional(),
    isDirty: z.boolean().describe('True where files that are not committed were run.'),
    startedMs: z.number().describe('Milliseconds since the epoch, as all times here.'),
    endedMs: z.number().optional(),
    traceCommit: z.string().optional(),
    asks: z.array(z.string()).describe('Paths of the steps that wait for a person.'),
  })
  .meta({ id: 'RunLine' })

export const RunList = z.object({ runs: z.array(RunLine) }).meta({ id: 'RunList' })

const Cause = z.object({
  ...{ reason: z.string(), message: z.string(), step: z.string().optional() },
  output: anyJson.optional(),
})

export const AttemptDetail = z
  .object({
    attempt: z.int(),
    startedMs: z.number(),
    endedMs: z.number().optional(),
    messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
    waiting: z.record(z.string(), anyJson).optional().describe('What it waits, or has waited, for.'),
    by: z.string().optional(),
    output: anyJson.optional(),
    raw: z.string().optional().describe('The answer as it came, where it was read as something else.'),
    failure: z.looseObject({ reason: z.string(), message: z.string() }).optional(),
    host: z.string().optional(),
    model: z.string().optional(),
    simulated: z.boolean().optional().describe('True where no real model was asked.'),
    usage: Usage.optional(),
    origin: Origin.optional().describe('Where the answer was recorded first.'),
    tries: z.array(HostTry).describe('Every request to a host.'),
  })
  .meta({ id: 'Attempt' })

export const StepDetail = z
  .object({
    path: z.string(),
    status: z.string(),
    output: anyJson,
    error: Cause.optional(),
    startedMs: z.number(),
    endedMs: z.number().optional(),
    isReused: z.boolean(),
    branch: z.string().optional().describe('The branch of a switch that was taken.'),
    turns: z.int().optional().describe('Turns of a loop that have begun.'),
    items: z.int().optional().describe('Items of an each.'),
    tries: z.int().optional().describe('Further tries that a block was given.'),
    caught: Cause.optional().describe('The last failure that was dealt with.'),
    isHandled: z.boolean().optional().describe('True once the handler has begun.'),
    attempts: z.array(AttemptDetail),
    answer: z
      .record(z.string(), anyJson)
      .optional()
      .describe('Of a step that asks a person: the JSON Schema of the answer. Without it text is wanted.'),
  })
  .meta({ id: 'StepOfRun' })

export const Graph = z
  .object({
    nodes: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        label: z.string(),
        parent: z.string().optional(),
        role: z.string(),
      }),
    ),
    edges: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        label: z.string().optional(),
        kind: z.enum(['order', 'branch', 'back', 'error', 'undo']),
      }),
    ),
  })
  .meta({ id: 'Graph', description: 'A node a step; edges say what waits for what.' })

export const RunDetail = z
  .object({
    ...RunLine.omit({ traceCommit: true, asks: true }).shape,
    inputs: z.record(z.string(), anyJson),
    outputs: anyJson,
    error: Cause.optional(),
    ending: RunOutcome.optional().describe('How the steps have ended, while what follows them goes on.'),
    isSimulated: z.boolean().optional(),
    usage: Usage,
    steps: z.array(StepDetail).describe('In the order in which they began.'),
    trace: z.object({ commit: z.string(), ref: z.string(), folder: z.string() }).optional(),
    graph: Graph,
    source: z.string().describe('The file as it was when the run began.'),
    sourcePath: z.string(),
    seq: z.int().describe('The last event that this answer holds: ask for events from the next one.'),
  })
  .meta({ id: 'Run' })

export const Diagnostic = z
  .object({
    code: z.string(),
    severity: Severity,
    message: z.string(),
    hint: z.string().optional(),
    span: Span,
  })
  .meta({ id: 'Diagnostic' })

export const Condition = z
  .object({
    type: z.string(),
    status: z.enum(['True', 'False']),
    reason: z.string(),
    message: z.string(),
    lastTransitionTime: z.string(),
  })
  .meta({ id: 'Condition' })

export const WorkflowLine = z
  .object({
    branch: z.string(),
    workflow: z.string(),
    path: z.string(),
    suspend: z.boolean(),
    observedRevision: z.string(),
    lastGoodRevision: z.string().optional(),
    conditions: z.array(Condition),
    diagnostics: z.array(Diagnostic),
  })
  .meta({ id: 'WorkflowStatus' })

export const WorkflowList = z.object({ workflows: z.array(WorkflowLine) }).meta({ id: 'WorkflowList' })

export const HostLine = z
  .object({
    name: z.string(),
    url: z.string(),
    kind: z.string(),
    isSimulated: z.boolean(),
    models: z.array(z.string()).optional().describe('Undefined: any.'),
    lostModels: z.array(z.string()),
    parallel: z.number(),
    inFlight: z.number(),
    condition: z.string(),
    message: z.string().optional(),
    reopensMs: z.number().optional(),
  })
  .meta({ id: 'Host' })

export const HostList = z.object({ hosts: z.array(HostLine) }).meta({ id: 'HostList' })

export const CheckRequest = z
  .strictObject({
    path: z.string().default('workflows/untitled.yaml').describe('Where the file stands, or would stand.'),
    source: z.string(),
  })
  .meta({ id: 'CheckRequest' })

export const CheckAnswer = z
  .object({
    ok: z.boolean(),
    diagnostics: z.array(Diagnostic),
    graph: Graph.nullable().describe('Null where the file is not sound.'),
  })
  .meta({ id: 'CheckAnswer' })

export const HealthAnswer = z
  .object({ status: z.enum(['ok', 'degraded']), reasons: z.array(z.string()), version: z.string() })
  .meta({ id: 'Health' })
