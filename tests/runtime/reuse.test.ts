import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunCreated } from '../../src/model/journal-event.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { stepIdOf } from '../../src/runtime/path.ts'
import { replayAgainst, replayRun } from '../../src/runtime/replay.ts'
import { answersOf, ReusedAnswers, stepsAfter } from '../../src/runtime/reuse.ts'
import { Run } from '../../src/runtime/run.ts'
import type { Effect } from '../../src/runtime/turn.ts'
import { cases } from '../generators/cases.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { createdFor, programOfSteps, soundProgram, type SoundProgram } from './sound-program.ts'
import { isSmooth, stories, told } from './stories.ts'

type Reuse = NonNullable<RunCreated['reuse']>

/** A run that takes another one up: what it has to ask for, in order, and its outputs. */
function again({ sound, events }: Drive, reuse: Omit<Reuse, 'runId'>, over: SoundProgram = sound) {
  const created = { ...createdFor(over.program), reuse: { ...reuse, runId: 'r' } }
  const reused = new ReusedAnswers(created.reuse, sound.program, events, true)
  const run = new Run('again', created, over.loaded)
  const asked: string[] = []
  const keys = new Map<string, string>()
  const first = run.start(0)
  const produced = [...first.events]
  const waiting: Effect[] = [...first.effects]
  for (let effect = waiting.shift(); effect && !run.isSettled; effect = waiting.shift()) {
    if (effect.type !== 'dispatch') continue
    const { request } = effect
    const known = reused.answerTo(request)
    if (!known) asked.push(request.path)
    keys.set(request.path, request.key)
    const { path, attempt } = request
    const turn = run.feed({ type: 'attempt-succeeded', path, attempt, ...(known ?? { output: 'new' }) }, 0)
    produced.push(...(turn?.events ?? []))
    waiting.push(...(turn?.effects ?? []))
  }
  const settled = produced.flatMap(({ body }) => (body.type === 'run-settled' ? [body] : []))
  return { asked, keys, outputs: settled[0]?.outputs, status: settled[0]?.status, produced }
}

test('a run in which nothing failed is taken up whole: nothing is asked for again, and the outputs are the same', () => {
  let smooth = 0
  fc.assert(
    fc.property(stories, story => {
      const drive = told(story)
      if (!isSmooth(drive) || countsAttempts(drive)) return
      smooth += 1
      const outputs = bodiesOf(drive.events, 'run-settled')[0]?.outputs
      for (const kind of ['retry', 'fork'] as const) {
        const { asked, ...ended } = again(drive, { kind })
        const { program } = drive.sound
        // In a fork people are asked again, and what follows from what they say may be new.
        const isOpen = kind === 'fork' && answersOf(drive.events).some(({ path }) => isOutside(program, path))
        if (!isOpen) expect(asked.filter(path => !isLast(program, path))).toEqual([])
        if (asked.length > 0) continue
        expect(ended.outputs).toEqual(outputs)
      }
      expect(replayRun('r', drive.sound.loaded, drive.events)).toEqual({ outputs })
      expect(replayAgainst('r', drive.sound.loaded, drive.events)).toEqual({ outputs })
    }),
    cases(300),
  )
  expect(smooth).toBeGreaterThan(cases(300).numRuns / 5)
})

test('whatever a run came to, replaying it executes nothing and finds no difference', () => {
  fc.assert(
    fc.property(stories, story => {
      const drive = told(story)
      const outputs = bodiesOf(drive.events, 'run-settled')[0]?.outputs
      expect(replayRun('r', drive.sound.loaded, drive.events)).toEqual({ outputs })
    }),
    cases(300),
  )
})

test('a retry from a step asks for that step and what comes after it, and for nothing else', () => {
  let asking = 0
  fc.assert(
    fc.property(stories, fc.nat(), (story, choice) => {
      const drive = told(story)
      if (!isSmooth(drive) || countsAttempts(drive)) return
      const recorded = new Map(answersOf(drive.events).map(({ path, key }) => [path, key]))
      const from = [...recorded.keys()][choice % Math.max(1, recorded.size)]
      if (from === undefined) return
      const { asked, keys } = again(drive, { kind: 'retry', from })
      const after = stepsAfter(drive.sound.program, stepIdOf(from))
      expect(asked).toContain(from)
      // New answers may lead elsewhere, to what was never asked, or not in these words.
      for (const path of asked) {
        const isKnown = recorded.get(path) === keys.get(path)
        const isExpected = path === from || after.has(stepIdOf(path)) || isLast(drive.sound.program, path)
        expect(isExpected || !isKnown).toBe(true)
      }
      asking += asked.length > 1 ? 1 : 0
    }),
    cases(300),
  )
  expect(asking).toBeGreaterThan(cases(300).numRuns / 20)
})

/** True when how often an attempt failed may decide what a run does: an answer that is taken up is the first attempt. */
function countsAttempts({ events, sound }: Drive): boolean {
  return bodiesOf(events, 'attempt-failed').length > 0 && JSON.stringify(sound.source).includes('.attempts')
}

/** True for a step of what runs whatever happened. */
function isLast({ steps }: SoundProgram['program'], path: string): boolean {
  for (let id: string | undefined = stepIdOf(path); id !== undefined; id = steps[id]?.parent) {
    if (steps[id]?.role === 'finally') return true
  }
  return false
}

/** True for a step whose answer comes from people or from the world. */
function isOutside({ steps }: SoundProgram['program'], path: string): boolean {
  const { kind } = steps[stepIdOf(path)]?.work ?? {}
  return kind === 'ask' || kind === 'wait'
}

