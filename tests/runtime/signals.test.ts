import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { chainOf, placesOf } from './places.ts'
import { programOfSteps, soundProgram } from './sound-program.ts'
import { isSmooth } from './stories.ts'

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
    const next = drive.choose(roll, false)
    if (next !== undefined && !drive.run.isSettled) drive.advance(next, outcomes)
  }
  if (!drive.run.isSettled) drive.signal('resume')
  return drive.toEnd(outcomes, roll, () => undefined, false)
}

test('pauses, resumes and crashes change neither what settles nor with what output', () => {
  let smooth = 0
  fc.assert(
    fc.property(workflowSource, script, fc.nat(), (source, steps, seed) => {
      const sound = soundProgram(source)
      const outcomes = oracle(seed, 0, sound.workflow)
      const plain = new Drive(sound).start().toEnd(outcomes, dice(seed), () => undefined, false)
      const paused = follow(new Drive(sound).start(), steps, seed, 0)
      // Where something fails, the order of answers decides, and a pause changes that.
      if (!isSmooth(plain)) return
      smooth += 1
      const settled = (drive: Drive): unknown[] =>
        bodiesOf(drive.events, 'step-settled')
          .map(body => JSON.stringify(body))
          .sort()
      expect(settled(paused)).toEqual(settled(plain))
      expect(bodiesOf(paused.events, 'run-settled')).toEqual(bodiesOf(plain.events, 'run-settled'))
    }),
    cases(300),
  )
  expect(smooth).toBeGreaterThan(cases(300).numRuns / 4)
})

/** Attempts that have begun and have no answer, and whose steps have not settled. */
function unanswered({ events }: Drive): string[] {
  const open = new Set<string>()
  for (const { body } of events) {
    if (body.type === 'attempt-started') open.add(body.path)
    if (body.type === 'attempt-succeeded' || body.type === 'attempt-failed' || body.type === 'step-settled') {
      open.delete(body.path)
    }
  }
  return [...open].sort()
}

test('a paused run sends nothing, and sends what it held back when it goes on or its steps are over', () => {
  fc.assert(
    fc.property(workflowSource, fc.nat(), fc.constantFrom(0, 30), (source, seed, rate) => {
      const drive = new Drive(soundProgram(source)).start()
      const outcomes = oracle(seed, rate, drive.sound.workflow)
      if (drive.run.isSettled || bodiesOf(drive.events, 'run-ending').length > 0) return
      drive.signal('pause')
      const known = drive.everSent.length
      for (let next = drive.choose(dice(seed), false); next !== undefined; next = drive.choose(dice(seed), false)) {
        drive.advance(next, outcomes)
        if (bodiesOf(drive.events, 'run-ending').length > 0) break
        expect(drive.everSent.length).toBe(known)
      }
      if (drive.run.isSettled) return
      if (bodiesOf(drive.events, 'run-ending').length === 0) drive.signal('resume')
      expect([...drive.sent.keys()].sort()).toEqual(unanswered(drive))
      drive.toEnd(outcomes, dice(seed))
    }),
    cases(300),
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

test('a step signal lets go first what the journal says is held back, so that a replay lets the same go', () => {
  const drive = new Drive(
    programOfSteps(
      { id: 'a', prompt: 'x', needs: [] },
      { id: 'b', prompt: 'y', needs: [] },
      { id: 'c', prompt: 'z', needs: 'a' },
    ),
  ).start()
  const step = (): string[] =>
    drive
      .feed({ type: 'signal-received', signal: 'step' })
      .effects.flatMap(effect => (effect.type === 'dispatch' ? [effect.request.path] : []))
  drive.signal('pause')
  drive.crash()
  expect(step()).toEqual(['a'])
  drive.feed({ type: 'attempt-succeeded', path: 'a', attempt: 1, output: 'x' })
  expect(step()).toEqual(['c'])
  expect(step()).toEqual(['b'])
  expect(step()).toEqual([])
})

test('after a restart, the run of a run goes on while the one that waits for it is paused, and is stopped with it', () => {
  const drive = new Drive(programOfSteps({ id: 'a', workflow: 'review', with: { topic: 'tea' } })).start()
  drive.signal('pause')
  expect(drive.crash().map(({ type }) => type)).toEqual(['dispatch'])
  expect(drive.signal('cancel').effects).toContainEqual({ type: 'abort', path: 'a' })
})

test('cancelled at any moment, a run ends with everything under way cancelled, but for what runs whatever happened', () => {
  fc.assert(
    fc.property(workflowSource, script, fc.nat(), fc.nat(20), (source, steps, seed, turns) => {
      const drive = new Drive(soundProgram(source)).start()
      const outcomes = oracle(seed, 20, drive.sound.workflow)
      const roll = dice(seed)
      for (let turn = 0; turn < turns && !drive.run.isSettled; turn += 1) {
        const signal = steps[turn]
        if (signal === 'crash') drive.crash()
        else if (signal !== undefined) drive.signal(signal)
        const next = drive.choose(roll)
        if (next === undefined) break
        drive.advance(next, outcomes)
      }
      if (drive.run.isSettled) return
      const ending = bodiesOf(drive.events, 'run-ending')[0]?.status
      expectCancelled(drive, ending)
      if (!drive.run.isSettled) expectCancelled(drive, ending ?? 'cancelled')
      // The first cancel may have ended an undo, the second then ends what runs whatever happened.
      expect(drive.run.isSettled).toBe(true)
      const [end] = bodiesOf(drive.events, 'run-settled')
      // Outputs that cannot be computed spoil what had succeeded.
      expect(end?.status).toBe(ending === 'succeeded' && end?.error ? 'failed' : (ending ?? 'cancelled'))
      if (end?.status !== 'succeeded') expect(end?.outputs).toBeNull()
      expect(drive.crash()).toEqual([])
    }),
    cases(300),
  )
})

/** A cancel stops what is under way at once; only what runs whatever happened may begin. */
function expectCancelled(drive: Drive, ending: string | undefined): void {
  const places = placesOf(drive.sound.workflow)
  const isLast = (path: string): boolean => path === '' || chainOf(places, path).at(-1)?.list.role === 'finally'
  const inFlight = [...drive.sent.keys()]
  const { effects } = drive.signal('cancel')
  const aborted = effects.flatMap(effect => (effect.type === 'abort' ? [effect.path] : []))
  expect(aborted.sort()).toEqual(inFlight.sort())
  expect(drive.waiting.filter(waited => !isLast(waited.split(' ')[0] ?? ''))).toEqual([])
  const begun = new Set(drive.events.flatMap(({ body }) => ('path' in body ? [body.path] : [])))
  for (const { path } of bodiesOf(drive.events, 'step-settled')) begun.delete(path)
  expect([...begun].filter(path => !isLast(path))).toEqual([])
  const [last] = bodiesOf(drive.events, 'run-ending')
  if (last) expect(last.status).toBe(ending ?? 'cancelled')
}

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
