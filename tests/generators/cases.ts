/**
 * How many cases a law is tried on: `standard`, unless `ORCHESTRATE_CASES` asks for another number. A law of which one
 * case costs as much as `cost` cases of others is then tried on so many fewer.
 */
export function cases(standard: number, cost = 1): { numRuns: number } {
  return { numRuns: Math.ceil(Number(process.env['ORCHESTRATE_CASES']) / cost) || standard }
}
