import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JournalEvent, JournalInput } from '../../src/model/journal-event.ts'
import { JournalMismatch, Run } from '../../src/runtime/run.ts'
import { timerKey } from '../../src/runtime/waiting.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { createdFor, soundProgram, type SoundProgram } from './sound-program.ts'

const failing = fc.constantFrom(0, 20, 50)
const story = fc.tuple(workflowSource, fc.nat(), failing)

function fresh(sound: SoundProgram): Run {
  return new Run('r', createdFor(sound.program), sound.loaded)
}

test('from every turn on, a new process finds the same work under way', () => {
  fc.assert(
    fc.property(story, ([source, seed, rate]) => {
      const drive = new Drive(soundProgram(source)).start()
      const compare = (): void => {
        const again = fresh(drive.sound)
        const pending = again.replay(drive.events)
        const sent = pending.flatMap(effect => (effect.type === 'dispatch' ? [effect.request] : []))
        const timers = pending.flatMap(effect => (effect.type === 'timer' ? [[timerKey(effect), effect.atMs]] : []))
        expect(sent).toEqual([...drive.sent.values()])
        expect(new Map(timers as [string, number][])).toEqual(drive.timers)
        expect(sent.length + timers.length).toBe(pending.length)
        expect(again.isSettled).toBe(drive.run.isSettled)
        expect(JSON.stringify(again.actor.getSnapshot().value)).toBe(
          JSON.stringify(drive.run.actor.getSnapshot().value),
        )
      }
      compare()
      drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed), compare)
    }),
    cases(150),
  )
})

test('a run that crashes again and again ends as one that never did', () => {
  fc.assert(
    fc.property(story, ([source, seed, rate]) => {
      const sound = soundProgram(source)
      const outcomes = oracle(seed, rate, sound.workflow)
      const plain = new Drive(sound).start()
      const crashing = new Drive(sound).start()
      const order = dice(seed)
      const crashes = dice(seed + 1)
      for (let turn = 0; !plain.run.isSettled; turn += 1) {
        if (crashes(3) === 0) crashing.crash()
        const path = plain.choose(order) ?? ''
        plain.advance(path, outcomes)
        crashing.advance(path, outcomes)
      }
      expect(crashing.events).toEqual(plain.events)
    }),
    cases(150),
  )
})

test('replaying a run that has ended sends nothing and gives the same outputs', () => {
  fc.assert(
    fc.property(story, ([source, seed, rate]) => {
      const drive = new Drive(soundProgram(source)).start()
      drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed))
      const run = fresh(drive.sound)
      expect(run.replay(drive.events)).toEqual([])
      expect(run.isSettled).toBe(true)
      const traced: JournalEvent['body'] = { type: 'trace-committed', commit: 'c', ref: 'r', folder: 'f' }
      const withTrace = [...drive.events, { seq: 99_999, v: 1, runId: 'r', timeMs: 1, body: traced }]
      expect(fresh(drive.sound).replay(withTrace)).toEqual([])
    }),
    cases(100),
  )
})

/** Positions at which a journal can be cut so that it ends as some turn of the run did. */
function turnEnds({ turns }: Drive): Set<number> {
  let end = 0
  return new Set(turns.map(turn => (end += turn.events.length)))
}

function expectMismatch(sound: SoundProgram, events: readonly JournalEvent[]): void {
  expect(() => fresh(sound).replay(events)).toThrow(JournalMismatch)
}

test('a journal that lacks an event, or has two in the other order, is refused', () => {
  fc.assert(
    fc.property(story, fc.nat(), ([source, seed, rate], at) => {
      const drive = new Drive(soundProgram(source)).start()
      drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed))
      const { events, sound } = drive
      const index = at % events.length
      const [one, two] = [events[index], events[index + 1]]
      if (!one) throw new Error('the index is one of the journal')
      // An input from which nothing follows, as a failure that is to be tried again, may as well not have been, or have
      // been later. Without its last event, a journal may be that of a moment before.
      const isIdle = isInput(one) && turnEnds(drive).has(index + 1)
      if (!isIdle && index < events.length - 1) expectMismatch(sound, events.toSpliced(index, 1))
      if (two && !(isIdle && isInput(two))) expectMismatch(sound, events.toSpliced(index, 2, two, one))
      expectMismatch(sound, events.toSpliced(index, 0, one))
    }),
    cases(200),
  )
})

function isInput({ body }: JournalEvent): boolean {
  return JournalInput.safeParse(body).success
}

test('a journal cut within a turn is refused, for a turn is written whole or not at all', () => {
  fc.assert(
    fc.property(story, fc.nat(), ([source, seed, rate], at) => {
      const drive = new Drive(soundProgram(source)).start()
      drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed))
      const length = 1 + (at % drive.events.length)
      const cut = drive.events.slice(0, length)
      if (turnEnds(drive).has(length)) fresh(drive.sound).replay(cut)
      else expectMismatch(drive.sound, cut)
    }),
    cases(200),
  )
})

test('a journal in which something that follows from the inputs was altered is refused', () => {
  fc.assert(
    fc.property(story, fc.nat(), ([source, seed, rate], at) => {
      const drive = new Drive(soundProgram(source)).start()
      drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed))
      const derived = drive.events.filter(event => !isInput(event))
      const chosen = derived[at % derived.length]
      if (!chosen) throw new Error('every journal begins with a derived event')
      const body = altered(chosen.body)
      expectMismatch(
        drive.sound,
        drive.events.map(event => (event === chosen ? { ...event, body } : event)),
      )
    }),
    cases(200),
  )
})

function altered(body: JournalEvent['body']): JournalEvent['body'] {
  switch (body.type) {
    case 'run-created':
      return { ...body, case: `${body.case}2` }
    case 'attempt-started':
      return { ...body, key: `${body.key}0` }
    case 'step-settled':
      return { ...body, output: { was: body.output } }
    case 'branch-taken':
      return { ...body, branch: `${body.branch}?` }
    case 'iteration-started':
      return { ...body, turn: body.turn + 1 }
    case 'run-settled':
      return { ...body, outputs: [body.outputs] }
    case 'run-ending':
      return { ...body, status: body.status === 'failed' ? 'succeeded' : 'failed' }
    case 'items-resolved':
      return { ...body, count: body.count + 1 }
    case 'failure-caught':
      return { ...body, retryAtMs: (body.retryAtMs ?? 0) + 1 }
    case 'attempt-rejected':
      return { ...body, attempt: body.attempt + 1 }
    default:
      throw new Error(`${body.type} is an input`)
  }
}

test('an answer that was altered is refused, since the step has settled with another', () => {
  fc.assert(
    fc.property(story, fc.nat(), ([source, seed], at) => {
      const drive = new Drive(soundProgram(source)).start()
      drive.toEnd(oracle(seed, 0, drive.sound.workflow), dice(seed))
      const answers = bodiesOf(drive.events, 'attempt-succeeded')
      fc.pre(answers.length > 0)
      const chosen = answers[at % answers.length]
      const events = drive.events.map(event =>
        event.body === chosen ? { ...event, body: { ...chosen, output: { was: chosen.output } } } : event,
      )
      expectMismatch(drive.sound, events)
    }),
    cases(100),
  )
})

test('an empty journal, and the journal of another workflow, are refused', () => {
  const sound = soundProgram({ steps: [{ id: 'a', prompt: 'x' }] })
  const other = soundProgram({ steps: [{ id: 'b', prompt: 'x' }] })
  expectMismatch(sound, [])
  expectMismatch(sound, new Drive(other).start().events)
})
