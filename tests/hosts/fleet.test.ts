import { expect, test } from 'vitest'
import { createFleet, type Fleet } from '../../src/hosts/fleet.ts'
import type { Host } from '../../src/hosts/host.ts'
import { resolveHosts } from '../../src/hosts/resolve.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import type { ModelSource } from '../../src/model/configuration.ts'
import { Configuration } from '../../src/model/configuration.ts'
import { realHost } from './relay.ts'
import { callFor, deadUrl, failureOf, hostAt, ports } from './asking.ts'

const never = new AbortController().signal

function fleetOf(
  hosts: readonly Host[],
  models: Record<string, ModelSource>,
  patience?: { firstByteMs: number; idleMs: number },
): Fleet {
  return createFleet({ hosts, models }, { ...ports, ...(patience && { patience }) })
}

const ask = (fleet: Fleet, models: string[] = ['m'], more = {}) => fleet.ask(callFor(models, more), never, () => {})

test('an answer tells its host, its model by the name agents use, its usage and its only try', async () => {
  await using mock = await startMockHost()
  const fleet = fleetOf([hostAt(mock.url)], { m: { on: ['tower'], name: 'served' } })
  const reply = await ask(fleet)
  expect(reply).toMatchObject({ host: 'tower', model: 'm', simulated: true, usage: { costUsd: 0 } })
  expect(reply.tries).toEqual([
    { host: 'tower', model: 'served', startedMs: expect.any(Number), endedMs: expect.any(Number) },
  ])
  expect(mock.requests.map(request => request.model)).toEqual(['served'])
})

test('a primary that fails is retried on its other host, then the fallbacks are tried in order', async () => {
  await using bad = await startMockHost({ faults: [{ name: '500' }] })
  await using worse = await startMockHost({ faults: [{ name: 'sse-bad-json' }] })
  await using limited = await startMockHost({ faults: [{ name: '413' }] })
  await using good = await startMockHost()
  const hosts = [bad, worse, limited, good].map((mock, index) => hostAt(mock.url, { name: `h${index}` }))
  const models = { m: { on: ['h0', 'h1'], fallback: ['n', 'o'] }, n: { on: ['h2'] }, o: { on: ['h3'] } }
  const reply = await ask(fleetOf(hosts, models))
  expect(reply).toMatchObject({ host: 'h3', model: 'o' })
  expect(reply.tries.map(({ host, model, reason }) => [host, model, reason])).toEqual([
    ['h0', 'm', 'HostError'],
    ['h1', 'm', 'HostProtocol'],
    ['h2', 'n', 'RequestRejected'],
    ['h3', 'o', undefined],
  ])
})

test('when nothing answers, the failure tells of every try', async () => {
  await using mock = await startMockHost({ faults: [{ name: '500' }] })
  const fleet = fleetOf([hostAt(mock.url)], { m: { on: ['tower'], fallback: 'n' }, n: { on: ['tower'] } })
  const { failure } = await failureOf(ask(fleet))
  expect(failure.reason).toBe('HostError')
  expect(failure.tries?.map(({ model, reason }) => [model, reason])).toEqual([
    ['m', 'HostError'],
    ['m', 'HostError'],
    ['n', 'HostError'],
  ])
})

test('while a host is dead, the other one answers, and the dead one is shown as unreachable', async () => {
  await using mock = await startMockHost()
  const hosts = [hostAt(await deadUrl(), { name: 'dead' }), hostAt(mock.url)]
  const fleet = fleetOf(hosts, { m: { on: ['dead', 'tower'] } })
  const replies = await Promise.all([1, 2, 3].map(() => ask(fleet)))
  expect(replies.map(reply => reply.host)).toEqual(['tower', 'tower', 'tower'])
  const [dead, tower] = fleet.hosts()
  expect(dead).toMatchObject({
    name: 'dead',
    condition: 'Unreachable',
    message: expect.stringContaining('refused the connection'),
  })
  expect(tower).toMatchObject({ condition: 'Ready', inFlight: 0 })
})

test('a host that only hangs costs its patience, then the other one answers', async () => {
  await using hanging = await startMockHost({ faults: [{ name: 'hang-after-headers' }] })
  await using mock = await startMockHost()
  const hosts = [hostAt(hanging.url, { name: 'hanging' }), hostAt(mock.url)]
  const fleet = fleetOf(hosts, { m: { on: ['hanging', 'tower'] } }, { firstByteMs: 200, idleMs: 200 })
  expect(await ask(fleet)).toMatchObject({ host: 'tower', tries: [{ reason: 'Timeout' }, { host: 'tower' }] })
})

