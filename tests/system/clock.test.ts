import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/system/clock.ts'

const dayMs = 86_400_000

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a timer of weeks goes off once, at its time and not before', () => {
  const callback = vi.fn()
  systemClock.at(systemClock.now() + 40 * dayMs, callback)
  vi.advanceTimersByTime(40 * dayMs - 1)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(callback).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(40 * dayMs)
  expect(callback).toHaveBeenCalledTimes(1)
})

test('a timer in the past goes off in a later turn', () => {
  const callback = vi.fn()
  systemClock.at(0, callback)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(callback).toHaveBeenCalledTimes(1)
})

test('a timer that is taken back stays silent, also after it has been set anew', () => {
  const callback = vi.fn()
  const forget = systemClock.at(systemClock.now() + 40 * dayMs, callback)
  vi.advanceTimersByTime(20 * dayMs)
  forget()
  vi.advanceTimersByTime(40 * dayMs)
  expect(callback).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('after the machine has slept, a timer whose time has passed goes off within a minute', () => {
  const callback = vi.fn()
  systemClock.at(systemClock.now() + dayMs, callback)
  vi.setSystemTime(systemClock.now() + 2 * dayMs)
  vi.advanceTimersByTime(60_000)
  expect(callback).toHaveBeenCalledTimes(1)
})

test('what is put off until soon comes after what is under way', async () => {
  vi.useRealTimers()
  const order: string[] = []
  await new Promise<void>(resolve => {
    systemClock.soon(() => {
      order.push('soon')
      resolve()
    })
    void Promise.resolve().then(() => order.push('promise'))
    order.push('now')
  })
  expect(order).toEqual(['now', 'promise', 'soon'])
})
