import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { programOfSteps, soundProgram } from './sound-program.ts'

type Signal = 'pause' | 'resume' | 'cancel'

/** Signals at some turns of a run. */
const script = fc.array(
  fc.constantFrom<Signal | 'crash' | undefined>('pause', 'resume', 'crash', undefined, undefined),
  {
    maxLength: 12,
  },
)

/** Follows a script, then lets the run go to its end; attempts end in the order that a seed decides. */
function follow(drive: Drive, steps: readonly (Signal | 'crash' | undefined)[], seed: number, rate: number): Drive {
  const outcomes = oracle(seed, rate, drive.sound.workflow)
  const roll = dice(seed)
  for (const what of steps) {
    if (drive.run.isSettled) break
    if (what === 'crash') drive.crash()
    else if (what !== undefined) drive.signal(what)
    const path = drive.waiting[roll(Math.max(1, drive.waiting.length))]
    if (path !== undefined && !drive.run.isSettled) drive.advance(path, outcomes)
  }
  if (!drive.run.isSettled) drive.signal('resume')
  return drive.toEnd(outcomes, roll)
}

test('pauses, resumes and crashes change neither what settles nor with what output', () => {
  fc.assert(
    fc.property(workflowSource, script, fc.nat(), (source, steps, seed) => {
      const sound = soundProgram(source)
      const plain = new Drive(sound).start().toEnd(oracle(seed, 0, sound.workflow), dice(seed))
      const paused = follow(new Drive(sound).start(), steps, seed, 0)
      const settled = (drive: Drive): unknown[] =>
        bodiesOf(drive.events, 'step-settled')
          .map(body => JSON.stringify(body))
          .sort()
      expect(settled(paused)).toEqual(settled(plain))
      expect(bodiesOf(paused.events, 'run-settled')).toEqual(bodiesOf(plain.events, 'run-settled'))
    }),
    cases(200),
  )
})

test('a paused run sends nothing, and sends what it held back when it goes on', () => {
  fc.assert(
    fc.property(workflowSource, fc.nat(), fc.constantFrom(0, 30), (source, seed, rate) => {
      const drive = new Drive(soundProgram(source)).start()
      const outcomes = oracle(seed, rate, drive.sound.workflow)
      if (drive.run.isSettled) return
      drive.signal('pause')
      const known = drive.everSent.length
      while (drive.waiting.length > 0) drive.advance(drive.waiting[0] ?? '', outcomes)
      expect(drive.everSent.length).toBe(known)
      if (drive.run.isSettled) return
      const settled = new Set(bodiesOf(drive.events, 'step-settled').map(({ path }) => path))
      const started = [...new Set(bodiesOf(drive.events, 'attempt-started').map(({ path }) => path))]
      drive.signal('resume')
      expect([...drive.sent.keys()].sort()).toEqual(started.filter(path => !settled.has(path)).sort())
      expect(drive.sent.size).toBeGreaterThan(0)
      drive.toEnd(outcomes, dice(seed))
    }),
    cases(200),
  )
})

test('a resume that was not asked for sends nothing a second time', () => {
  const drive = new Drive(programOfSteps({ id: 'p', parallel: [{ prompt: 'a' }, { prompt: 'b' }] })).start()
  expect(drive.signal('resume').effects).toEqual([])
  expect(drive.signal('pause').effects).toEqual([])
  expect(drive.signal('pause').effects).toEqual([])
  expect(drive.signal('resume').effects).toEqual([])
})

test('after a restart, a run that was paused waits for its resume with what was in flight, too', () => {
  const drive = new Drive(programOfSteps({ id: 'a', prompt: 'x' })).start()
  drive.signal('pause')
  expect(drive.crash()).toEqual([])
  expect(drive.signal('resume').effects.map(({ type }) => type)).toEqual(['dispatch'])
})

test('cancelled at any moment, a run ends in that turn with everything under way cancelled', () => {
  fc.assert(
    fc.property(workflowSource, script, fc.nat(), fc.nat(20), (source, steps, seed, turns) => {
      const drive = new Drive(soundProgram(source)).start()
      const outcomes = oracle(seed, 20, drive.sound.workflow)
      const roll = dice(seed)
      for (let turn = 0; turn < turns && !drive.run.isSettled; turn += 1) {
        const signal = steps[turn]
        if (signal === 'crash') drive.crash()
        else if (signal !== undefined) drive.signal(signal)
        const path = drive.waiting[roll(Math.max(1, drive.waiting.length))]
        if (path === undefined) break
        drive.advance(path, outcomes)
      }
      if (drive.run.isSettled) return
      const inFlight = [...drive.sent.keys()]
      const { events, effects } = drive.signal('cancel')
      expect(events.at(-1)?.body).toMatchObject({ type: 'run-settled', status: 'cancelled', outputs: null })
      expect(
        effects
          .filter(({ type }) => type === 'abort')
          .map(effect => 'path' in effect && effect.path)
          .sort(),
      ).toEqual(inFlight.sort())
      expect(effects.filter(({ type }) => type === 'dispatch' || type === 'timer')).toEqual([])
      const begun = new Set(drive.events.flatMap(({ body }) => ('path' in body ? [body.path] : [])))
      for (const { path } of bodiesOf(drive.events, 'step-settled')) begun.delete(path)
      expect([...begun]).toEqual([])
      expect(drive.crash()).toEqual([])
    }),
    cases(200),
  )
})

test('a cancel does not set off `on-error`', () => {
  const group = { id: 'g', 'on-error': 'continue' as const, steps: [{ id: 'a', prompt: 'x' }] }
  const drive = new Drive(programOfSteps(group, { id: 'b', prompt: 'y' })).start()
  drive.signal('cancel')
  expect(bodiesOf(drive.events, 'step-settled').map(({ path, status }) => `${path} ${status}`)).toEqual([
    'a cancelled',
    'g cancelled',
  ])
})

test('a signal to a run that has ended changes nothing', () => {
  const drive = new Drive(programOfSteps({ id: 'a', set: { x: 1 } })).start()
  for (const signal of ['pause', 'resume', 'cancel'] as const) {
    expect(drive.run.feed({ type: 'signal-received', signal }, 5)).toBeUndefined()
  }
})