test('a host is never given more requests at once than it answers', async () => {
  const held: (() => void)[] = []
  const wait = (): Promise<void> => new Promise(resolve => held.push(resolve))
  await using mock = await startMockHost({ profile: { firstTokenMs: 1, perTokenMs: 0, slots: 64 }, wait })
  const fleet = fleetOf([hostAt(mock.url, { parallel: 2 })], {})
  const asked = Promise.all(Array.from({ length: 3 }, () => ask(fleet)))
  await expect.poll(() => held.length).toBe(2)
  expect(fleet.hosts()[0]?.inFlight).toBe(2)
  expect(mock.requests).toHaveLength(2)
  let areAllAnswered = false
  void asked.then(() => {
    areAllAnswered = true
  })
  const letOn = (): boolean => {
    for (const release of held.splice(0)) release()
    return areAllAnswered
  }
  await expect.poll(letOn, { interval: 1, timeout: 10_000 }).toBe(true)
  expect(mock.requests).toHaveLength(3)
})

test('a limited host is asked again when it wants to be, and nobody notices but the tries', async () => {
  await using mock = await startMockHost({ faults: [{ name: '429-seconds', times: 1 }] })
  const startedMs = Date.now()
  const reply = await ask(fleetOf([hostAt(mock.url)], {}))
  expect(reply.tries.map(({ reason }) => reason)).toEqual(['RateLimited', undefined])
  expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1_000)
})

test('an unknown model fails with the nearest known one', async () => {
  const fleet = fleetOf([hostAt('http://127.0.0.1:1/v1', { models: ['devstral', 'qwen'] })], {})
  const { failure } = await failureOf(ask(fleet, ['devstrall']))
  expect(failure).toMatchObject({
    reason: 'ModelNotFound',
    message: expect.stringContaining('Known models: devstral, qwen.'),
  })
})

test('without a host, a call fails with the three ways to get one', async () => {
  const { failure } = await failureOf(ask(fleetOf([], {})))
  expect(failure.reason).toBe('NoHost')
  for (const way of ['OPENAI_API_KEY', 'orchestrate.yaml', '--mock']) expect(failure.message).toContain(way)
})

test('a stop ends a call that runs and one that waits, within a second', async () => {
  await using mock = await startMockHost({ faults: [{ name: 'hang-before-headers' }] })
  const fleet = fleetOf([hostAt(mock.url, { parallel: 1 })], {})
  const stop = new AbortController()
  const asked = [1, 2].map(() => failureOf(fleet.ask(callFor(['m']), stop.signal, () => {})))
  await expect.poll(() => mock.requests.length).toBe(1)
  const stoppedMs = Date.now()
  stop.abort()
  expect((await Promise.all(asked)).map(({ failure }) => failure.reason)).toEqual(['Stopped', 'Stopped'])
  expect(Date.now() - stoppedMs).toBeLessThan(1_000)
  expect(fleet.hosts()[0]?.inFlight).toBe(0)
  expect(mock.requests).toHaveLength(1)
})

test('a closed fleet leaves no call behind', async () => {
  await using mock = await startMockHost({ faults: [{ name: 'hang-before-headers' }] })
  const fleet = fleetOf([hostAt(mock.url)], {})
  const asked = failureOf(ask(fleet))
  fleet.close()
  expect((await asked).failure.reason).toBe('Stopped')
})

test('prices of the host are believed; where none is known, the cost is unknown', async () => {
  await using mock = await startMockHost()
  const real = await realHost(mock.url)
  const { usage } = await ask(fleetOf([hostAt(real.url, { prices: { m: [2, 10] } })], {}))
  expect(usage?.costUsd).toBeCloseTo(((usage?.inputTokens ?? 0) * 2 + (usage?.outputTokens ?? 0) * 10) / 1e6, 12)
  expect((await ask(fleetOf([hostAt(real.url)], {}), ['gpt-4o'])).usage?.costUsd).toBeNull()
  await real.close()
})

test('simulated answers in process say so, obey a stop, and are the same every time', async () => {
  const configuration = Configuration.parse({ models: { coder: { on: ['gone'] }, default: 'coder' } })
  const fleet = createFleet(resolveHosts(configuration, {}, { mock: true }), ports)
  let heard = ''
  const onText = (text: string): void => {
    heard += text
  }
  const first = await fleet.ask(callFor([]), never, onText)
  expect(first).toMatchObject({ host: 'simulated', model: 'coder', simulated: true, usage: { costUsd: 0 } })
  expect(heard).toBe(first.text)
  expect((await ask(fleet, [])).text).toBe(first.text)
  const slow = createFleet(resolveHosts(configuration, {}, { mock: true, mockDelayMs: 60_000 }), ports)
  const stop = new AbortController()
  const asked = failureOf(slow.ask(callFor([]), stop.signal, () => {}))
  stop.abort()
  expect((await asked).failure.reason).toBe('Stopped')
})

test('a defect in who listens is not blamed on the host', async () => {
  await using mock = await startMockHost()
  const fleet = fleetOf([hostAt(mock.url)], {})
  const asked = fleet.ask(callFor(['m']), never, () => {
    throw new RangeError('a defect of the listener')
  })
  await expect(asked).rejects.toThrow(RangeError)
  expect(fleet.hosts()[0]).toMatchObject({ condition: 'Ready', inFlight: 0 })
})
