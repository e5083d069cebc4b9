import { expect, test } from 'vitest'
import type { ModelSource } from '../../src/model/configuration.ts'
import type { FailureReason } from '../../src/model/failure.ts'
import type { CatalogHost } from '../../src/router/catalog.ts'
import { decide, type Effect } from '../../src/router/decide.ts'
import { newFleetState } from '../../src/router/fleet-state.ts'

const minuteMs = 60_000

/** A fleet in virtual time; calls are told apart by number. */
function fleet(hosts: readonly CatalogHost[], models: Record<string, ModelSource>) {
  const state = newFleetState({ hosts, models })
  let now = 0
  const told = (effects: Effect[]): string[] =>
    effects.flatMap(effect => {
      if (effect.type === 'send') return `${effect.callId} → ${effect.host} ${effect.servedAs}`
      return effect.type === 'fail' ? `${effect.callId} fails ${effect.reason}` : []
    })
  return {
    state,
    submit: (callId: string, models: string[] = ['m'], deadlineMs = now + minuteMs) =>
      told(decide(state, { type: 'submitted', callId, models, deadlineMs }, now)),
    answer: (callId: string) => told(decide(state, { type: 'answered', callId }, now)),
    cancel: (callId: string) => told(decide(state, { type: 'cancelled', callId }, now)),
    fail: (callId: string, reason: FailureReason, retryAfterMs?: number) => {
      const problem = { reason, message: `${reason}.`, ...(retryAfterMs !== undefined && { retryAfterMs }) }
      return told(decide(state, { type: 'failed', callId, problem, jitter: 0 }, now))
    },
    pass: (milliseconds: number) => {
      now += milliseconds
      return told(decide(state, { type: 'woke' }, now))
    },
    wakesAt: (callId: string) => {
      const effects = decide(state, { type: 'submitted', callId, models: ['m'], deadlineMs: now + minuteMs }, now)
      return effects.find(effect => effect.type === 'wake-at')?.timeMs
    },
  }
}

const a = { name: 'a', parallel: 1 }
const b = { name: 'b', parallel: 1 }
const onBoth: Record<string, ModelSource> = { m: { on: ['a', 'b'] } }
const withFallback: Record<string, ModelSource> = { m: { on: ['a'], fallback: 'f' }, f: { on: ['b'], name: 'small' } }

test('the first declared host with a free place gets the call', () => {
  const { submit } = fleet([a, b], onBoth)
  expect(submit('1')).toEqual(['1 → a m'])
  expect(submit('2')).toEqual(['2 → b m'])
})

test('when all hosts are busy, calls wait and go in the order in which they came', () => {
  const { submit, answer } = fleet([a], { m: { on: ['a'] } })
  submit('1')
  expect(submit('2')).toEqual([])
  expect(submit('3')).toEqual([])
  expect(answer('1')).toEqual(['2 → a m'])
  expect(answer('2')).toEqual(['3 → a m'])
})

test('a busy primary is waited for: fallbacks are for failures', () => {
  const { submit } = fleet([a, b], withFallback)
  submit('1')
  expect(submit('2')).toEqual([])
})

test('a failed call is tried once more on another host of the model, then it fails', () => {
  const { submit, fail } = fleet([a, b], onBoth)
  submit('1')
  expect(fail('1', 'HostError')).toEqual(['1 → b m'])
  expect(fail('1', 'HostProtocol')).toEqual(['1 fails HostProtocol'])
})

test('where there is no other host, the same one is tried once more, then the fallback once', () => {
  const { submit, fail } = fleet([a, b], withFallback)
  submit('1')
  expect(fail('1', 'HostError')).toEqual(['1 → a m'])
  expect(fail('1', 'HostError')).toEqual(['1 → b small'])
  expect(fail('1', 'HostError')).toEqual(['1 fails HostError'])
})

test('a host that refused a connection is left alone for two seconds, then gets its retry', () => {
  const { submit, fail, pass } = fleet([a, b], withFallback)
  submit('1')
  expect(fail('1', 'HostUnreachable')).toEqual([])
  expect(pass(1_999)).toEqual([])
  expect(pass(1)).toEqual(['1 → a m'])
  expect(fail('1', 'HostUnreachable')).toEqual(['1 → b small'])
})

test('while the primary is known to be down, new calls go to the fallback at once', () => {
  const { submit, fail, answer, pass } = fleet([a, b], withFallback)
  submit('1')
  fail('1', 'HostUnreachable')
  expect(submit('2')).toEqual(['2 → b small'])
  expect(answer('2')).toEqual([])
  expect(pass(2_000)).toEqual(['1 → a m'])
  answer('1')
  expect(submit('3')).toEqual(['3 → a m'])
})

test('hosts that cannot be reached cost a call nothing while there is one it has not tried', () => {
  const hosts = ['a', 'b', 'c', 'd'].map(name => ({ name, parallel: 1 }))
  const { submit, fail } = fleet(hosts, { m: { on: ['a', 'b', 'c', 'd'] } })
  submit('1')
  expect(fail('1', 'HostUnreachable')).toEqual(['1 → b m'])
  expect(fail('1', 'HostUnreachable')).toEqual(['1 → c m'])
  expect(fail('1', 'HostUnreachable')).toEqual(['1 → d m'])
  expect(fail('1', 'HostUnreachable')).toEqual(['1 fails HostUnreachable'])
})

