/**
 * What every law begins its cases with. `npm test` tries the same cases each time, so that a commit fails for what it
 * changed and not for its luck; `npm run test:nightly` draws a seed of its own and says it (`ORCHESTRATE_SEED`). With
 * `ORCHESTRATE_SHRINK=no` the first case that breaks a law is enough, however large it is; `ORCHESTRATE_PATH` begins with
 * the case of which a report says `path`.
 */
import fc from 'fast-check'

fc.configureGlobal({
  seed: Number(process.env['ORCHESTRATE_SEED'] ?? 20_261_121),
  ...(process.env['ORCHESTRATE_PATH'] !== undefined && { path: process.env['ORCHESTRATE_PATH'] }),
  endOnFailure: process.env['ORCHESTRATE_SHRINK'] === 'no',
})
