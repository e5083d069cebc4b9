import { expect, test } from 'vitest'
import { allSteps } from '../../src/model/step-lists.ts'
import { Run } from '../../src/runtime/run.ts'
import { bodiesOf, Drive, isDeadline } from '../runtime/drive.ts'
import type { Oracle } from '../runtime/outcomes.ts'
import { createdFor, type SoundProgram, soundProgram } from '../runtime/sound-program.ts'
import { smallPrograms } from './small-programs.ts'

/** What happens next: what is waited for, and whether it fails. */
interface Choice {
  readonly waited: string
  readonly fails: boolean
}

const oracle =
  (fails: boolean): Oracle =>
  path =>
    fails
      ? { type: 'failed', failure: { reason: 'CommandFailed', message: 'no' } }
      : { type: 'answered', output: `<${path}>` }

function after(sound: SoundProgram, choices: readonly Choice[]): Drive {
  const drive = new Drive(sound).start()
  for (const { waited, fails } of choices) drive.advance(waited, oracle(fails))
  return drive
}

/** At most so many failures in one story: two failures at once are the most that can matter to one block. */
const mostFailures = 2

/** Calls back at the end of every story of a program: every order of outcomes, every choice of what fails. */
function everyStory(sound: SoundProgram, end: (drive: Drive, choices: readonly Choice[]) => void): number {
  let stories = 0
  const open: (readonly Choice[])[] = [[]]
  for (let choices = open.pop(); choices; choices = open.pop()) {
    const drive = after(sound, choices)
    if (drive.run.isSettled) {
      stories += 1
      end(drive, choices)
      continue
    }
    const failures = choices.filter(({ fails }) => fails).length
    for (const waited of drive.waiting.filter(name => !isDeadline(name))) {
      const canFail = !drive.timers.has(waited) && failures < mostFailures
      for (const fails of canFail ? [false, true] : [false]) open.push([...choices, { waited, fails }])
    }
  }
  return stories
}

/** Everything that must hold of a story that has ended. */
function checkStory(drive: Drive): void {
  const { program } = drive.sound
  const settled = bodiesOf(drive.events, 'step-settled').map(({ path }) => path)
  expect(new Set(settled).size).toBe(settled.length)
  expect(settled.length).toBeLessThanOrEqual(program.bound * 2)
  expect(drive.waiting.filter(name => !isDeadline(name))).toEqual([])
  const before = new Set<string>()
  for (const { body } of drive.events) {
    if (body.type === 'step-settled') before.add(body.path)
    if (body.type !== 'attempt-started') continue
    const prefix = body.path.slice(0, body.path.lastIndexOf('/') + 1)
    const { after: needs = [] } = program.steps[body.path.slice(prefix.length)] ?? {}
    for (const need of needs) expect(before).toContain(`${prefix}${need}`)
  }
  checkAftermath(drive)
  // Each run is of the branch `main`.
  for (const { path, branch } of bodiesOf(drive.events, 'branch-taken')) {
    const work = program.steps[path.slice(path.lastIndexOf('/') + 1)]?.work
    if (work?.kind === 'switch' && work.chooser === 'run.branch') expect(branch).toBe('main')
  }
  const again = new Run('r', createdFor(program), drive.sound.loaded)
  again.replay(drive.events)
  expect(again.isSettled).toBe(true)
}

/** What a failed run takes back, newest first and what was interrupted before that; and what runs whatever happened. */
function checkAftermath({ events, turns, sound: { program, workflow } }: Drive): void {
  const written = new Map(allSteps(workflow.steps).flatMap(({ id, undo }) => (undo ? [[id, undo.id]] : [])))
  const settled = bodiesOf(events, 'step-settled')
  // How the steps ended: a failure of what runs whatever happened undoes nothing.
  const [ended] = bodiesOf(events, 'run-ending')
  const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const undoOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1) + written.get(idOf(path))
  const undoable = settled.filter(({ path }) => written.has(idOf(path))).toReversed()
  // What was cancelled at once is taken back from the end of the file, and blocks before what they hold.
  const turnOf = ({ path }: { path: string }): number =>
    turns.findIndex(({ events: made }) => made.some(({ body }) => body.type === 'step-settled' && body.path === path))
  const isInside = (id: string | undefined, block: string): boolean =>
    id !== undefined && (program.steps[id]?.parent === block || isInside(program.steps[id]?.parent, block))
  const isLater = (id: string, other: string): boolean =>
    isInside(other, id) ||
    (!isInside(id, other) && Object.keys(program.steps).indexOf(id) > Object.keys(program.steps).indexOf(other))
  const cancelled = undoable
    .filter(({ status }) => status === 'cancelled')
    .sort((a, b) => turnOf(b) - turnOf(a) || (isLater(idOf(a.path), idOf(b.path)) ? -1 : 1))
  const due = [...cancelled, ...undoable.filter(({ status }) => status === 'succeeded')]
  const undone = settled.filter(({ path }) => program.steps[idOf(path)]?.role === 'undo').map(({ path }) => path)
  expect(undone).toEqual(ended?.status === 'failed' ? due.map(({ path }) => undoOf(path)) : [])
  const last = settled.filter(({ path }) => program.steps[idOf(path)]?.role === 'finally').map(({ path }) => path)
  expect(last).toEqual(program.finally?.steps ?? [])
}

test('every small program ends in every order of outcomes, settles each step once and replays', () => {
  let stories = 0
  for (const [name, source] of smallPrograms()) {
    const sound = soundProgram(source)
    const outputs = new Map<string, string>()
    const count = everyStory(sound, (drive, choices) => {
      checkStory(drive)
      if (choices.some(({ fails }) => fails)) return
      const settled = bodiesOf(drive.events, 'step-settled').map(({ path, status, output }) => [path, status, output])
      outputs.set(JSON.stringify(settled.sort()), name)
    })
    // When nothing fails, no order of the answers makes a difference.
    expect([name, outputs.size]).toEqual([name, 1])
    expect(count).toBeGreaterThan(0)
    stories += count
  }
  expect(stories).toBeGreaterThan(2500)
}, 240_000)
