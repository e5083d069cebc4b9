import type { JournalEvent, JournalEventBody, JournalInput, RunCreated } from '../model/journal-event.ts'
import { isInput } from '../model/journal-event.ts'
import { canonicalJson, isSameJson, type Json } from '../model/json.ts'
import type { z } from 'zod'
import type { LoadedProgram } from './chart-logic.ts'
import type { AttemptRequest } from './ports.ts'
import { answersOf } from './reuse.ts'
import { Run } from './run.ts'
import type { Effect } from './turn.ts'

type Settled = Extract<JournalEventBody, { type: 'run-settled' }>

/** What a replay found. `difference` says in words where it first left what was recorded. */
export interface Replayed {
  readonly outputs: Json
  readonly difference?: string
}

/** Runs a program again from the recorded answers, in the order of the journal; nothing is executed. */
export function replayRun(id: string, loaded: LoadedProgram, events: readonly JournalEvent[]): Replayed {
  const created = createdOf(events)
  const run = new Run(id, created, loaded)
  const produced = [...run.start(events[0]?.timeMs ?? 0).events]
  for (const { seq, timeMs, body } of events.slice(1)) {
    if (!isInput(body)) continue
    const turn = run.feed(body, timeMs)
    if (!turn) return { outputs: null, difference: `Nobody waits for event ${seq}, ${describe(body)}.` }
    produced.push(...turn.events)
  }
  const outputs = produced.map(({ body }) => body).find(isRunSettled)?.outputs ?? null
  const [before, after] = [events, produced].map(list => list.map(({ body }) => body).filter(isOutcome))
  const difference = firstDifference(before ?? [], after ?? [])
  return { outputs, ...(difference !== undefined && { difference }) }
}

/** Runs another version of the program from the recorded answers, as far as it asks what was asked. */
export function replayAgainst(id: string, loaded: LoadedProgram, events: readonly JournalEvent[]): Replayed {
  const created = { ...createdOf(events), programHash: loaded.program.hash }
  const recorded = answersOf(events)
  const run = new Run(id, created, loaded)
  const nowMs = events[0]?.timeMs ?? 0
  const first = run.start(nowMs)
  const waiting: Effect[] = [...first.effects]
  let settled = first.events.map(({ body }) => body).find(isRunSettled)
  for (let effect = waiting.shift(); effect; effect = waiting.shift()) {
    if (effect.type !== 'dispatch' && effect.type !== 'timer') continue
    const input = effect.type === 'timer' ? timerInput(effect) : answerInput(effect.request, recorded)
    if (!input) return { outputs: null, difference: newQuestion(effect as Effect & { type: 'dispatch' }, recorded) }
    const turn = input === 'never' ? undefined : run.feed(input, nowMs)
    waiting.push(...(turn?.effects ?? []))
    settled = turn?.events.map(({ body }) => body).find(isRunSettled) ?? settled
  }
  const before = events.map(({ body }) => body).find(isRunSettled)
  const outputs = settled?.outputs ?? null
  if (isSameJson(before?.outputs ?? null, outputs)) return { outputs }
  return { outputs, difference: 'No step asks anything new, but the outputs differ.' }
}

function createdOf(events: readonly JournalEvent[]): z.infer<typeof RunCreated> {
  const created = events[0]?.body
  if (created?.type !== 'run-created') throw new Error('a journal begins with run-created')
  return created
}

/** A deadline is not reached in a replay: its answers come at once. */
function timerInput({ path, purpose }: Effect & { type: 'timer' }): JournalInput | 'never' {
  return purpose === undefined ? { type: 'timer-fired', path } : 'never'
}

function answerInput(
  { path, attempt, key }: AttemptRequest,
  recorded: ReturnType<typeof answersOf>,
): JournalInput | undefined {
  const same = recorded.filter(item => item.key === key)
  const found = same.find(item => item.path === path) ?? same[0]
  return found && { type: 'attempt-succeeded', path, attempt, ...found.answer }
}

function newQuestion({ request }: Effect & { type: 'dispatch' }, recorded: ReturnType<typeof answersOf>): string {
  const isKnown = recorded.some(({ path }) => path === request.path)
  const why = isKnown ? 'what it asks has changed' : 'it has no recorded answer'
  return `\`${request.path}\` asks something new: ${why}.`
}

function isRunSettled(body: JournalEventBody): body is Settled {
  return body.type === 'run-settled'
}

function isOutcome(body: JournalEventBody): boolean {
  return body.type === 'step-settled' || body.type === 'run-settled'
}

function firstDifference(before: readonly JournalEventBody[], after: readonly JournalEventBody[]): string | undefined {
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    const [was, is] = [before[index], after[index]]
    if (was && is && isSameJson(was, is)) continue
    return `Recorded was ${describe(was)}, now it is ${describe(is)}.`
  }
  return undefined
}

function describe(body: JournalEventBody | undefined): string {
  if (!body) return 'nothing more'
  const path = 'path' in body ? ` of \`${body.path}\`` : ''
  const status = 'status' in body ? ` ${body.status}` : ''
  const output = 'output' in body ? ` with ${canonicalJson(body.output)}` : ''
  return `${body.type}${path}${status}${output}`
}
