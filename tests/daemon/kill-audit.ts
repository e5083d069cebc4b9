import type { JournalEvent } from '../../src/model/journal-event.ts'
import { canonicalJson } from '../../src/model/json.ts'
import type { Campaign, Life } from './kill-campaign.ts'
import type { Acknowledged } from './kill-people.ts'

type Recorded = Extract<JournalEvent['body'], { type: 'attempt-succeeded' | 'attempt-failed' }>

/** What a campaign was made of, to show that it was one. */
export interface Figures {
  readonly kills: number
  /** Kills that met an attempt at a host. */
  readonly killsInFlight: number
  readonly runs: number
  readonly results: number
  readonly requests: number
  /** Requests of an attempt that an earlier process had asked for already. */
  readonly repeats: number
  readonly failedAttempts: number
  readonly acknowledged: number
}

/** Everything in which a campaign broke the promise, in words; empty when it held. */
export function violationsOf(campaign: Campaign): string[] {
  return [
    ...journalKept(campaign),
    ...everythingOnce(campaign),
    ...askedOnce(campaign),
    ...runsOfCommits(campaign),
    ...wordsOfPeople(campaign),
  ]
}

export function figuresOf({ lives, people }: Campaign): Figures {
  const last = lastOf(lives)
  const results = last.flatMap(({ body }) => (isRecorded(body) && 'host' in body ? [body] : []))
  return {
    kills: lives.length - 1,
    killsInFlight: lives.slice(0, -1).filter(life => openKeys(life).length > 0).length,
    runs: last.filter(({ body }) => body.type === 'run-created').length,
    results: results.length,
    requests: lives.reduce((sum, { requests }) => sum + requests.length, 0),
    repeats: lives.reduce((sum, life, at) => sum + repeatsIn(life, lives.slice(0, at)), 0),
    failedAttempts: last.filter(({ body }) => body.type === 'attempt-failed').length,
    acknowledged: people.acknowledged.length,
  }
}

/** What one process has recorded or told, every later one finds as it was. */
function journalKept({ lives, people }: Campaign): string[] {
  const found: string[] = []
  lives.forEach(({ journal }, at) => {
    const before = lives[at - 1]?.journal ?? []
    for (const [index, event] of before.entries()) {
      if (canonicalJson(journal[index]) !== canonicalJson(event)) found.push(`kill ${at}: event ${event.seq} is lost`)
    }
  })
  const runOf = new Map(lastOf(lives).map(({ seq, runId }) => [seq, runId]))
  for (const { seq, runId, type } of people.told.values()) {
    if (runOf.get(Math.ceil(seq)) !== runId)
      found.push(`${type} of ${runId} was told as event ${seq}, and is not in the journal`)
  }
  return found
}

/** An attempt has one result, a step settles once, a run is created and settles once, its trace is in git once. */
function everythingOnce({ lives, traces }: Campaign): string[] {
  const seen = new Set<string>()
  const once = (what: string): string[] => (seen.has(what) ? [`twice: ${what}`] : (seen.add(what), []))
  const twice = lastOf(lives).flatMap(({ runId, body }) => {
    if (isRecorded(body)) return once(`result of ${keyOf(runId, body)}`)
    if (body.type === 'step-settled') return once(`${runId}/${body.path} settles`)
    if (body.type === 'run-created' || body.type === 'run-settled') return once(`${runId}: ${body.type}`)
    return body.type === 'trace-committed' ? once(`${runId} has its trace in git`) : []
  })
  return [...twice, ...traces.flatMap(trace => once(`in git: ${trace}`))]
}

/**
 * What the hosts were asked is what the journal says: each process asks for an attempt only after the journal has its
 * start, and never once it has its result; each request is a recorded try, or was in flight when its process was killed.
 */
function askedOnce({ lives }: Campaign): string[] {
  const found: string[] = []
  const answered = new Set<string>()
  const bodies = new Map<string, string>()
  for (const [at, { requests, journal }] of lives.entries()) {
    const started = new Set(
      journal.flatMap(({ runId, body }) => (body.type === 'attempt-started' ? [keyOf(runId, body)] : [])),
    )
    const results = new Map(
      journal.flatMap(({ runId, body }) => (isRecorded(body) ? [[keyOf(runId, body), body]] : [])),
    )
    for (const [key, times] of countOf(requests.map(({ idempotencyKey = '' }) => idempotencyKey))) {
      if (!started.has(key)) found.push(`life ${at}: ${key} was asked for before its start was recorded`)
      if (answered.has(key)) found.push(`life ${at}: ${key} was asked for again, and its result was recorded`)
      const most = triesOf(results.get(key))
      if (times > most) found.push(`life ${at}: ${key} was asked for ${times} times, the journal knows of ${most}`)
    }
    for (const { idempotencyKey = '', body } of requests) {
      const text = canonicalJson(body)
      if ((bodies.get(idempotencyKey) ?? text) !== text) found.push(`${idempotencyKey} was asked for in other words`)
      bodies.set(idempotencyKey, text)
    }
    for (const key of results.keys()) answered.add(key)
  }
  return found
}

