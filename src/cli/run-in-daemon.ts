import { userInfo } from 'node:os'
import type { ExecutionEvent } from '../model/execution-event.ts'
import type { Json } from '../model/json.ts'
import { applyEvent } from '../runtime/fold.ts'
import { toText } from '../runtime/scope.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { DaemonInfo } from '../store/daemon-lock.ts'
import type { Store } from '../store/store.ts'
import { askDaemon } from './ask-daemon.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { programOf } from './stored-runs.ts'
import type { Display } from './follow-run.ts'
import { UsageError } from '../model/usage-error.ts'

/** What the daemon says of a run that it has started. */
interface Started {
  readonly runId: string
}

/** Starts a run in the daemon that serves a workspace. Throws `UsageError` with what the daemon says is wrong. */
export function startInDaemon(
  daemon: DaemonInfo,
  workflow: string,
  inputs: Record<string, Json>,
  isPaused: boolean,
): Promise<Started> {
  const by = userInfo().username
  return tellDaemon(daemon, '/workflows/execute', { workflow, inputs, by, ...(isPaused && { isPaused }) })
}

/** Sends the daemon of a workspace a request about a run. Throws `UsageError` with what it says is wrong. */
export async function tellDaemon(daemon: DaemonInfo, path: string, details: object): Promise<Started> {
  return (await askDaemon(daemon, 'POST', path, details)) as Started
}

/** Shows what the journal has of a run up to a position; answers with what has become of it by then. */
export function showStored(store: Store, runId: string, last: number, display: Display): RunStatus | undefined {
  let status: RunStatus | undefined
  for (const event of store.read(runId)) {
    if (event.seq > last) break
    const before = status
    status = applyEvent(status, event)
    display.event(event, before, status)
  }
  return status
}

/** Follows a run of the daemon to its end: the socket wakes us, the journal says what happened. Ctrl-C detaches. */
export async function followInDaemon(
  { url, token }: DaemonInfo,
  store: Store,
  runId: string,
  display: Display,
): Promise<number> {
  let next = store.lastSeq() + 1
  let status = showStored(store, runId, next - 1, display)
  using socket = openSocket(`${url.replace(/^http/, 'ws')}/ws?from=${next}`, String(token))
  for await (const message of status && isOver(status) ? [] : socket.messages) {
    if (message === 'interrupted') {
      process.stderr.write(`detached; the run goes on: orchestrate show ${runId}\n`)
      return exitCodes.interrupted
    }
    if (message.type === 'agent_thought' && message.runId === runId) {
      display.text({ runId, path: message.path ?? '' }, toText(message.content))
      continue
    }
    for (const event of store.eventsFrom(next, 1000)) {
      next = event.seq + 1
      if (event.runId !== runId) continue
      const before = status
      status = applyEvent(status, event)
      display.event(event, before, status)
    }
    if (status && isOver(status)) break
  }
  if (!status || !isOver(status)) {
    const hint = `The run goes on when a daemon is started again; \`orchestrate show ${runId}\` shows it.`
    throw new UsageError('The daemon went away before the run was over.', hint, exitCodes.noDaemon)
  }
  display.end(status)
  return exitCodeOf(status, programOf(store, status))
}

/** A run is over when it has settled and its trace, if it has one, is in git. */
function isOver({ phase, trace, isDirty, branch }: RunStatus): boolean {
  return phase !== 'running' && phase !== 'paused' && (trace !== undefined || isDirty || branch === undefined)
}

/** The messages of a socket as they come; Ctrl-C counts as one. */
function openSocket(
  url: string,
  token: string,
): Disposable & { messages: AsyncIterable<ExecutionEvent | 'interrupted'> } {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } })
  const waiting: (ExecutionEvent | 'interrupted')[] = []
  let isClosed = false
  let wake = (): void => {}
  const add = (message: ExecutionEvent | 'interrupted'): void => {
    waiting.push(message)
    wake()
  }
  const interrupt = (): void => add('interrupted')
  process.on('SIGINT', interrupt)
  socket.addEventListener('message', ({ data }) => add(JSON.parse(String(data)) as ExecutionEvent))
  socket.addEventListener('close', () => {
    isClosed = true
    wake()
  })
  async function* read(): AsyncGenerator<ExecutionEvent | 'interrupted'> {
    while (true) {
      const message = waiting.shift()
      if (message) yield message
      else if (isClosed) return
      else await new Promise<void>(resolve => (wake = resolve))
    }
  }
  return {
    messages: read(),
    [Symbol.dispose]: () => {
      process.off('SIGINT', interrupt)
      socket.close()
    },
  }
}
