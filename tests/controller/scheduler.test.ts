import { expect, test } from 'vitest'
import { type Memory, shortMemory } from '../../src/controller/memory.ts'
import { dueTicks, nextTick, type Schedule } from '../../src/controller/schedule-ticks.ts'
import { type DueTick, Scheduler } from '../../src/controller/scheduler.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const at = (text: string): number => Date.parse(text)
const hourly: Schedule = { cron: '0 * * * *', timezone: 'UTC', with: {}, catchUp: 'none' }
const day = '2026-03-02T'

test('a tick is due once it has come, and belongs to the time zone of its schedule', () => {
  const noon = at(`${day}12:00:00Z`)
  expect(dueTicks(hourly, noon - 1, noon - 1).ticks).toEqual([])
  expect(dueTicks(hourly, noon - 1, noon).ticks).toEqual([noon])
  expect(dueTicks(hourly, noon, noon + 30_000).ticks).toEqual([])
  const berlin = { cron: '0 9 * * 1-5', timezone: 'Europe/Berlin' }
  expect(nextTick(berlin, at('2026-03-27T12:00:00Z'))).toBe(at('2026-03-30T07:00:00Z'))
  expect(nextTick({ cron: '0 0 30 2 *', timezone: 'UTC' }, noon)).toBeUndefined()
})

test('ticks that were missed are made good as the schedule says: none, the last one, or all, up to a limit', () => {
  const [from, to] = [at(`${day}02:30:00Z`), at(`${day}06:20:00Z`)]
  const hours = (...all: number[]) => all.map(hour => at(`${day}0${hour}:00:00Z`))
  expect(dueTicks(hourly, from, to).ticks).toEqual([])
  expect(dueTicks({ ...hourly, catchUp: 'last' }, from, to).ticks).toEqual(hours(6))
  expect(dueTicks({ ...hourly, catchUp: 'all' }, from, to)).toEqual({ ticks: hours(3, 4, 5, 6), isCapped: false })
  expect(dueTicks(hourly, from, at(`${day}06:00:40Z`)).ticks).toEqual(hours(6))
  const year = dueTicks({ ...hourly, catchUp: 'all' }, at('2025-03-02T00:00:00Z'), to)
  expect([year.ticks.length, year.isCapped, year.ticks.at(-1)]).toEqual([100, true, hours(6)[0]])
})

/** A scheduler in a time that the test owns. `remembers` false: it dies before it can remember how far it came. */
function scheduled(schedule: Schedule, memory: Memory, startMs: number, isSuspended = false) {
  let nowMs = startMs
  let timer: { timeMs: number; callback: () => void } | undefined
  const started = new Map<string, string>()
  const clock = {
    now: () => nowMs,
    soon: (callback: () => void) => callback(),
    at: (timeMs: number, callback: () => void) => {
      timer = { timeMs, callback }
      return () => (timer = undefined)
    },
  }
  const evaluation = { workflow: 'digest', program: { triggers: { schedules: [schedule] } } }
  const scheduler = new Scheduler({
    ...{ clock, log: quiet, memory },
    inForce: async () => [{ branch: 'main', revision: 'r', evaluation, isSuspended } as never],
    start: async ({ runId, event }: DueTick) => void started.set(runId, event.time),
  })
  const to = async (timeMs: number): Promise<void> => {
    while (timer && timer.timeMs <= timeMs) {
      nowMs = timer.timeMs
      await scheduler.look()
    }
    nowMs = timeMs
    await scheduler.look()
  }
  return { to, started, look: () => scheduler.look(), times: () => [...started.values()] }
}

test('a schedule that is new makes nothing good, and then runs at each of its ticks', async () => {
  const { look, to, times } = scheduled({ ...hourly, catchUp: 'all' }, shortMemory(), at(`${day}00:30:00Z`))
  await look()
  expect(times()).toEqual([])
  await to(at(`${day}03:30:00Z`))
  expect(times()).toEqual([`${day}01:00:00.000Z`, `${day}02:00:00.000Z`, `${day}03:00:00.000Z`])
})

test('a crash after the run and before it is remembered gives the same tick the same id', async () => {
  const memory = shortMemory()
  const first = scheduled({ ...hourly, catchUp: 'all' }, memory, at(`${day}00:30:00Z`))
  await first.look()
  const dying = scheduled({ ...hourly, catchUp: 'all' }, { ...memory, remember: () => {} }, at(`${day}02:10:00Z`))
  await dying.look()
  const again = scheduled({ ...hourly, catchUp: 'all' }, memory, at(`${day}02:20:00Z`))
  await again.look()
  expect(again.times()).toHaveLength(2)
  expect([...again.started]).toEqual([...dying.started])
  const later = scheduled({ ...hourly, catchUp: 'all' }, memory, at(`${day}02:30:00Z`))
  await later.look()
  expect(later.times()).toEqual([])
})

test('what passes while a workflow is suspended is not made good afterwards', async () => {
  const memory = shortMemory()
  const begin = at(`${day}00:30:00Z`)
  const schedule: Schedule = { ...hourly, catchUp: 'all' }
  await scheduled(schedule, memory, begin).look()
  const suspended = scheduled(schedule, memory, begin, true)
  await suspended.to(at(`${day}04:30:00Z`))
  expect(suspended.times()).toEqual([])
  const resumed = scheduled(schedule, memory, at(`${day}04:40:00Z`))
  await resumed.to(at(`${day}05:10:00Z`))
  expect(resumed.times()).toEqual([`${day}05:00:00.000Z`])
})