/** Each committed workflow has one run, each call of another workflow has one, and all have come to a good end. */
function runsOfCommits({ lives, committed, traces }: Campaign): string[] {
  const journal = lastOf(lives)
  const created = journal.flatMap(({ runId, body }) => (body.type === 'run-created' ? [{ runId, ...body }] : []))
  const commits = countOf(created.filter(({ trigger }) => trigger === 'commit').map(({ workflow }) => workflow))
  const calls = created.filter(({ workflow }) => workflow.startsWith('child-')).length
  const children = created.filter(({ trigger }) => trigger === 'workflow').length
  const good = new Set(
    journal.flatMap(({ runId, body }) => (body.type === 'run-settled' && body.status === 'succeeded' ? [runId] : [])),
  )
  return [
    ...committed.filter(name => commits.get(name) !== 1).map(name => `${name}: ${commits.get(name) ?? 0} runs`),
    ...(calls === children ? [] : [`${calls} calls of the child, ${children} runs of it`]),
    ...created
      .filter(({ runId }) => !good.has(runId))
      .map(({ runId, workflow }) => `${workflow} ${runId}: no good end`),
    ...(traces.length === created.length ? [] : [`${created.length} runs, ${traces.length} traces in git`]),
  ]
}

/** What was acknowledged to a person is recorded once, and is what the run went on with. */
function wordsOfPeople({ lives, people }: Campaign): string[] {
  const journal = lastOf(lives)
  return people.acknowledged.flatMap(acknowledged => {
    const { runId, verb, value } = acknowledged
    const own = journal.filter(event => event.runId === runId).map(({ body }) => body)
    const recorded = own.filter(body => isWord(body, acknowledged))
    const ended = own.find(body => body.type === 'run-settled')
    const said = verb === 'answer' && ended ? JSON.stringify(ended.outputs).split(`"${value}"`).length - 1 : 1
    if (recorded.length === 1 && said === 1) return []
    return [`${verb} ${value} of ${runId} was acknowledged, recorded ${recorded.length} times, counted ${said} times`]
  })
}

/** True for the answer, the event or the inputs in which a word of a person is recorded. */
function isWord(body: JournalEvent['body'], { verb, value }: Acknowledged): boolean {
  if (body.type === 'attempt-succeeded') return verb === 'answer' && body.output === value
  if (body.type === 'signal-received') return body.value === value
  return body.type === 'run-created' && body.inputs['word'] === value
}

/** Attempts at hosts without a result. */
function openKeys({ requests, journal }: Life): string[] {
  const results = new Set(journal.flatMap(({ runId, body }) => (isRecorded(body) ? [keyOf(runId, body)] : [])))
  const asked = new Set(requests.map(({ idempotencyKey = '' }) => idempotencyKey))
  return [...asked].filter(key => !results.has(key))
}

function repeatsIn({ requests }: Life, before: readonly Life[]): number {
  const earlier = new Set(before.flatMap(life => life.requests.map(({ idempotencyKey }) => idempotencyKey)))
  return requests.filter(({ idempotencyKey }) => earlier.has(idempotencyKey)).length
}

/** A call that a kill interrupts may be in its second try. */
function triesOf(result: Recorded | undefined): number {
  if (!result) return 2
  const tries = result.type === 'attempt-succeeded' ? result.tries : result.failure.tries
  return tries?.length ?? 0
}

function isRecorded(body: JournalEvent['body']): body is Recorded {
  return body.type === 'attempt-succeeded' || body.type === 'attempt-failed'
}

function keyOf(runId: string, { path, attempt }: { readonly path: string; readonly attempt: number }): string {
  return `${runId}/${path}/${attempt}`
}

function countOf(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

function lastOf(lives: readonly Life[]): readonly JournalEvent[] {
  return lives.at(-1)?.journal ?? []
}
