import type { Command } from 'commander'
import { findRepository } from '../git/repository.ts'
import { auditHeads } from '../git/audit-heads.ts'
import { examineAudit, type AuditHead, type AuditRecord } from '../store/audit-log.ts'
import type { Store } from '../store/store.ts'
import { visibleText } from '../model/visible-text.ts'
import { exitCodes } from './exit-codes.ts'
import { findRoot } from './root.ts'
import { findStore } from './stored-runs.ts'

const pageSize = 1000

/** Adds `orchestrate audit list` and `audit verify` to the program. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('who told the daemon to do what')
  audit
    .command('list')
    .description('the entries, oldest first')
    .option('--json', 'print one entry a line')
    .action(async ({ json }: { json?: boolean }) => {
      using store = await findStore(process.cwd())
      for (const record of store ? entriesOf(store) : [])
        process.stdout.write(json ? `${JSON.stringify(record)}\n` : lineOf(record))
    })
  audit
    .command('verify')
    .description('see that no entry was changed or taken out, also by what trace commits say of them')
    .action(async () => {
      process.exitCode = await verify()
    })
}

async function verify(): Promise<number> {
  using store = await findStore(process.cwd())
  const heads = await headsInGit()
  const found = examineAudit(store ? entriesOf(store) : [], heads)
  const others = heads.length - found.heads
  if (others > 0)
    process.stderr.write(`${others} trace commits name another log: of another machine, or of one that is gone\n`)
  if (found.problem !== undefined) {
    process.stdout.write(`the audit log does not hold: ${found.problem}\n`)
    return exitCodes.failed
  }
  process.stdout.write(`${found.entries} entries hold; ${found.heads} trace commits agree with them\n`)
  return exitCodes.fine
}

async function headsInGit(): Promise<AuditHead[]> {
  await using repository = await findRepository(await findRoot(process.cwd()))
  return repository ? await auditHeads(repository) : []
}

function* entriesOf(store: Store): Generator<AuditRecord> {
  for (let from = 1; ; ) {
    const page = store.auditFrom(from, pageSize)
    if (page.length === 0) return
    yield* page
    from = (page.at(-1)?.number ?? from) + 1
  }
}

function lineOf({ number, timeMs, who, what, target, decision }: AuditRecord): string {
  const when = new Date(timeMs).toISOString()
  return `${number}  ${when}  ${visibleText(who)}  ${decision}  ${what}  ${visibleText(target)}\n`
}
