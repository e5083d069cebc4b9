import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Program } from '../../src/compiler/program.ts'
import { answersIn, type RecordedRun, type Records } from '../../src/controller/plan-records.ts'
import { rehearse } from '../../src/controller/plan-run.ts'
import { diceOf } from '../../src/mock-host/dice.ts'
import { fitSchema } from '../../src/mock-host/fit-schema.ts'
import type { JournalEvent, RunCreated } from '../../src/model/journal-event.ts'
import { mapSteps } from '../../src/model/map-steps.ts'
import { canonicalJson, type Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { loadProgram } from '../../src/runtime/chart-logic.ts'
import type { AttemptRequest, NewEvent } from '../../src/runtime/ports.ts'
import { Run } from '../../src/runtime/run.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { writtenSteps } from '../generators/written-steps.ts'
import { createdFor, soundProgram } from '../runtime/sound-program.ts'

/** The same question always gets the same answer. */
function answerTo({ key, work }: AttemptRequest): Json {
  if (work.output.type === 'schema') return fitSchema(work.output.schema, diceOf(key), ['tea'])
  return work.output.type === 'json' ? { answer: key } : `Answer ${key.slice(0, 8)}.`
}

/** Really runs a program, and records what it asked. */
function record(program: Program, created: RunCreated): RecordedRun {
  // As the journal keeps it.
  const kept = JSON.parse(canonicalJson(program)) as Program
  const run = new Run('before', created, loadProgram(kept))
  const events: NewEvent[] = []
  const turn = run.start(0)
  events.push(...turn.events)
  const waiting = [...turn.effects]
  for (let effect = waiting.shift(); effect && events.length < 20_000; effect = waiting.shift()) {
    if (effect.type !== 'dispatch' && (effect.type !== 'timer' || effect.purpose !== undefined)) continue
    const next =
      effect.type === 'timer'
        ? run.feed({ type: 'timer-fired', path: effect.path }, 0)
        : run.feed(answered(effect.request), 0)
    events.push(...(next?.events ?? []))
    waiting.push(...(next?.effects ?? []))
  }
  const journal = events.map((event, seq): JournalEvent => ({ ...event, seq, v: 2 }))
  return { id: 'before', created, events: journal, program }
}

function answered(request: AttemptRequest) {
  const { path, attempt } = request
  return { type: 'attempt-succeeded' as const, path, attempt, output: answerTo(request) }
}

function recordsOf(run: RecordedRun): Records {
  const answerOf = (key: string) => answersIn(run).byKey.get(key)
  return { runs: [run], answered: answerOf, cached: ({ isCached, key }) => (isCached ? answerOf(key) : undefined) }
}

/** The question of the first attempt at each path. */
function keysOf({ events }: RecordedRun): Map<string, string> {
  const keys = new Map<string, string>()
  for (const { body } of events) {
    if (body.type === 'attempt-started' && !keys.has(body.path)) keys.set(body.path, body.key)
  }
  return keys
}

/** The workflow with another prompt in one of its steps. */
function edited(source: WorkflowSource, number: number): WorkflowSource | undefined {
  const copy = JSON.parse(JSON.stringify(source)) as WorkflowSource
  const prompts = writtenSteps(copy.steps).filter(step => typeof step.prompt === 'string')
  const chosen: StepSource | undefined = prompts[number % Math.max(1, prompts.length)]
  if (!chosen) return undefined
  chosen.prompt = `${String(chosen.prompt)} And say why.`
  return copy
}

function rehearsed(before: Program, after: Program) {
  const recorded = record(before, createdFor(before))
  const created = createdFor(after)
  const programs = new Map<string, Program>()
  return { recorded, created, plan: rehearse({ records: recordsOf(recorded), programs }, after, created) }
}

test('a workflow that has not changed asks nothing new', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      // A question whose answer was refused has none, and counts as new.
      const { program } = soundProgram(mapSteps(source, step => ({ ...step, expect: undefined })))
      const { recorded, plan } = rehearsed(program, program)
      expect(plan.steps.map(({ path }) => path).toSorted()).toEqual([...keysOf(recorded).keys()].toSorted())
      expect(plan.steps.every(({ verdict }) => verdict !== 'anew')).toBe(true)
    }),
    cases(20),
  )
})

test('after an edit of a prompt, what a plan calls known was really asked before, and what is asked anew is called so', () => {
  let [known, told] = [0, 0]
  fc.assert(
    fc.property(workflowSource, fc.nat(99), (source, number) => {
      const changed = edited(source, number)
      fc.pre(changed !== undefined)
      const [before, after] = [soundProgram(source).program, soundProgram(changed).program]
      const { recorded, created, plan } = rehearsed(before, after)
      const asked = new Set(keysOf(recorded).values())
      const actual = keysOf(record(after, created))
      for (const { path, verdict } of plan.steps) {
        const key = actual.get(path)
        if (verdict === 'anew') continue
        expect([path, key !== undefined && asked.has(key)]).toEqual([path, true])
        told += 1
      }
      known += [...actual.values()].filter(key => asked.has(key)).length
    }),
    cases(50),
  )
  // A plan that calls everything new would be right, too, and of no use.
  expect(told / known).toBeGreaterThan(0.8)
})
