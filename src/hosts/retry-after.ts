/** A longer wish is not granted; a very long one would overflow `setTimeout`. */
const longestMs = 60_000

/** The parts of `1m30.5s`, as OpenAI writes `x-ratelimit-reset-*`. */
const resetPattern = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/

/**
 * How long a host that limits us wants to be left alone, in milliseconds from 0 to 60 000.
 *
 * Reads `retry-after-ms`, `retry-after` (seconds or a date) and `x-ratelimit-reset-*`, in this order; undefined when
 * none of them says anything sensible.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const wishes = [
    numberOf(headers.get('retry-after-ms')),
    secondsOrDate(headers.get('retry-after'), nowMs),
    resetMs(headers.get('x-ratelimit-reset-requests')),
    resetMs(headers.get('x-ratelimit-reset-tokens')),
  ]
  const wish = wishes.find(value => value !== undefined && value >= 0)
  return wish === undefined ? undefined : Math.min(longestMs, wish)
}

function secondsOrDate(text: string | null, nowMs: number): number | undefined {
  const seconds = numberOf(text)
  if (seconds !== undefined) return seconds * 1000
  const timeMs = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(timeMs) ? undefined : Math.max(0, timeMs - nowMs)
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}

function resetMs(text: string | null): number | undefined {
  const parts = text ? resetPattern.exec(text) : null
  if (!parts) return undefined
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts.slice(1).map(part => Number(part ?? 0))
  return hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + milliseconds
}
