import { expect, test } from 'vitest'
import { z } from 'zod'
import { type OtlpSpan, toOtlp } from '../../src/trace/otlp.ts'
import { articleRun } from './fixture.ts'

const AnyValue = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ boolValue: z.boolean() }),
])
const Attributes = z.array(z.strictObject({ key: z.string().min(1), value: AnyValue }))
const id = (bytes: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${bytes * 2}}$`))
const nanoseconds = z.string().regex(/^[1-9]\d{18}$/)

/** A request of OTLP in JSON, with the fields that we write and no other. */
const Request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: Attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(
            z.strictObject({
              ...{ traceId: id(16), spanId: id(8), parentSpanId: id(8).optional(), name: z.string().min(1) },
              ...{ kind: z.int().min(1).max(5), startTimeUnixNano: nanoseconds, endTimeUnixNano: nanoseconds },
              attributes: Attributes,
              status: z.strictObject({ code: z.int().min(0).max(2), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
})

function spansOf(withContent = false, input = articleRun()): OtlpSpan[] {
  const exported = toOtlp(input.status, { version: '1.2.3', withContent })
  return exported.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

const attribute = (span: OtlpSpan | undefined, key: string) => span?.attributes.find(item => item.key === key)?.value

test('an exported run is valid OTLP in JSON', () => {
  const exported: unknown = JSON.parse(
    JSON.stringify(toOtlp(articleRun().status, { version: '1.2.3', withContent: true })),
  )
  expect(Request.parse(exported)).toEqual(exported)
  for (const span of spansOf())
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
  for (const { attributes } of spansOf()) expect(new Set(attributes.map(({ key }) => key)).size).toBe(attributes.length)
})

test('spans form one tree: the run, in it the steps, in them their attempts; turns are inside their loop', () => {
  const spans = spansOf()
  const { size } = new Set(spans.map(({ spanId }) => spanId))
  expect(size).toBe(spans.length)
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  const [root, ...others] = spans
  expect(root).toMatchObject({ name: 'run blog/article', kind: 1 })
  expect(root?.parentSpanId).toBeUndefined()
  const byId = new Map(spans.map(span => [span.spanId, span]))
  expect(others.every(({ parentSpanId }) => byId.has(parentSpanId ?? ''))).toBe(true)
  const draft = spans.find(({ name }) => name === 'step refine/0/draft')
  expect(byId.get(draft?.parentSpanId ?? '')?.name).toBe('step refine')
  const chat = spans.find(({ parentSpanId }) => parentSpanId === draft?.spanId)
  expect(chat).toMatchObject({ name: 'chat qwen3-32b', kind: 3, status: { code: 1 } })
})

test('the same run has the same ids each time, another run has others', () => {
  const ids = (runId: string) => {
    const usual = { runId, firstSeq: 1, startedMs: 1_700_000_000_000, host: 'gpu-a' }
    return spansOf(false, articleRun(usual)).map(({ traceId, spanId }) => `${traceId} ${spanId}`)
  }
  expect(ids('r-1')).toEqual(ids('r-1'))
  expect(ids('r-1').filter(each => ids('r-2').includes(each))).toEqual([])
})

test('a model call says what the GenAI conventions ask for, and what went wrong by its reason', () => {
  const spans = spansOf()
  const chat = spans.find(({ name }) => name === 'chat qwen3-32b')
  expect(attribute(chat, 'gen_ai.operation.name')).toEqual({ stringValue: 'chat' })
  expect(attribute(chat, 'gen_ai.provider.name')).toEqual({ stringValue: 'openai' })
  expect(attribute(chat, 'gen_ai.request.model')).toEqual({ stringValue: 'qwen3-32b' })
  expect(attribute(chat, 'gen_ai.usage.input_tokens')).toEqual({ intValue: '12' })
  expect(attribute(chat, 'gen_ai.usage.output_tokens')).toEqual({ intValue: '34' })
  const failed = spans.filter(({ name }) => name.startsWith('attempt') && name.endsWith('of end'))
  expect(failed.map(({ status }) => status)).toEqual([
    { code: 2, message: 'CommandFailed' },
    { code: 2, message: 'CommandFailed' },
  ])
  expect(attribute(spans[0], 'error.type')).toEqual({ stringValue: 'CommandFailed' })
})

test('prompts and answers are exported only when they are asked for', () => {
  const words = ['You write about tea', 'Line 7 of the essay', 'exit code 1']
  const without = JSON.stringify(spansOf())
  const withThem = JSON.stringify(spansOf(true))
  for (const text of words) {
    expect(without).not.toContain(text)
    expect(withThem).toContain(text)
  }
  const chat = spansOf(true).find(({ name }) => name === 'chat qwen3-32b')
  const messages = attribute(chat, 'gen_ai.input.messages')
  expect(messages && 'stringValue' in messages && JSON.parse(messages.stringValue)).toMatchObject([
    { role: 'system', parts: [{ type: 'text', content: 'You write about tea.' }] },
    { role: 'user', parts: [{ type: 'text' }] },
  ])
})
