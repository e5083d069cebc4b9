/**
 * How many cases a law is tried on: `standard`, ten times as many with `ORCHESTRATE_TIMES=10`, or for all laws the number
 * that `ORCHESTRATE_CASES` names.
 */
export function cases(standard: number): { numRuns: number } {
  const { ORCHESTRATE_CASES, ORCHESTRATE_TIMES } = process.env
  return { numRuns: Number(ORCHESTRATE_CASES) || standard * (Number(ORCHESTRATE_TIMES) || 1) }
}
