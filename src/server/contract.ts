import { z } from 'zod'
import { Scope } from '../model/authority.ts'
import { Severity, Span } from '../model/diagnostic.ts'
import { Usage } from '../model/usage.ts'

/** What is said over HTTP: the shapes of requests and answers, from which `/openapi.json` is made. */

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
    inputs: z.record(z.string(), z.json()).default({}),
    isPaused: z.boolean().default(false).describe('Begin nothing until the run is told to step or to resume.'),
  })
  .meta({ id: 'ExecuteRequest' })

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

const Cause = z.object({ reason: z.string(), message: z.string(), step: z.string().optional() })

export const AttemptDetail = z
  .object({
    attempt: z.int(),
    startedMs: z.number(),
    endedMs: z.number().optional(),
    messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
    waiting: z.record(z.string(), z.json()).optional().describe('What it waits, or has waited, for.'),
    by: z.string().optional(),
    output: z.json().optional(),
    raw: z.string().optional().describe('The answer as it came, where it was read as something else.'),
    failure: z.looseObject({ reason: z.string(), message: z.string() }).optional(),
    host: z.string().optional(),
    model: z.string().optional(),
    usage: Usage.optional(),
  })
  .meta({ id: 'Attempt' })

export const StepDetail = z
  .object({
    path: z.string(),
    status: z.string(),
    output: z.json(),
    error: Cause.optional(),
    startedMs: z.number(),
    endedMs: z.number().optional(),
    isReused: z.boolean(),
    attempts: z.array(AttemptDetail),
  })
  .meta({ id: 'Step' })

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
    inputs: z.record(z.string(), z.json()),
    outputs: z.json(),
    error: Cause.optional(),
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

export const LoginLink = z
  .object({ path: z.string().describe('Opened once, it logs the browser in.'), expiresMs: z.number() })
  .meta({ id: 'LoginLink' })

export const Who = z
  .object({
    name: z.string(),
    kind: z.enum(['owner', 'token', 'session', 'proxy']),
    scopes: z.array(Scope),
    workflows: z.array(z.string()),
  })
  .meta({ id: 'Caller' })

export const TokenRequest = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Who uses it: the name in journals and in the audit log.'),
    scopes: z.array(Scope).min(1),
    workflows: z.array(z.string()).min(1).default(['**']).describe('Patterns of the names of workflows.'),
    expiresMs: z.number().optional(),
  })
  .meta({ id: 'TokenRequest' })

export const TokenLine = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(Scope),
    workflows: z.array(z.string()),
    createdMs: z.number(),
    expiresMs: z.number().optional(),
  })
  .meta({ id: 'Token' })

export const TokenMade = TokenLine.extend({ secret: z.string() }).meta({ id: 'NewToken' })

export const TokenList = z.object({ tokens: z.array(TokenLine) }).meta({ id: 'TokenList' })

export const AuditPage = z
  .object({
    entries: z.array(
      z.object({
        number: z.int(),
        timeMs: z.number(),
        who: z.string(),
        what: z.string(),
        target: z.string(),
        decision: z.enum(['allowed', 'denied']),
        hash: z.string().describe('Covers this entry and the hash before it.'),
      }),
    ),
  })
  .meta({ id: 'AuditPage' })
