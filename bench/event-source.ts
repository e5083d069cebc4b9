// The server that the bench of sockets listens to, in a process of its own: something happens in a run a hundred times a
// second. Sends its parent where it is; begins when told to, and sends how many events there were.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalEvent, JournalEventBody } from '../src/model/journal-event.ts'
import { createServer } from '../src/server/app.ts'
import { openStore } from '../src/store/store.ts'
import { bareOptions } from '../tests/server/bare-options.ts'
import { eventsASecond, seconds } from './sockets.ts'

const about = { workflow: 'digest', case: 'default', programHash: 'p', sourceHash: 's', sourcePath: 'digest.yaml' }
/** Finer than a millisecond, since that is measured. */
const preciseNow = (): number => performance.timeOrigin + performance.now()
const events: JournalEvent[] = []
const listeners = new Set<{ onEvents(events: readonly JournalEvent[]): void }>()
const happen = (body: JournalEventBody): void => {
  const event = { seq: events.length + 1, v: 2, runId: 'run-1', timeMs: preciseNow(), body }
  events.push(event)
  for (const { onEvents } of listeners) onEvents([event])
}
happen({ type: 'run-created', ...about, isDirty: false, trigger: 'commit', inputs: {} })

const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'))
const store = openStore(folder)
process.on('exit', () => rmSync(folder, { recursive: true }))
const server = await createServer({
  ...bareOptions(store, 'bench'),
  feed: {
    eventsFrom: (seq, limit) => events.slice(seq - 1, seq - 1 + limit),
    read: () => events,
    lastSeq: () => events.length,
    now: preciseNow,
    listen: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  },
})

/** Makes happen what is due by now. */
function catchUp(startedMs: number): void {
  const due = Math.min(((preciseNow() - startedMs) / 1000) * eventsASecond, seconds * eventsASecond)
  while (events.length - 1 < due)
    happen({ type: 'signal-received', signal: 'event', event: 'tick', value: 'x'.repeat(100) })
  if (events.length - 1 < seconds * eventsASecond) setTimeout(() => catchUp(startedMs), 1)
  else process.send?.({ told: events.length - 1, cpuSeconds: process.cpuUsage().user / 1e6 })
}

process.once('message', () => catchUp(preciseNow()))
process.once('disconnect', () => process.exit())
process.send?.({ url: server.url })
