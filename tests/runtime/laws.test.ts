import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JournalInput } from '../../src/model/journal-event.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { chainOf, idOf, pathAt, turnOf, waitedBy } from './places.ts'
import { soundProgram } from './sound-program.ts'
import { isSmooth, lawsOfRuns } from './stories.ts'

const law = lawsOfRuns()

law('no step begins before what it needs, and what the blocks around it need, has settled', ({ events }, places) => {
  const settled = new Set<string>()
  for (const { body } of events) {
    if (!('path' in body) || body.path === '') continue
    for (const place of chainOf(places, body.path)) {
      // An undo runs when all is over: what its step waited for has been.
      if (place.list.role === 'undo') break
      const path = pathAt(place, body.path)
      for (const need of waitedBy(place)) expect(settled, `${need} before ${path}`).toContain(turnOf(path) + need)
    }
    if (body.type === 'step-settled') settled.add(body.path)
  }
})

law(
  'a handler begins when its step has failed for good, an undo when the run has, and the last steps after them',
  ({ events }, places) => {
    const caught = new Set<string>()
    let isEnding = false
    let isLast = false
    for (const { body } of events) {
      if (body.type === 'failure-caught' && body.retryAtMs === undefined) caught.add(body.path)
      if (body.type === 'run-ending') isEnding = true
      if (!('path' in body) || body.path === '') continue
      const chain = chainOf(places, body.path)
      for (const { list } of chain) {
        const holder = list.holder && places.get(list.holder.id)
        if (list.role === 'handler' && holder) expect(caught).toContain(pathAt(holder, body.path))
      }
      const isUndo = chain.some(({ list }) => list.role === 'undo')
      if (isUndo || chain.at(-1)?.list.role === 'finally') expect(isEnding, body.path).toBe(true)
      else if (isEnding) expect(body.type).toBe('step-settled')
      isLast ||= chain.at(-1)?.list.role === 'finally'
      if (isUndo) expect(isLast).toBe(false)
    }
  },
)

law(
  'a loop turns at most as often as it says, one turn after another, and from the first again when it is tried again',
  ({ events }, places) => {
    const turns = new Map<string, number>()
    for (const { body } of events) {
      if (body.type === 'failure-caught') turns.delete(body.path)
      if (body.type !== 'iteration-started') continue
      const step = places.get(idOf(body.path))?.step
      expect(body.turn).toBe(turns.get(body.path) ?? 0)
      turns.set(body.path, body.turn + 1)
      expect(body.turn).toBeLessThan(step?.kind === 'loop' ? step.max : 0)
    }
  },
)

law('what begins inside a switch is of the one branch that it has taken', ({ events }, places) => {
  const taken = new Map<string, string>()
  for (const { body } of events) {
    if (body.type === 'failure-caught') taken.delete(body.path)
    if (body.type === 'branch-taken') {
      expect(taken.has(body.path)).toBe(false)
      taken.set(body.path, body.branch)
    }
    if (!('path' in body)) continue
    for (const { list } of chainOf(places, body.path)) {
      const { holder, role, steps } = list
      if (role === 'undo') break
      const place = holder && places.get(holder.id)
      if (holder?.kind !== 'switch' || role !== 'body' || !place) continue
      const branch = holder.branches.find(candidate => candidate.steps === steps)
      expect(branch?.label).toBe(taken.get(pathAt(place, body.path)))
    }
  }
})

law('every execution settles once, and nothing of it happens after that', ({ events }) => {
  const settled = new Set<string>()
  const begun = new Set<string>()
  for (const { body } of events) {
    if (!('path' in body) || body.path === '') continue
    expect(settled.has(body.path), `${body.type} of ${body.path}`).toBe(false)
    begun.add(body.path)
    if (body.type === 'step-settled') settled.add(body.path)
  }
  expect([...begun].filter(path => !settled.has(path))).toEqual([])
})

law('when a run has ended, nothing of it waits for an answer', drive => {
  expect(drive.waiting).toEqual([])
  expect(bodiesOf(drive.events, 'run-settled').length).toBe(1)
  expect(drive.turns.at(-1)?.effects.at(-1)).toEqual({ type: 'settled' })
})

law(
  'once a step has failed its list, nothing more of the list begins, and what is under way is cancelled in that turn',
  ({ turns }, places) => {
    const dead = new Set<string>()
    const lists = (path: string): string[] => {
      const keys: string[] = []
      for (const place of chainOf(places, path)) {
        keys.push(`${turnOf(pathAt(place, path))} ${place.list.number}`)
        if (place.list.role === 'undo') break
      }
      return keys
    }
    for (const { events } of turns) {
      for (const { body } of events) {
        if (!('path' in body) || body.path === '') continue
        const [own, ...around] = lists(body.path)
        const isEnd = body.type === 'step-settled' && body.status !== 'succeeded' && body.status !== 'skipped'
        const ended = [own ?? '', ...around].filter(list => dead.has(list))
        if (!isEnd) expect(ended, `${body.type} ${body.path}`).toEqual([])
        if (body.type !== 'step-settled') continue
        const place = places.get(idOf(body.path))
        if (body.status === 'failed' && place?.step.onError !== 'continue' && place?.list.role !== 'undo') {
          dead.add(own ?? '')
        }
      }
    }
  },
)

