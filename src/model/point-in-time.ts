// Without a zone, a time is that of Greenwich: it must not depend on the machine.
const hasZone = /(Z|[+-]\d\d:\d\d)$/

/** A point in time as people write it, as `2026-12-01T09:00Z`, in milliseconds since the epoch; undefined when it is none. */
export function pointInTime(text: string): number | undefined {
  const timeMs = Date.parse(!text.includes('T') || hasZone.test(text) ? text : `${text}Z`)
  return Number.isNaN(timeMs) ? undefined : timeMs
}
