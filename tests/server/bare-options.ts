import type { Program } from '../../src/compiler/program.ts'
import type { ServerOptions } from '../../src/server/app.ts'
import { CredentialBook } from '../../src/store/credential-book.ts'
import type { Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRedactor } from '../../src/trace/redact.ts'
import { newSecret } from '../../src/system/random.ts'

const nothingSecret = createRedactor({})

/** A server over a real journal on any free port, with real tokens and a real audit log, to which nothing else is joined. */
export function bareOptions(store: Store, token: string): Omit<ServerOptions, 'feed'> {
  return {
    ...{ host: '127.0.0.1', port: 0, names: [], isSecure: false, token, version: '1.2.3', store, clock: systemClock },
    credentials: new CredentialBook(store, newSecret),
    audit: entry => void store.audit(entry),
    auditFrom: (number, limit) => store.auditFrom(number, limit),
    now: () => systemClock.now(),
    redactor: () => nothingSecret,
    cookie: 'orc_session',
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    health: () => ({ status: 'ok', reasons: [] }),
    readiness: () => ({ status: 'ok', reasons: [] }),
    execute: () => Promise.resolve('run-1'),
    act: runId => Promise.resolve(runId),
    answerProblem: () => Promise.resolve(undefined),
    workflows: () => [],
    workflow: () => Promise.resolve(undefined),
    edit: () => Promise.resolve({ result: 'committed', revision: 'abc', path: 'workflows/x.yaml' }),
    plan: () => Promise.resolve({ runs: [], diagnostics: [] }),
    hosts: () => [],
    check: () => Promise.resolve({ ok: true, diagnostics: [], graph: { nodes: [], edges: [] } }),
    program: hash => JSON.parse(store.readBlob(hash) ?? '{"graph":{"nodes":[],"edges":[]}}') as Program,
  }
}