law('an attempt is sent once, with a key and a time of its own', ({ everSent, events }) => {
  expect(new Set(everSent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(everSent.length)
  const started = new Map(bodiesOf(events, 'attempt-started').map(body => [`${body.path} ${body.attempt}`, body]))
  for (const { path, attempt, deadlineMs, startedMs } of everSent) {
    expect(started.get(`${path} ${attempt}`)?.deadlineMs).toBe(deadlineMs)
    if (deadlineMs !== undefined) expect(deadlineMs).toBeGreaterThan(startedMs)
  }
  for (const { path, attempt } of started.values()) {
    if (attempt > 1) expect(started.has(`${path} ${attempt - 1}`)).toBe(true)
  }
})

const terminal = ['Unauthorized', 'NoHost', 'InvalidOutput', 'InvalidExpression', 'Stopped', 'CommandRefused']

law('a failure is tried again as often as the step says, and a terminal one never', ({ events }, places) => {
  const tries = new Map<string, number>()
  for (const { body } of events) {
    const isOfAttempt = body.type === 'attempt-failed' || body.type === 'attempt-rejected'
    if (!isOfAttempt && body.type !== 'failure-caught') continue
    if (body.type === 'failure-caught') tries.set(body.path, (tries.get(body.path) ?? 0) + 1)
    const { attempts = 0, on } = places.get(idOf(body.path))?.step.retry ?? {}
    const done = isOfAttempt ? body.attempt : (tries.get(body.path) ?? 0)
    expect(done).toBeLessThanOrEqual(1 + attempts)
    if (body.retryAtMs === undefined) continue
    const { reason } = isOfAttempt ? body.failure : body.error
    expect(done).toBeLessThanOrEqual(attempts)
    expect(terminal).not.toContain(reason)
    if (on) expect(on).toContain(reason)
  }
})

law('a failure that may be tried again is, as long as there are tries and time', ({ events, sound }, places) => {
  const limits = [...JSON.stringify(sound.program).matchAll(/"timeMs":(\d+)/g)].map(([, timeMs]) => Number(timeMs))
  const overMs = (events[0]?.timeMs ?? 0) + Math.min(...limits)
  for (const { body, timeMs } of events) {
    if (body.type !== 'attempt-failed' || body.retryAtMs !== undefined) continue
    const retry = places.get(idOf(body.path))?.step.retry
    const isPossible = body.failure.reason === 'Timeout' && (!retry?.on || retry.on.includes('Timeout'))
    if (!retry || !isPossible || body.attempt > retry.attempts) continue
    expect(timeMs + retry.maxMs * (1 + retry.jitter)).toBeGreaterThanOrEqual(overMs)
  }
})

law('an output that is not what its step expects makes the step fail, or be tried again', ({ events }, places) => {
  for (const { path, failure, retryAtMs } of bodiesOf(events, 'attempt-rejected')) {
    expect(places.get(idOf(path))?.step.expect).toBeDefined()
    const end = bodiesOf(events, 'step-settled').find(settled => settled.path === path)
    if (retryAtMs === undefined && end?.status === 'failed') expect(end.error?.reason).toBe(failure.reason)
    if (retryAtMs === undefined && end?.status === 'succeeded') {
      expect(places.get(idOf(path))?.step.onError).toBe('handle')
    }
  }
})

test('when no step fails, outputs and messages do not depend on who finishes first', () => {
  let smooth = 0
  fc.assert(
    fc.property(workflowSource, fc.nat(), fc.nat(), (source, seed, other) => {
      const sound = soundProgram(source)
      const outcomes = oracle(seed, 0, sound.workflow)
      const run = (order: number): Drive =>
        new Drive(sound).start().toEnd(outcomes, dice(order), () => undefined, false)
      const [one, two] = [run(seed), run(other)]
      expect(isSmooth(two)).toBe(isSmooth(one))
      if (!isSmooth(one)) return
      smooth += 1
      const outputs = (drive: Drive): unknown => bodiesOf(drive.events, 'run-settled')[0]?.outputs
      expect(outputs(two)).toEqual(outputs(one))
      const keys = (drive: Drive): unknown[] =>
        bodiesOf(drive.events, 'attempt-started')
          .map(({ path, key }) => `${path} ${key}`)
          .sort()
      expect(keys(two)).toEqual(keys(one))
    }),
    cases(1000),
  )
  expect(smooth).toBeGreaterThan(cases(1000).numRuns / 4)
})

law('what the journal says of inputs is what they were', ({ events, turns }) => {
  for (const turn of turns.slice(1)) {
    const inputs = turn.events.filter(({ body }) => JournalInput.safeParse(body).success)
    expect(inputs).toEqual(turn.events.slice(0, 1))
  }
  expect(events[0]?.body.type).toBe('run-created')
})
