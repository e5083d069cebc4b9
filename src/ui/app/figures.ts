import type { Usage } from '../../model/usage.ts'

/** A time for people: 0.9 s, 1 min 12 s, 2 h 5 min. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`
}

/** How long ago: just now, 5 min ago, 3 h ago, or the date. */
export function ago(timeMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - timeMs) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** Time of day, as this machine has it, to the millisecond. */
export function timeOfDay(timeMs: number): string {
  const time = new Date(timeMs)
  const two = (number: number): string => String(number).padStart(2, '0')
  const millis = String(time.getMilliseconds()).padStart(3, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${millis}`
}

export function tokens({ inputTokens, outputTokens }: Usage): string {
  return `${grouped(inputTokens + outputTokens)} tokens`
}

/** 12345 as 12,345. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** A cost in dollars with two digits that count; where no price is known, that. */
export function cost(usd: number | null): string {
  if (usd === null) return 'no price known'
  if (usd === 0) return '$ 0'
  return `$ ${usd < 0.1 ? usd.toPrecision(2) : usd.toFixed(2)}`
}

/** A commit, short. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 7)
}