const three = (...prompts: string[]) =>
  programOfSteps(...prompts.map((prompt, index) => ({ id: `s${index}`, prompt, context: 'none' as const })))

function ended(sound: SoundProgram): Drive {
  return new Drive(sound).start().toEnd(oracle(1, 0, sound.workflow), dice(1))
}

test('a fork takes up the answers to what is asked in the same words, and asks for the rest', () => {
  const before = ended(three('one', 'two', 'three'))
  expect(again(before, { kind: 'fork' }, three('one', 'another', 'three')).asked).toEqual(['s1'])
  // Where the same was asked elsewhere, its answer is taken up, too.
  expect(again(before, { kind: 'fork' }, three('three', 'two', 'one')).asked).toEqual([])
})

test('a retry never takes an answer to another question', () => {
  const before = ended(three('one', 'two', 'three'))
  expect(again(before, { kind: 'retry' }, three('one', 'another', 'three')).asked).toEqual(['s1'])
})

test('an answer that is taken up says in which run, and where, it was recorded first', () => {
  const before = ended(three('one', 'two'))
  const { produced } = again(before, { kind: 'retry', from: 's1' })
  const origins = produced.flatMap(({ body }) => (body.type === 'attempt-succeeded' ? [body.origin] : []))
  expect(origins).toEqual([{ runId: 'r', path: 's0' }, undefined])
})

test('an answer that was refused by `expect` is not taken up', () => {
  const sound = programOfSteps({ id: 'a', prompt: 'x', expect: 'steps.a.output == "good"', retry: 1 })
  const drive = new Drive(sound).start()
  drive.toEnd((_, attempt) => ({ type: 'answered', output: attempt === 1 ? 'bad' : 'good' }), dice(1))
  expect(answersOf(drive.events).map(({ answer }) => answer.output)).toEqual(['good'])
  expect(again(drive, { kind: 'retry' })).toMatchObject({ asked: [], status: 'succeeded', outputs: 'good' })
})

test('a step that failed because its only answer was refused is asked again', () => {
  const sound = programOfSteps({ id: 'a', prompt: 'x', expect: 'steps.a.output == "good"', retry: 0 })
  const drive = new Drive(sound).start().toEnd(() => ({ type: 'answered', output: 'bad' }), dice(1))
  expect(answersOf(drive.events)).toEqual([])
  expect(again(drive, { kind: 'retry' }).asked).toEqual(['a'])
})

test('replayed against another text, the first step that asks something new is named', () => {
  const before = ended(three('one', 'two', 'three'))
  const { difference } = replayAgainst('r', three('one', 'another', 'other').loaded, before.events)
  expect(difference).toBe('`s1` asks something new: what it asks has changed.')
  const longer = replayAgainst('r', three('one', 'two', 'three', 'four').loaded, before.events)
  expect(longer.difference).toBe('`s3` asks something new: it has no recorded answer.')
})

test('a journal whose answer was altered is found by its replay', () => {
  const drive = ended(three('one', 'two'))
  const altered = drive.events.map(event =>
    event.body.type === 'attempt-succeeded' && event.body.path === 's1'
      ? { ...event, body: { ...event.body, output: 'altered' } }
      : event,
  )
  expect(replayRun('r', drive.sound.loaded, altered).difference).toContain('Recorded was step-settled of `s1`')
})

const undone = (id: string) => ({ id, prompt: id, context: 'none' as const, undo: { run: `echo ${id}` } })

test('a rollback undoes what was done, newest first, and executes nothing else anew', () => {
  const before = ended(programOfSteps(undone('a'), undone('b'), { id: 'plain', prompt: 'x' }, undone('c')))
  const undoOf = (id: string): string => before.sound.program.steps[id]?.undo ?? ''
  const whole = again(before, { kind: 'rollback' })
  expect(whole).toMatchObject({ asked: ['c', 'b', 'a'].map(undoOf), status: 'succeeded', outputs: null })
  expect(again(before, { kind: 'rollback', from: 'a' }).asked).toEqual(['c', 'b'].map(undoOf))
  expect(again(before, { kind: 'rollback', from: 'plain' }).asked).toEqual(['c'].map(undoOf))
  expect(again(before, { kind: 'rollback', from: 'c' }).asked).toEqual([])
})

test('what takes back, and what runs whatever happened, is done again; what was taken back is not taken up', () => {
  const lists: WorkflowSource = {
    steps: [undone('a'), { id: 'boom', set: { x: '${1 / 0}' } }],
    finally: [{ id: 'unlock', prompt: 'unlock' }],
  }
  const sound = soundProgram(lists)
  const failed = ended(sound)
  const { asked, status } = again(failed, { kind: 'retry' })
  expect(asked).toEqual(['a', sound.program.steps['a']?.undo, 'unlock'])
  expect(status).toBe('failed')
})

test('a run does not take back what another run has done', () => {
  const good = ended(programOfSteps(undone('a'), { id: 'last', set: { x: 1 } }))
  const bad = programOfSteps(undone('a'), { id: 'last', set: { x: '${1 / 0}' } })
  expect(again(good, { kind: 'fork' }, bad)).toMatchObject({ asked: [], status: 'failed' })
})

test('a fork asks people again, and waits again: what they said was about another run', () => {
  const steps = [
    { id: 'draft', prompt: 'x' },
    { id: 'ok', ask: 'Shall it go out?' },
  ]
  const before = ended(programOfSteps(...steps))
  expect(again(before, { kind: 'fork' }).asked).toEqual(['ok'])
  expect(again(before, { kind: 'retry' }).asked).toEqual([])
})
