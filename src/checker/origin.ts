import type { Place } from '../parser/document.ts'
import type { Report } from './report.ts'

/** Where something was written: in which file, and where in it. */
export interface Origin {
  readonly report: Report
  readonly place: Place
}

/** The origin of a part. */
export function within({ report, place }: Origin, ...keys: readonly (string | number)[]): Origin {
  return { report, place: [...place, ...keys] }
}

/** Reports an error at an origin. */
export function complain(
  { report, place }: Origin,
  code: string,
  message: string,
  hint?: string,
  at: 'key' | 'value' = 'value',
): void {
  report.error(code, message, place, hint, at)
}
