import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JournalInput } from '../../src/model/journal-event.ts'
import type { Step } from '../../src/model/step.ts'
import { allSteps, bodyLists } from '../../src/model/step-lists.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { soundProgram } from './sound-program.ts'

const failing = fc.constantFrom(0, 10, 30, 60)

/** Runs a workflow to its end, its attempts ending in an order that the seed decides. */
const ended: fc.Arbitrary<Drive> = fc.tuple(workflowSource, fc.nat(), failing).map(([source, seed, rate]) => {
  const drive = new Drive(soundProgram(source)).start()
  return drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed))
})

function holds(law: (drive: Drive) => void): void {
  fc.assert(fc.property(ended, law), cases(300))
}

/** Where the last execution of each step began and settled: positions in the journal, by path. */
function spansOf({ events }: Drive): { began: Map<string, number>; settled: Map<string, number> } {
  const began = new Map<string, number>()
  const settled = new Map<string, number>()
  events.forEach(({ body }, position) => {
    if (!('path' in body)) return
    if (!began.has(body.path)) began.set(body.path, position)
    if (body.type === 'step-settled') settled.set(body.path, position)
  })
  return { began, settled }
}

const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const turnOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/** Every list of a workflow with the kind of block that holds it. */
function listsOf(
  steps: readonly Step[],
  kind: Step['kind'] = 'steps',
): { steps: readonly Step[]; kind: Step['kind'] }[] {
  return [{ steps, kind }, ...steps.flatMap(step => bodyLists(step).flatMap(list => listsOf(list, step.kind)))]
}

test('no step begins before what it needs has settled', () => {
  holds(drive => {
    const { began, settled } = spansOf(drive)
    const needs = new Map<string, string[]>()
    for (const { steps, kind } of listsOf(drive.sound.workflow.steps)) {
      steps.forEach((step, index) => {
        const above = steps[index - 1]
        needs.set(step.id, step.needs ?? (kind === 'parallel' || !above ? [] : [above.id]))
      })
    }
    for (const [path, position] of began) {
      // What a step inside a block must wait for, the block has waited for: each step answers for its own list.
      for (const need of needs.get(idOf(path)) ?? []) {
        expect(
          settled.get(`${turnOf(path)}${need}`) ?? Number.POSITIVE_INFINITY,
          `${need} before ${path}`,
        ).toBeLessThan(position)
      }
    }
  })
})

test('a loop turns at most as often as it says, one turn after another', () => {
  holds(drive => {
    const loops = new Map(
      allSteps(drive.sound.workflow.steps).map(step => [step.id, step.kind === 'loop' ? step.max : 0]),
    )
    const turns = new Map<string, number>()
    for (const { path, turn } of bodiesOf(drive.events, 'iteration-started')) {
      expect(turn).toBe(turns.get(path) ?? 0)
      turns.set(path, turn + 1)
      expect(turn).toBeLessThan(loops.get(idOf(path)) ?? 0)
    }
  })
})

test('a switch takes one branch at most, and nothing of its other branches begins', () => {
  holds(drive => {
    const taken = bodiesOf(drive.events, 'branch-taken')
    expect(new Set(taken.map(({ path }) => path)).size).toBe(taken.length)
    const begun = [...spansOf(drive).began.keys()]
    const steps = new Map(allSteps(drive.sound.workflow.steps).map(step => [step.id, step]))
    for (const { path, branch } of taken) {
      const step = steps.get(idOf(path))
      const branches = step?.kind === 'switch' ? step.branches : []
      const entered = branches.filter(({ steps: inside }) => {
        const ids = new Set(allSteps(inside).map(({ id }) => id))
        return begun.some(other => other.startsWith(turnOf(path)) && ids.has(idOf(other)))
      })
      for (const { label } of entered) expect(label).toBe(branch)
      expect(entered.length).toBeLessThanOrEqual(1)
    }
  })
})

test('every execution settles once, and nothing of it happens after that', () => {
  holds(({ events }) => {
    const settled = new Set<string>()
    for (const { body } of events) {
      if (!('path' in body)) continue
      expect(settled.has(body.path), `${body.type} of ${body.path}`).toBe(false)
      if (body.type === 'step-settled') settled.add(body.path)
    }
    const begun = events.flatMap(({ body }) => ('path' in body ? [body.path] : []))
    expect(begun.filter(path => !settled.has(path))).toEqual([])
  })
})

