import type { Mutation } from './mutations.ts'

const keeper = 'src/runtime/keeper.ts'
const outbox = 'src/runtime/outbox.ts'
const waiting = 'src/runtime/waiting.ts'
const dispatcher = 'src/runtime/dispatcher.ts'
const departures = 'src/runtime/departures.ts'
const run = 'src/runtime/run.ts'
const reuse = 'src/runtime/reuse.ts'
const store = 'src/store/store.ts'

/** Mistakes that somebody could make in what keeps the promise to runs. */
export const durabilityMutations: readonly Mutation[] = [
  {
    name: 'acknowledge before the write',
    file: keeper,
    from: '      this.#outbox.add({ runId: id, events, blobs, onDurable, onRefused })',
    to: '      resolve()\n      this.#outbox.add({ runId: id, events, blobs, onDurable, onRefused })',
  },
  {
    name: 'dispatch before the commit',
    file: keeper,
    from: '      this.#outbox.add({ runId: id, events, blobs, onDurable, onRefused })',
    to: `      for (const effect of effects) if (effect.type === 'dispatch') this.#perform(id, effect)
      this.#outbox.add({ runId: id, events, blobs, onDurable, onRefused })`,
  },
  {
    name: 'tell of events before the commit',
    file: outbox,
    from: 'this.#turns.push(turn)',
    to: 'this.#turns.push(turn)\n    this.#publish(turn.events.map((event, index) => ({ ...event, seq: index, v: 1 })))',
  },
  {
    name: 'forget what a full disk refused',
    file: outbox,
    from: '    this.#turns.push(...turns)\n',
    to: '',
  },
  {
    name: 'write turns that belong together one by one',
    file: outbox,
    from: 'const turns = this.#turns\n    this.#turns = []',
    to: 'const turns = this.#turns.splice(0, 1)\n    if (this.#turns.length > 0) this.#clock.soon(() => this.#flush())',
  },
  {
    name: 'write after the end',
    file: outbox,
    from: `    this.#isClosed = true
    this.#cancelRetry()
    for (const { onRefused } of this.#turns.splice(0)) onRefused(new Error('Orchestrate is stopping.'))
`,
    to: '    this.#cancelRetry()\n',
  },
  {
    name: 'send again what has failed and waits for its time',
    file: waiting,
    from: 'return this.#attempts.delete(input.path)\n',
    to: 'return this.#attempts.has(input.path)\n',
  },
  {
    name: 'ignore a recorded result',
    file: run,
    from: 'if (!isInput(event.body)) continue',
    to: "if (!isInput(event.body) || event.body.type === 'attempt-succeeded') continue",
  },
  {
    name: 'go on from a journal that says something else',
    file: run,
    from: '    compare(history, produced)\n',
    to: '',
  },
  {
    name: 'lose the timers at a restart',
    file: waiting,
    from: ', ...this.#timers.values()]',
    to: ']',
  },
  {
    name: 'lose what was in flight at a restart',
    file: waiting,
    from: "return [...this.sent().map(request => ({ type: 'dispatch' as const, request })), ...this",
    to: 'return [...this',
  },
  {
    name: 'lose the timers of a run that falls asleep',
    file: keeper,
    from: 'this.asleep.set(run.id, untilMs)',
    to: 'this.asleep.set(run.id, untilMs)\n    this.#alarms.clear(run.id)',
  },
  {
    name: 'wake without replaying',
    file: 'src/runtime/wake.ts',
    from: '  run.replay(events)\n',
    to: '  run.replay(events.slice(0, 2))\n',
  },
  {
    name: 'sleep with an attempt at work',
    file: 'src/runtime/idleness.ts',
    from: `    if (!run.everySent(request => this.#dispatcher.isPatient(request))) return undefined
    const untilMs = this.#waitsUntil(run)
`,
    to: '    const untilMs = run.nextTimerMs\n',
  },
  {
    name: 'forget an event that came early',
    file: departures,
    from: '    this.#dispatcher.dispatch(request)\n    this.#deliver(run, request)\n',
    to: '    this.#dispatcher.dispatch(request)\n',
  },
  {
    name: 'deliver an event twice',
    file: run,
    from: 'work.event !== undefined) this.#mailbox.take(work.event)',
    to: "work.event === undefined) this.#mailbox.take('')",
  },
  {
    name: 'let a step signal release all',
    file: waiting,
    from: 'const [path] = [...this.#held, ...this.#parked]\n',
    to: `const all = [...this.#attempts.values()].filter(item => this.#free(item.path))
    if (all.length > 0) return all.map(item => ({ type: 'dispatch', request: item }))
    const [path] = [...this.#held, ...this.#parked]\n`,
  },
  {
    name: 'let a resume release nothing',
    file: waiting,
    from: "return released.map(request => ({ type: 'dispatch', request }))",
    to: "return released.slice(released.length).map(request => ({ type: 'dispatch', request }))",
  },
  {
    name: 'go on in spite of a pause',
    file: waiting,
    from: "if (!this.#isPaused) return [{ type: 'dispatch', request }]",
    to: "if (!this.#isPaused || request.attempt > 1) return [{ type: 'dispatch', request }]",
  },
  {
    name: 'drop the abort of a cancelled attempt',
    file: waiting,
    from: "return isSent ? [{ type: 'abort', path }] : []",
    to: "return isSent && path === '' ? [{ type: 'abort', path }] : []",
  },
  {
    name: 'execute what was stopped in the meantime',
    file: departures,
    from: '    if (!run.awaits(request)) return\n',
    to: '',
  },
  {
    name: 'take the answer to another attempt',
    file: waiting,
    from: 'if (this.#attempts.get(input.path)?.attempt !== input.attempt) return false',
    to: 'if (!this.#attempts.has(input.path)) return false',
  },
  {
    name: 'stop the next attempt for a late answer',
    file: dispatcher,
    from: 'if (flight?.request.attempt !== attempt) return false',
    to: 'if (!flight || attempt === 0) return false',
  },
  {
    name: 'give the place of a run that has ended to nobody',
    file: keeper,
    from: 'this.#admit(this.#admission.end(id))',
    to: 'this.#admission.end(id)',
  },
  {
    name: 'let go of an abort only when it is the turn of its run',
    file: keeper,
    from: "if (effect.type !== 'abort' && !this.#admission.admits(id))",
    to: 'if (!this.#admission.admits(id))',
  },
  {
    name: 'let a run wait for the place of the one that waits for it',
    file: 'src/runtime/admission.ts',
    from: '    if (this.#awaited.has(runId)) return true\n',
    to: '',
  },
  {
    name: 'go on with a run that nobody waits for any more',
    file: 'src/controller/child-runs.ts',
    from: "if (!isAwaited) void keeper.signal(id, 'cancel', { by: 'parent' })",
    to: "if (!isAwaited) void keeper.signal(id, 'event', { by: 'parent' })",
  },
  {
    name: 'reuse an answer across a changed key',
    file: reuse,
    from: 'here?.key === key ? here :',
    to: 'here ? here :',
  },
  {
    name: 'ask again what another run has recorded',
    file: reuse,
    from: 'if (!found) return undefined',
    to: "if (!found || found.path.includes('/')) return undefined",
  },
  {
    name: 'reuse what was rejected',
    file: reuse,
    from: "else if (body.type === 'attempt-rejected') accepted.delete(body.path)",
    to: "else if (body.type === 'attempt-rejected') accepted.has(body.path)",
  },
  {
    name: 'keep half of a transaction that failed',
    file: store,
    from: "this.#database.exec('ROLLBACK')",
    to: "this.#database.exec('COMMIT')",
  },
]
