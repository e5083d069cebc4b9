/** How many cases a law is tried on: `standard`, unless `ORCHESTRATE_CASES` asks for another number. */
export function cases(standard: number): { numRuns: number } {
  return { numRuns: Number(process.env['ORCHESTRATE_CASES']) || standard }
}
