import type { Attempt, Step } from '../api/answers.ts'

/** A stretch of a row; `left` and `width` are parts of the whole, from 0 to 1. */
export interface Bar {
  readonly left: number
  readonly width: number
  readonly kind: 'failed-try' | 'waiting' | 'work'
  readonly attempt: number
}

export interface Row {
  readonly step: Step
  readonly bars: readonly Bar[]
  /** Where the row ends, from 0 to 1. */
  readonly end: number
}

export interface Timeline {
  readonly rows: readonly Row[]
  readonly ticks: readonly { readonly at: number; readonly ms: number }[]
}

interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** A pause in which nothing works is drawn no longer than this part of all that works. */
const longestGap = 0.08

/** The attempts of some steps over time, with the pauses between them squeezed. */
export function timelineOf(steps: readonly Step[], nowMs: number): Timeline {
  const rows = steps.map(step => ({ step, spans: spansOf(step, nowMs) }))
  const scale = scaleOf(rows.flatMap(({ spans }) => spans.filter(({ kind }) => kind !== 'waiting')))
  return {
    rows: rows.map(({ step, spans }) => {
      const bars = spans.map(({ startMs, endMs, kind, attempt }) => {
        const left = scale.at(startMs)
        return { left, width: scale.at(endMs) - left, kind, attempt }
      })
      return { step, bars, end: Math.max(0, ...bars.map(({ left, width }) => left + width)) }
    }),
    ticks: scale.ticks,
  }
}

interface AttemptSpan extends Span {
  readonly kind: Bar['kind']
  readonly attempt: number
}

function spansOf({ attempts, startedMs, endedMs }: Step, nowMs: number): AttemptSpan[] {
  if (attempts.length === 0) return [{ startMs: startedMs, endMs: endedMs ?? nowMs, kind: 'work', attempt: 1 }]
  return attempts.map(attempt => ({
    startMs: attempt.startedMs,
    endMs: Math.max(attempt.startedMs, attempt.endedMs ?? endedMs ?? nowMs),
    kind: kindOf(attempt, attempts),
    attempt: attempt.attempt,
  }))
}

function kindOf(attempt: Attempt, all: readonly Attempt[]): Bar['kind'] {
  if (attempt.waiting) return 'waiting'
  return attempt.failure && attempt !== all.at(-1) ? 'failed-try' : 'work'
}

interface Scale {
  at(ms: number): number
  readonly ticks: Timeline['ticks']
}

/** From times to places: what works keeps its proportions, what lies between is squeezed. */
function scaleOf(spans: readonly Span[]): Scale {
  const busy = unite(spans)
  const first = busy[0]
  if (!first) return { at: () => 0, ticks: [] }
  const worked = busy.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
  const gapMs = Math.max(1, worked * longestGap)
  const corners: { readonly ms: number; readonly place: number }[] = [{ ms: first.startMs, place: 0 }]
  let place = 0
  for (const [index, { startMs, endMs }] of busy.entries()) {
    const before = busy[index - 1]
    if (before) {
      place += Math.min(gapMs, startMs - before.endMs)
      corners.push({ ms: startMs, place })
    }
    place += Math.max(1, endMs - startMs)
    corners.push({ ms: Math.max(endMs, startMs + 1), place })
  }
  const at = (ms: number): number => placeOf(ms, corners) / place
  return { at, ticks: ticksOf(first.startMs, corners.at(-1)?.ms ?? first.startMs, at) }
}

function placeOf(ms: number, corners: readonly { readonly ms: number; readonly place: number }[]): number {
  const next = corners.findIndex(corner => corner.ms >= ms)
  if (next === -1) return corners.at(-1)?.place ?? 0
  const [before, after] = [corners[next - 1], corners[next]]
  if (!before || !after) return 0
  return before.place + ((ms - before.ms) / (after.ms - before.ms || 1)) * (after.place - before.place)
}

/** Stretches that overlap become one. */
function unite(spans: readonly Span[]): Span[] {
  const united: Span[] = []
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = united.at(-1)
    if (last && span.startMs <= last.endMs) {
      united[united.length - 1] = { ...last, endMs: Math.max(last.endMs, span.endMs) }
    } else united.push(span)
  }
  return united
}

/** Round times since the beginning, about five of them; none closer to another than one can read. */
function ticksOf(startMs: number, endMs: number, at: (ms: number) => number): Timeline['ticks'] {
  const about = (endMs - startMs) / 5
  const size = 10 ** Math.floor(Math.log10(Math.max(1, about)))
  const step = [1, 2, 5, 10].map(times => times * size).find(ms => ms >= about) ?? size * 10
  const ticks: { at: number; ms: number }[] = []
  for (let ms = 0; startMs + ms <= endMs; ms += step) {
    const place = at(startMs + ms)
    if (ticks.length === 0 || place - (ticks.at(-1)?.at ?? 0) > 0.1) ticks.push({ at: place, ms })
  }
  return ticks
}
