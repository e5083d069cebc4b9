import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { steadyTime, systemClock } from '../../src/system/clock.ts'

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

test('time never goes back: set back, it goes on at its own pace until the machine has caught up', () => {
  let [machineMs, elapsedMs] = [5_000_000, 17.25]
  const now = steadyTime(
    () => machineMs,
    () => elapsedMs,
  )
  const pass = (ms: number): number => {
    machineMs += ms
    elapsedMs += ms
    return now()
  }
  expect(pass(1000)).toBe(5_001_000)
  machineMs -= 3_600_000
  expect(pass(0)).toBe(5_001_000)
  expect(pass(250.5)).toBe(5_001_250)
  machineMs += 3_600_000
  expect(pass(1000)).toBe(5_002_250)
  machineMs += 60_000
  expect(pass(0)).toBe(5_062_250)
})

test('a timer goes off when its time has passed, though the clock was set back meanwhile', async () => {
  vi.useRealTimers()
  const shown = vi.spyOn(Date, 'now')
  const begun = performance.now()
  const rang = new Promise<void>(resolve => void systemClock.at(systemClock.now() + 40, resolve))
  shown.mockReturnValue(Date.now() - 3_600_000)
  await rang
  shown.mockRestore()
  expect(performance.now() - begun).toBeGreaterThanOrEqual(39)
})
