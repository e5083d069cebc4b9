import type { Program } from '../compiler/program.ts'
import { loadProgram } from '../runtime/chart-logic.ts'
import { JournalMismatch, Run } from '../runtime/run.ts'
import type { Finding } from './finding.ts'
import type { Store } from './store.ts'

/** Which of the runs that have not settled cannot go on from their journal, and why: each is replayed. */
export function examineRuns(store: Store): Finding[] {
  return store.unsettledRuns().flatMap(({ id, workflow }) => {
    const why = obstacle(store, id)
    if (why === undefined) return []
    const message = `Run ${id} of ${workflow} cannot go on from its journal: ${why}`
    const hint = `\`orchestrate retry ${id}\` starts another one with its recorded answers.`
    return [{ kind: 'RunStuck', message, place: `run ${id}`, hint }]
  })
}

function obstacle(store: Store, id: string): string | undefined {
  try {
    const events = store.read(id)
    const created = events[0]?.body
    if (created?.type !== 'run-created') throw new JournalMismatch('it has no beginning.')
    const text = store.readBlob(created.programHash)
    if (text === undefined) throw new JournalMismatch('its program is not there.')
    new Run(id, created, loadProgram(JSON.parse(text) as Program)).replay(events)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
