import { hashValue } from '../model/hash.ts'
import type { AttemptStatus, RunStatus, StepStatus } from '../runtime/status.ts'

export interface OtlpOptions {
  /** The version of the product, which names the instrumentation. */
  readonly version: string
  /** With the texts of prompts and answers; without, spans tell that something was said, and how much. */
  readonly withContent?: boolean
}

type OtlpValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }

interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

/** A span as OTLP writes it in JSON: ids in hexadecimal digits, times as text, kinds and codes as numbers. */
export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly status: { readonly code: number; readonly message?: string }
}

/** A request of OTLP with the spans of one run, as `POST /v1/traces` takes it. */
export interface OtlpTrace {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] }
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string }
      readonly spans: readonly OtlpSpan[]
    }[]
  }[]
}

const kinds = { internal: 1, client: 3 } as const
const codes = { unset: 0, ok: 1, error: 2 } as const

/**
 * A run as OpenTelemetry spans: the run, its steps inside it, their attempts inside them, model calls by the GenAI
 * conventions. Ids follow from the run, so that a run that is exported twice is the same trace.
 */
export function toOtlp(status: RunStatus, { version, withContent = false }: OtlpOptions): OtlpTrace {
  const lastMs = lastMoment(status)
  const spans = [runSpan(status, lastMs)]
  for (const step of status.steps.values()) {
    spans.push(stepSpan(status, step, lastMs))
    for (const attempt of step.attempts) spans.push(attemptSpan(status, step, attempt, lastMs, withContent))
  }
  const scope = { name: 'orchestrate', version }
  const resource = { attributes: attributes({ 'service.name': 'orchestrate', 'service.version': version }) }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] }
}

function runSpan(status: RunStatus, lastMs: number): OtlpSpan {
  const { id, workflow, phase, revision, branch, usage, error } = status
  return {
    ...idsOf(id, []),
    name: `run ${workflow}`,
    kind: kinds.internal,
    ...times(status, lastMs),
    attributes: attributes({
      'orchestrate.run.id': id,
      'orchestrate.run.workflow': workflow,
      'orchestrate.run.case': status.case,
      'orchestrate.run.phase': phase,
      'orchestrate.run.trigger': status.trigger,
      'vcs.ref.head.revision': revision,
      'vcs.ref.head.name': branch,
      'gen_ai.conversation.id': id,
      'orchestrate.usage.input_tokens': usage.inputTokens,
      'orchestrate.usage.output_tokens': usage.outputTokens,
      'orchestrate.usage.cost_usd': usage.costUsd === null ? undefined : exactly(usage.costUsd),
      'error.type': error?.reason,
    }),
    status: statusOf(phase, error?.reason),
  }
}

function stepSpan(run: RunStatus, step: StepStatus, lastMs: number): OtlpSpan {
  return {
    ...idsOf(run.id, [step.path]),
    parentSpanId: parentOf(run, step.path),
    name: `step ${step.path}`,
    kind: kinds.internal,
    ...times(step, lastMs),
    attributes: attributes({
      'orchestrate.step.path': step.path,
      'orchestrate.step.phase': step.phase,
      'orchestrate.step.branch': step.branch,
      'orchestrate.step.turns': step.turns,
      'error.type': step.error?.reason,
    }),
    status: statusOf(step.phase, step.error?.reason),
  }
}

function attemptSpan(
  run: RunStatus,
  step: StepStatus,
  attempt: AttemptStatus,
  lastMs: number,
  withContent: boolean,
): OtlpSpan {
  const { messages, failure, host, usage } = attempt
  const model = attempt.model ?? attempt.tries.at(-1)?.model
  const call = messages && {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.conversation.id': run.id,
    'gen_ai.request.model': model,
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    ...(withContent && contentOf(attempt)),
  }
  return {
    ...idsOf(run.id, [step.path, attempt.attempt]),
    parentSpanId: idsOf(run.id, [step.path]).spanId,
    name: messages ? `chat${model === undefined ? '' : ` ${model}`}` : `attempt ${attempt.attempt} of ${step.path}`,
    kind: messages ? kinds.client : kinds.internal,
    ...times(attempt, lastMs),
    attributes: attributes({
      ...call,
      'orchestrate.attempt': attempt.attempt,
      'orchestrate.host': host ?? attempt.tries.at(-1)?.host,
      'orchestrate.simulated': attempt.simulated,
      'orchestrate.usage.cost_usd': typeof usage?.costUsd === 'number' ? exactly(usage.costUsd) : undefined,
      'error.type': failure?.reason,
    }),
    // A failure's message may quote what a model said: that is content.
    status: failure
      ? { code: codes.error, message: withContent ? failure.message : failure.reason }
      : { code: attempt.endedMs === undefined ? codes.unset : codes.ok },
  }
}

function contentOf({ messages = [], raw, output }: AttemptStatus): Record<string, string | undefined> {
  const inParts = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] })
  const answer = raw ?? (output === undefined || typeof output === 'string' ? output : JSON.stringify(output))
  return {
    'gen_ai.input.messages': JSON.stringify(messages.map(({ role, content }) => inParts(role, content))),
    'gen_ai.output.messages':
      answer === undefined ? undefined : JSON.stringify([{ ...inParts('assistant', answer), finish_reason: 'stop' }]),
  }
}

/** The id of the span around a step: the nearest block on its path, else the run. */
function parentOf({ id, steps }: RunStatus, path: string): string {
  const segments = path.split('/')
  for (let length = segments.length - 1; length > 0; length -= 1) {
    const around = segments.slice(0, length).join('/')
    if (steps.has(around)) return idsOf(id, [around]).spanId
  }
  return idsOf(id, []).spanId
}

function idsOf(
  runId: string,
  place: readonly (string | number)[],
): { readonly traceId: string; readonly spanId: string } {
  return { traceId: hashValue([runId]).slice(0, 32), spanId: hashValue([runId, ...place, 'span']).slice(0, 16) }
}

interface Span {
  readonly startedMs: number
  readonly endedMs?: number
}

/** What has not ended yet ends, for now, at the last moment that the journal knows of. */
function times({ startedMs, endedMs }: Span, lastMs: number): { startTimeUnixNano: string; endTimeUnixNano: string } {
  return { startTimeUnixNano: nanoseconds(startedMs), endTimeUnixNano: nanoseconds(endedMs ?? lastMs) }
}

function lastMoment({ startedMs, endedMs, steps }: RunStatus): number {
  const moments = [...steps.values()]
    .flatMap(step => [step, ...step.attempts])
    .map(span => span.endedMs ?? span.startedMs)
  return moments.reduce((last, moment) => Math.max(last, moment), endedMs ?? startedMs)
}

function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms)) * 1_000_000n)
}

function statusOf(phase: string, reason: string | undefined): OtlpSpan['status'] {
  if (phase === 'succeeded') return { code: codes.ok }
  return phase === 'failed'
    ? { code: codes.error, ...(reason !== undefined && { message: reason }) }
    : { code: codes.unset }
}

/** A number that may be a fraction: a whole one is written as such, too. */
function exactly(doubleValue: number): { readonly doubleValue: number } {
  return { doubleValue }
}

type Given = string | number | boolean | { readonly doubleValue: number } | undefined

function attributes(given: Readonly<Record<string, Given>>): OtlpAttribute[] {
  return Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]))
}

function valueOf(value: Exclude<Given, undefined>): OtlpValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return typeof value === 'number' ? { intValue: String(value) } : value
}
