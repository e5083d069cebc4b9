import { expect, test } from 'vitest'
import { createPromptExecutor } from '../../src/executors/prompt.ts'
import { createFleet } from '../../src/hosts/fleet.ts'
import type { Host } from '../../src/hosts/host.ts'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'
import type { ModelSource } from '../../src/model/configuration.ts'
import type { Output } from '../../src/model/step.ts'
import type { Answer, AttemptRequest, Work } from '../../src/runtime/ports.ts'
import { failureOf, hostAt, ports } from '../hosts/asking.ts'
import { type ScriptedHost, scriptedHost } from './scripted-host.ts'

const never = new AbortController().signal
const scoreSchema = {
  type: 'object',
  properties: { score: { type: 'number', minimum: 0, maximum: 1 } },
  required: ['score'],
}
const score: Output = { type: 'schema', schema: scoreSchema }

function attempt(output: Output, work: Partial<Work & { kind: 'prompt' }> = {}): AttemptRequest {
  return {
    runId: 'run-1',
    workflow: 'demo',
    stepId: 'draft',
    path: 'draft',
    attempt: 1,
    key: 'k',
    limits: [],
    isCached: false,
    idempotencyKey: 'key-1',
    startedMs: Date.now(),
    deadlineMs: Date.now() + 20_000,
    runsOn: [],
    priority: 'interactive',
    work: {
      kind: 'prompt',
      agent: 'writer',
      models: ['m'],
      messages: [{ role: 'user', content: 'Describe a tent.' }],
      sampling: {},
      tools: { deny: [] },
      skills: [],
      files: [],
      output,
      ...work,
    },
  }
}

function execute(
  at: { url: string },
  output: Output,
  models: Record<string, ModelSource> = {},
  host: Partial<Host> = {},
): Promise<Answer> {
  const fleet = createFleet({ hosts: [hostAt(at.url, host)], models }, ports)
  return createPromptExecutor(fleet).execute(attempt(output), never, () => {})
}

const chat = (host: MockHost | ScriptedHost, index: number) => host.requests[index]?.messages ?? []

test('a text is given to the step as it came, with where it came from', async () => {
  await using mock = await startMockHost()
  const answer = await execute(mock, { type: 'text' })
  expect(answer.output).toMatch(/tent/)
  expect(answer).toMatchObject({
    host: 'tower',
    model: 'm',
    simulated: true,
    usage: { outputTokens: expect.any(Number) },
  })
  expect(answer).not.toHaveProperty('raw')
  expect(answer.tries).toHaveLength(1)
})

test('an answer to a schema is given as a value, and the text is kept beside it', async () => {
  await using mock = await startMockHost()
  const answer = await execute(mock, score)
  expect(answer.output).toEqual({ score: expect.any(Number) })
  expect(JSON.parse(answer.raw ?? '')).toEqual(answer.output)
})

test('a list of allowed answers is asked for as an object and given as the plain value', async () => {
  await using mock = await startMockHost()
  const { output } = await execute(mock, { type: 'schema', schema: { enum: ['yes', 'no'] } })
  expect(['yes', 'no']).toContain(output)
  expect(mock.requests[0]?.body).toMatchObject({ response_format: { json_schema: { schema: { type: 'object' } } } })
})

test('a host that answers the plain value where an object was asked for is understood', async () => {
  await using host = await scriptedHost(['yes'])
  expect((await execute(host, { type: 'schema', schema: { enum: ['yes', 'no'] } })).output).toBe('yes')
})

test('JSON in a fence is taken out of it', async () => {
  await using host = await scriptedHost(['```json\n{"score": 0.5}\n```'])
  expect((await execute(host, score)).output).toEqual({ score: 0.5 })
})

test('a wrong answer is shown to the model once, with what is wrong, and the second one counts', async () => {
  await using host = await scriptedHost(['{"score": 7}', '{"score": 0.7}'])
  const answer = await execute(host, score)
  expect(answer).toMatchObject({ output: { score: 0.7 }, raw: '{"score": 0.7}' })
  const [question, wrong, hint] = chat(host, 1)
  expect([question?.role, wrong, hint?.role]).toEqual(['user', { role: 'assistant', content: '{"score": 7}' }, 'user'])
  expect(hint?.content).toContain('#/score')
  expect(host.requests.map(request => request.idempotencyKey)).toEqual(['key-1', 'key-1-repair'])
})

test('the usage and the tries of a repair are added to those of the first answer', async () => {
  await using host = await scriptedHost(['no JSON', '{"score": 0.7}'])
  const answer = await execute(host, score)
  expect(answer.usage).toEqual({ inputTokens: 20, outputTokens: 10, costUsd: null })
  expect(answer.tries).toHaveLength(2)
  expect(answer.simulated).toBe(false)
})

test('a second wrong answer is a failure that keeps what the model said', async () => {
  await using host = await scriptedHost(['{"score": 7}', '{"score": 8}', '{"score": 0.1}'])
  const { failure } = await failureOf(execute(host, score))
  expect(failure).toMatchObject({
    reason: 'InvalidOutput',
    output: '{"score": 8}',
    message: expect.stringContaining('#/score'),
  })
  expect(failure.tries).toHaveLength(2)
  expect(host.requests).toHaveLength(2)
})

test('when the host fails during a repair, the failure tells of the first try, too', async () => {
  await using host = await scriptedHost(['{"score": 7}'])
  const { failure } = await failureOf(execute(host, score))
  expect(failure.reason).toBe('HostError')
  expect(failure.tries?.map(({ reason }) => reason)).toEqual([undefined, 'HostError', 'HostError'])
})

test('any JSON will do where just JSON is wanted', async () => {
  await using host = await scriptedHost(['[1, "two", null]'])
  expect((await execute(host, { type: 'json' })).output).toEqual([1, 'two', null])
})

test('the fallback of a model answers when the model does not, and the answer says which it was', async () => {
  await using bad = await startMockHost({ faults: [{ name: '500' }] })
  await using good = await startMockHost()
  const hosts = [hostAt(bad.url, { name: 'bad' }), hostAt(good.url, { name: 'good' })]
  const fleet = createFleet(
    { hosts, models: { m: { on: ['bad'], fallback: 'spare' }, spare: { on: ['good'] } } },
    ports,
  )
  const answer = await createPromptExecutor(fleet).execute(attempt({ type: 'text' }), never, () => {})
  expect(answer).toMatchObject({ host: 'good', model: 'spare' })
  expect(answer.tries?.map(({ host, reason }) => [host, reason])).toEqual([
    ['bad', 'HostError'],
    ['bad', 'HostError'],
    ['good', undefined],
  ])
})

test('the models of an agent are tried in order', async () => {
  await using mock = await startMockHost({ models: ['second'] })
  const fleet = createFleet({ hosts: [hostAt(mock.url)], models: {} }, ports)
  const request = attempt({ type: 'text' }, { models: ['first', 'second'] })
  expect(await createPromptExecutor(fleet).execute(request, never, () => {})).toMatchObject({ model: 'second' })
})

test('a prompt with files is refused, instead of being asked without them', async () => {
  const executor = createPromptExecutor({
    ask: () => Promise.reject(new Error('nobody asks')),
    hosts: () => [],
    close: () => undefined,
  })
  const asked = executor.execute(
    attempt({ type: 'text' }, { files: ['out/plot.png'] }),
    new AbortController().signal,
    () => undefined,
  )
  await expect(asked).rejects.toMatchObject({ failure: { reason: 'Unsupported' } })
})