test('a host that stays down is asked after 2, 4, 8 and 16 seconds, then every 30', () => {
  const { submit, fail, pass, state } = fleet([a], { m: { on: ['a'] } })
  const pauses: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const callId = String(round)
    submit(callId, ['m'], 10 * minuteMs)
    for (const known of state.calls.values()) if (known.sent) fail(known.id, 'HostUnreachable')
    const host = state.hosts.get('a')
    pauses.push(host?.breakerMs ?? 0)
    pass(host?.breakerMs ?? 0)
  }
  expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('three failures in a row close a host', () => {
  const { submit, fail } = fleet([{ ...a, parallel: 3 }, b], withFallback)
  for (const id of ['1', '2', '3']) submit(id)
  expect(fail('1', 'HostError')).toEqual(['1 → a m'])
  expect(fail('2', 'HostError')).toEqual(['2 → a m'])
  expect(fail('3', 'HostError')).toEqual([])
  expect(submit('4')).toEqual(['4 → b small'])
})

test('a limited host is closed for as long as it wants, and the call has lost nothing', () => {
  const { submit, fail, pass } = fleet([a], { m: { on: ['a'] } })
  submit('1')
  for (let times = 0; times < 5; times += 1) {
    expect(fail('1', 'RateLimited', 3_000)).toEqual([])
    expect(pass(2_999)).toEqual([])
    expect(pass(1)).toEqual(['1 → a m'])
  }
})

test('others take over from a limited host', () => {
  const { submit, fail } = fleet([a, b], onBoth)
  submit('1')
  expect(fail('1', 'RateLimited', 5_000)).toEqual(['1 → b m'])
})

test('a call whose hosts are closed beyond its deadline fails without waiting for it', () => {
  const { submit, fail } = fleet([a], { m: { on: ['a'] } })
  submit('1', ['m'], 10_000)
  expect(fail('1', 'RateLimited', 30_000)).toEqual(['1 fails RateLimited'])
  expect(submit('2', ['m'], 10_000)).toEqual(['2 fails RateLimited'])
})

test('a host that does not say for how long is closed for one second, then two', () => {
  const { submit, fail, pass } = fleet([a], { m: { on: ['a'] } })
  submit('1')
  fail('1', 'RateLimited')
  expect(pass(1_000)).toEqual(['1 → a m'])
  fail('1', 'RateLimited')
  expect(pass(1_999)).toEqual([])
  expect(pass(1)).toEqual(['1 → a m'])
})

test('a host that refuses our key is not asked again', () => {
  const { submit, fail, pass, answer } = fleet([a, b], onBoth)
  submit('1')
  expect(fail('1', 'Unauthorized')).toEqual(['1 → b m'])
  answer('1')
  pass(10 * minuteMs)
  expect(submit('2')).toEqual(['2 → b m'])
})

test('a call for which every host refuses our key fails as unauthorized, and so does the next', () => {
  const { submit, fail } = fleet([a], { m: { on: ['a'] } })
  submit('1')
  expect(fail('1', 'Unauthorized')).toEqual(['1 fails Unauthorized'])
  expect(submit('2')).toEqual(['2 fails Unauthorized'])
})

test('a host that does not know a model loses that model, not the others', () => {
  const { submit, fail } = fleet([{ ...a, parallel: 9 }], { m: { on: ['a'] }, other: { on: ['a'] } })
  submit('1')
  expect(fail('1', 'ModelNotFound')).toEqual(['1 fails ModelNotFound'])
  expect(submit('2')).toEqual(['2 fails ModelNotFound'])
  expect(submit('3', ['other'])).toEqual(['3 → a other'])
})

test('a rejected request is never sent again as it is: the fallback is next', () => {
  const { submit, fail } = fleet([a, { ...a, name: 'c' }, b], { ...withFallback, m: { on: ['a', 'c'], fallback: 'f' } })
  submit('1')
  expect(fail('1', 'RequestRejected')).toEqual(['1 → b small'])
  expect(fail('1', 'RequestRejected')).toEqual(['1 fails RequestRejected'])
})

test('a failure that may pass is reported before one that cannot', () => {
  const { submit, fail, pass } = fleet([a, b], withFallback)
  submit('1')
  fail('1', 'HostUnreachable')
  pass(2_000)
  fail('1', 'HostUnreachable')
  expect(fail('1', 'Unauthorized')).toEqual(['1 fails HostUnreachable'])
})

test('an unknown model fails at once, without a try', () => {
  expect(fleet([a, b], onBoth).submit('1', ['nowhere'])).toEqual(['1 fails ModelNotFound'])
})

test('a cancelled call frees its place', () => {
  const { submit, cancel } = fleet([a], { m: { on: ['a'] } })
  submit('1')
  submit('2')
  submit('3')
  expect(cancel('2')).toEqual([])
  expect(cancel('1')).toEqual(['3 → a m'])
})

test('a call that waits longer than it may fails as late', () => {
  const { submit, pass } = fleet([a], { m: { on: ['a'] } })
  submit('1', ['m'], 9_000)
  submit('2', ['m'], 5_000)
  expect(pass(5_000)).toEqual(['2 fails Timeout'])
})

test('the router asks to be woken when the next waiting call is late or a host opens', () => {
  const { submit, fail, wakesAt } = fleet([a], { m: { on: ['a'] } })
  submit('1')
  expect(wakesAt('2')).toBe(minuteMs)
  fail('1', 'HostUnreachable')
  expect(wakesAt('3')).toBe(2_000)
})
