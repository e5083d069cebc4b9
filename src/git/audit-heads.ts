import { GitFailure } from './git-failure.ts'
import { gitOutput } from './git-process.ts'
import type { Repository } from './repository.ts'

/** Names the newest entry of the audit log at the time of a trace commit: `<log> <number> <hash>`. */
export const auditTrailer = 'Orchestrate-Audit'

/** An entry of the audit log of some daemon, as a trace commit names it. */
export interface NamedAuditEntry {
  readonly log: string
  readonly number: number
  readonly hash: string
}

/** What trace commits, on all branches, say of the audit log. */
export async function auditHeads({ git }: Repository): Promise<NamedAuditEntry[]> {
  const format = `--format=%(trailers:key=${auditTrailer},valueonly)`
  const words = ['log', '--all', '--author=Orchestrate <orchestrate@localhost>', '--fixed-strings', format]
  const text = await gitOutput(git, words).catch((error: unknown) => {
    // Without a commit there is nothing to read.
    if (error instanceof GitFailure) return ''
    throw error
  })
  return text.split('\n').flatMap(line => {
    const [, log, number, hash] = /^([0-9a-f]{8}) (\d+) ([0-9a-f]{64})$/.exec(line.trim()) ?? []
    return log && number && hash ? [{ log, number: Number(number), hash }] : []
  })
}