test('when a run has ended, nothing of it waits for an answer', () => {
  holds(drive => {
    expect(drive.waiting).toEqual([])
    expect(bodiesOf(drive.events, 'run-settled').length).toBe(1)
    expect(drive.turns.at(-1)?.effects.at(-1)).toEqual({ type: 'settled' })
  })
})

test('once a step has failed its list, nothing more of the list begins, and what is under way is cancelled in that turn', () => {
  holds(drive => {
    const steps = new Map(allSteps(drive.sound.workflow.steps).map(step => [step.id, step]))
    const around = new Map<string, Step[]>()
    const walk = (list: readonly Step[], blocks: Step[]): void =>
      list.forEach(step => {
        around.set(step.id, blocks)
        for (const inner of bodyLists(step)) walk(inner, [...blocks, step])
      })
    walk(drive.sound.workflow.steps, [])
    const pathIn = (block: Step, path: string): string => {
      const depth = (around.get(block.id) ?? []).filter(({ kind }) => kind === 'loop').length
      return [...path.split('/').slice(0, depth * 2), block.id].join('/')
    }
    const dead = new Set<string>()
    for (const { body } of drive.turns.flatMap(turn => turn.events)) {
      if (!('path' in body)) continue
      const blocks = [...(around.get(idOf(body.path)) ?? []).map(block => pathIn(block, body.path)), 'run']
      const isEnd = body.type === 'step-settled' && body.status !== 'succeeded' && body.status !== 'skipped'
      if (!isEnd)
        expect(
          blocks.filter(block => dead.has(block)),
          `${body.type} ${body.path}`,
        ).toEqual([])
      if (body.type === 'step-settled' && body.status === 'failed' && steps.get(idOf(body.path))?.onError === 'fail') {
        dead.add(blocks.at(-2) ?? 'run')
      }
    }
  })
})

test('an attempt is sent once, with a key and a time of its own', () => {
  holds(({ everSent, events }) => {
    expect(new Set(everSent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(everSent.length)
    const started = new Map(bodiesOf(events, 'attempt-started').map(body => [`${body.path} ${body.attempt}`, body]))
    for (const { path, attempt, deadlineMs, startedMs } of everSent) {
      expect(started.get(`${path} ${attempt}`)?.deadlineMs).toBe(deadlineMs)
      expect(deadlineMs).toBeGreaterThan(startedMs)
    }
    for (const { path, attempt } of started.values()) {
      if (attempt > 1) expect(started.has(`${path} ${attempt - 1}`)).toBe(true)
    }
  })
})

test('a failure is tried again as often as the step says, and a terminal one never', () => {
  holds(({ events, sound }) => {
    const steps = new Map(allSteps(sound.workflow.steps).map(step => [step.id, step]))
    for (const input of bodiesOf(events, 'attempt-failed')) {
      const retry = steps.get(idOf(input.path))?.retry
      expect(input.attempt).toBeLessThanOrEqual(1 + (retry?.attempts ?? 0))
      if (input.retryAtMs === undefined) continue
      expect(input.attempt).toBeLessThanOrEqual(retry?.attempts ?? 0)
      expect(['Unauthorized', 'NoHost', 'InvalidOutput', 'Stopped', 'CommandRefused']).not.toContain(
        input.failure.reason,
      )
      if (retry?.on) expect(retry.on).toContain(input.failure.reason)
    }
  })
})

test('when no step fails, outputs and messages do not depend on who finishes first', () => {
  fc.assert(
    fc.property(workflowSource, fc.nat(), fc.nat(), (source, seed, other) => {
      const sound = soundProgram(source)
      const outcomes = oracle(seed, 0, sound.workflow)
      const [one, two] = [seed, other].map(order => new Drive(sound).start().toEnd(outcomes, dice(order)))
      const outputs = (drive: Drive | undefined): unknown => bodiesOf(drive?.events ?? [], 'run-settled')[0]?.outputs
      expect(outputs(two)).toEqual(outputs(one))
      const keys = (drive: Drive | undefined): unknown[] =>
        bodiesOf(drive?.events ?? [], 'attempt-started')
          .map(({ path, key }) => `${path} ${key}`)
          .sort()
      expect(keys(two)).toEqual(keys(one))
    }),
    cases(300),
  )
})

test('what the journal says of inputs is what they were', () => {
  holds(({ events, turns }) => {
    for (const turn of turns.slice(1)) {
      const inputs = turn.events.filter(({ body }) => JournalInput.safeParse(body).success)
      expect(inputs).toEqual(turn.events.slice(0, 1))
    }
    expect(events[0]?.body.type).toBe('run-created')
  })
})
