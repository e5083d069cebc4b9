/**
 * How many cases a law is tried on: `standard`, ten times as many with `ORCHESTRATE_TIMES=10`, or for all laws the number
 * that `ORCHESTRATE_CASES` names.
 */
export function cases(standard: number): { numRuns: number } {
  return { numRuns: casesNamed() ?? standard * (Number(process.env['ORCHESTRATE_TIMES']) || 1) }
}

/** The number that `ORCHESTRATE_CASES` names, if it does. */
export function casesNamed(): number | undefined {
  return Number(process.env['ORCHESTRATE_CASES']) || undefined
}
