import { ExpressionError } from '../../src/model/expression.ts'
import { type FailureReason, isTerminal } from '../../src/model/failure.ts'
import type { JournalInput } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { askedOf } from './reference-asked.ts'
import { bare, isBlock, type Named, type NamedFile, triesOf, waitsFor } from './reference-names.ts'
import { asText, type Cause, type Frame, type Place, ReferenceScope } from './reference-scope.ts'

/** What a place of a workflow has come to. Moments count the inputs of the run; its start is moment 0. */
export type State = Open | Done | Failed
interface Open {
  readonly type: 'open'
  readonly running: readonly Running[]
}
interface Done {
  readonly type: 'done'
  readonly at: number
  readonly output: Json
}
interface Failed {
  readonly type: 'failed'
  readonly at: number
  readonly cause: Cause
  /** True for a failure that no answer and no time brought about. */
  readonly isInstant: boolean
  readonly attempts: number
}

/** What a run waits for, a path or `path deadline`, and what is under way because of it, innermost first. */
export interface Running {
  readonly waited: string
  readonly since: number
  readonly attempt?: number
  readonly asked?: Record<string, Json>
  readonly open: readonly { readonly step: Named; readonly path: string; readonly attempts: number }[]
}

/** An execution that is to be taken back when the run fails. */
export interface Undoable {
  readonly step: Named
  readonly frame: Frame
  readonly at: number
  readonly isInterrupted: boolean
}

/** Reads lists of steps anew, given everything that has happened. It knows nothing of machines, schedulers or programs. */
export class Interpreter {
  readonly scope: ReferenceScope
  readonly undoable: Undoable[] = []
  readonly history: readonly JournalInput[]
  /** True when a step failed without an attempt beside others: which of those had begun is not laid down. */
  isAmbiguous = false
  readonly #defaults: NonNullable<WorkflowSource['defaults']>

  constructor(file: NamedFile, scope: ReferenceScope, history: readonly JournalInput[]) {
    this.#defaults = file.source.defaults ?? {}
    this.scope = scope
    this.history = history
  }

  /** The first moment after another at which an input is what is sought. */
  momentOf(after: number, test: (input: JournalInput) => boolean): number | undefined {
    const index = this.history.findIndex((input, number) => number + 1 > after && test(input))
    return index === -1 ? undefined : index + 1
  }

  /** A list: each step when what it waits for has settled; the first failure ends it and what is under way. */
  list(steps: readonly Named[], isParallel: boolean, place: Omit<Place, 'space'>, since: number): State {
    const states = new Map<string, State>()
    for (let before = -1; before !== states.size; ) {
      before = states.size
      steps.forEach((step, index) => {
        if (states.has(step.id)) return
        const waited = waitsFor(step, steps, index, isParallel).map(id => states.get(id))
        if (!waited.every(state => state?.type === 'done')) return
        states.set(step.id, this.step(step, place, Math.max(since, ...waited.map(state => state.at))))
      })
    }
    const found = [...states.values()]
    const first = firstFailure(found)
    if (first?.isInstant) this.#noteAmbiguity(steps, isParallel, states, first)
    if (first) return this.#failed(first, found)
    const running = runningOf(found)
    if (states.size < steps.length || running.length > 0) return { type: 'open', running }
    const last = steps.at(-1)
    const output = last ? this.#outputOf(last, place.frame) : null
    return { type: 'done', at: latest(found, since), output }
  }

  step(step: Named, around: Omit<Place, 'space'>, since: number): State {
    const place = { ...around, space: step.space }
    const path = this.scope.pathOf(step, place.frame)
    const { if: condition } = step.source
    try {
      if (condition !== undefined && !this.scope.truth(bare(condition), place)) {
        this.scope.settled.set(path, { status: 'skipped', output: null, attempts: 0 })
        return { type: 'done', at: since, output: null }
      }
    } catch (problem) {
      return this.#deal(step, path, place, this.#invalid(path, problem, since))
    }
    const state = isBlock(step) ? this.#tries(step, path, place, since) : this.#leaf(step, path, place, since)
    return state.type === 'failed' ? this.#deal(step, path, place, state) : state
  }

  /** Ends what is under way. */
  cancel(running: readonly Running[], at: number): void {
    const ended = new Map(running.flatMap(({ open }) => open.map(item => [item.path, item] as const)))
    for (const { step, path, attempts } of ended.values()) {
      this.scope.settled.set(path, { status: 'cancelled', output: null, attempts })
      this.#remember(step, path, at, true)
    }
  }

  /** What follows a failure for good: a handler, the next step, or the failure of the list. */
  #deal(step: Named, path: string, place: Place, failure: Failed): State {
    const { cause, at, attempts } = failure
    const settle = (): void =>
      void this.scope.settled.set(path, { status: 'failed', output: null, error: cause, attempts })
    settle()
    if (step.handler) {
      const state = this.list(step.handler, false, { ...place, error: cause }, at)
      if (state.type === 'done') return this.#succeed(step, path, state.output, state.at, attempts)
      if (state.type === 'open') return within({ step, path, attempts }, state)
      settle()
      return { ...failure, at: state.at, isInstant: state.isInstant }
    }
    const onError = step.source['on-error'] ?? (isBlock(step) ? undefined : this.#defaults['on-error'])
    return onError === 'continue' ? { type: 'done', at, output: null } : failure
  }

  #leaf(step: Named, path: string, place: Place, since: number): State {
    try {
      if (step.kind !== 'set') return this.#attempts(step, path, place, since, askedOf(step, place, this.scope))
      const given = this.scope.fill(step.source.set as Json, place)
      const output = step.defaults ? { ...(step.defaults as object), ...(given as object) } : given
      const failure = this.#judge(step, path, place, output, since, 1)
      return failure ?? this.#succeed(step, path, output, since, 1)
    } catch (problem) {
      return this.#invalid(path, problem, since)
    }
  }

  #attempts(step: Named, path: string, place: Place, since: number, asked: Record<string, Json>): State {
    const retry = step.source.retry ?? this.#defaults.retry
    let attempt = 1
    for (const [index, input] of this.history.entries()) {
      const at = index + 1
      if (input.type === 'signal-received' || input.path !== path) continue
      if (input.type === 'timer-fired') attempt += 1
      const failure = this.#failureOf(input, step, path, place, at, attempt)
      if (input.type === 'attempt-succeeded' && !failure) return this.#succeed(step, path, input.output, at, attempt)
      // Whether there is time for a further attempt depends on the clock: a law of its own asks for that.
      const isOutOfTime = input.type === 'attempt-failed' && input.retryAtMs === undefined
      if (failure && (isOutOfTime || !isTriedAgain(retry, attempt, failure.cause))) return failure
    }
    const open = [{ step, path, attempts: attempt }]
    return { type: 'open', running: [{ waited: path, since, attempt, asked, open }] }
  }

  #failureOf(
    input: JournalInput,
    step: Named,
    path: string,
    place: Place,
    at: number,
    attempts: number,
  ): Failed | undefined {
    if (input.type === 'attempt-succeeded') return this.#judge(step, path, place, input.output, at, attempts)
    if (input.type !== 'attempt-failed') return undefined
    const { reason, message, output } = input.failure
    const cause = { step: path, reason, message, ...(output !== undefined && { output }) }
    return { type: 'failed', at, cause, isInstant: false, attempts }
  }

  /** Why an output is not what its step expects. The condition reads the step as if it had succeeded. */
  #judge(step: Named, path: string, place: Place, output: Json, at: number, attempts: number): Failed | undefined {
    const { expect } = step.source
    if (expect === undefined) return undefined
    this.scope.settled.set(path, { status: 'succeeded', output, attempts })
    const failed = (reason: string, message: string): Failed => {
      this.scope.settled.delete(path)
      return { type: 'failed', at, cause: { step: path, reason, message, output }, isInstant: true, attempts }
    }
    try {
      return this.scope.truth(bare(expect), place) ? undefined : failed('Unexpected', 'no')
    } catch (problem) {
      if (!(problem instanceof ExpressionError)) throw problem
      return failed('InvalidExpression', problem.message)
    }
  }

  /** The tries of a block: each ends with its steps, or in time; then its output is judged. */
  #tries(step: Named, path: string, place: Place, since: number): State {
    const { retry, timeout } = step.source
    const isTried = triesOf(retry) > 0
    for (let number = 0, at = since; ; number += 1) {
      const frame = isTried ? [...place.frame, { block: step.id, isTry: true, isLoop: false, number }] : place.frame
      this.scope.begun.set(isTried ? path : `${path} tries`, number + 1)
      const state = this.#try(step, path, { ...place, frame }, place, at, number + 1)
      if (state.type === 'done') return this.#succeed(step, path, state.output, state.at, number + 1)
      const self = { step, path, attempts: number + 1 }
      const deadline: Running[] = timeout === undefined ? [] : [{ waited: `${path} deadline`, since: at, open: [] }]
      if (state.type === 'open') return within(self, { type: 'open', running: [...state.running, ...deadline] })
      if (!isTriedAgain(retry, number + 1, state.cause)) return { ...state, attempts: number + 1 }
      const again = this.momentOf(state.at, input => isTimer(input, path, undefined))
      if (again === undefined)
        return within(self, { type: 'open', running: [{ waited: path, since: state.at, open: [] }] })
      at = again
    }
  }

  #try(step: Named, path: string, inside: Place, place: Place, since: number, attempts: number): State {
    const { timeout } = step.source
    const state = this.#block(step, path, inside, since)
    const late = timeout && this.momentOf(since, input => isTimer(input, path, 'deadline'))
    if (state.type === 'open' && typeof late === 'number') {
      this.cancel(state.running, late)
      const cause = { step: path, reason: 'Timeout', message: 'late' }
      return { type: 'failed', at: late, cause, isInstant: false, attempts }
    }
    return state.type === 'done' ? (this.#judge(step, path, place, state.output, state.at, attempts) ?? state) : state
  }

  #block(step: Named, path: string, place: Place, since: number): State {
    const only = step.lists[0]?.steps ?? []
    switch (step.kind) {
      case 'loop':
        return this.#loop(step, path, only, place, since)
      case 'each':
        return this.#each(step, path, only, place, since)
      case 'switch':
        return this.#switch(step, path, place, since)
      case 'parallel': {
        const state = this.list(only, true, place, since)
        if (state.type !== 'done') return state
        const output = only.map(inner => [inner.localId, this.#outputOf(inner, place.frame)] as const)
        return { ...state, output: Object.fromEntries(output) }
      }
      default:
        return this.list(only, false, place, since)
    }
  }

  #loop(step: Named, path: string, body: readonly Named[], place: Place, since: number): State {
    const { max = 0, while: before, until } = step.source.loop ?? {}
    const tried = place.frame.find(({ block, isTry }) => block === step.id && isTry)
    const counted = tried ? `${path}/${tried.number}` : path
    let state: Done = { type: 'done', at: since, output: null }
    for (let number = 0; number < max; number += 1) {
      const frame = [...place.frame, { block: step.id, isTry: false, isLoop: true, number }]
      const inside = { ...place, frame }
      try {
        if (before !== undefined && !this.scope.truth(bare(before), inside)) break
        this.scope.begun.set(counted, number + 1)
        const turn = this.list(body, false, inside, state.at)
        if (turn.type !== 'done') return turn
        state = turn
        if (until !== undefined && this.scope.truth(bare(until), inside)) break
      } catch (problem) {
        return this.#invalid(path, problem, state.at)
      }
    }
    return state
  }

  #switch(step: Named, path: string, place: Place, since: number): State {
    const { switch: chooser } = step.source
    try {
      const chosen = typeof chooser === 'object' ? '' : asText(this.scope.value(bare(chooser ?? ''), place))
      const taken = step.lists.find(({ when, value }) =>
        when === undefined ? value === undefined || value === chosen : this.scope.truth(when, place),
      )
      return this.list(taken?.steps ?? [], false, place, since)
    } catch (problem) {
      return this.#invalid(path, problem, since)
    }
  }

  /** An `each`: the items begin in their order, so many at once; one that ends makes room for the next. */
  #each(step: Named, path: string, body: readonly Named[], place: Place, since: number): State {
    const { in: from = [], parallel = 16 } = step.source.each ?? {}
    let items: Json
    try {
      items = typeof from === 'string' ? this.scope.value(bare(from), place) : this.scope.fill(from, place)
      if (!Array.isArray(items)) throw new ExpressionError('no list')
    } catch (problem) {
      return this.#invalid(path, problem, since)
    }
    this.scope.items.set(path, items)
    const states: State[] = []
    for (const number of items.keys()) {
      const ends = states.flatMap(state => (state.type === 'done' ? [state.at] : [])).sort((a, b) => a - b)
      const start = number < parallel ? since : ends[number - parallel]
      if (start === undefined) break
      const item = step.source.each?.as ?? 'item'
      const frame = [...place.frame, { block: step.id, isTry: false, isLoop: false, item, number }]
      states.push(this.list(body, false, { ...place, frame }, start))
    }
    const first = firstFailure(states)
    if (first?.isInstant && items.length > 1) this.isAmbiguous = true
    if (first) return this.#failed(first, states)
    const running = runningOf(states)
    if (running.length > 0) return { type: 'open', running }
    const output = states.map(state => (state.type === 'done' ? state.output : null))
    return { type: 'done', at: latest(states, since), output }
  }

  #outputOf(step: Named, frame: Frame): Json {
    return this.scope.settled.get(this.scope.pathOf(step, frame))?.output ?? null
  }

  #succeed(step: Named, path: string, output: Json, at: number, attempts: number): State {
    this.scope.settled.set(path, { status: 'succeeded', output, attempts })
    this.#remember(step, path, at, false)
    return { type: 'done', at, output }
  }

  #remember(step: Named, path: string, at: number, isInterrupted: boolean): void {
    if (!step.undo) return
    const numbers = path.split('/').filter(part => /^\d+$/.test(part))
    const frame = step.counters.map((counter, index) => ({ ...counter, number: Number(numbers[index]) }))
    this.undoable.push({ step, frame, at, isInterrupted })
  }

  #failed(first: Failed, states: readonly State[]): Failed {
    this.cancel(runningOf(states), first.at)
    return first
  }

  #invalid(path: string, problem: unknown, at: number): Failed {
    if (!(problem instanceof ExpressionError)) throw problem
    const cause = { step: path, reason: 'InvalidExpression', message: problem.message }
    return { type: 'failed', at, cause, isInstant: true, attempts: 0 }
  }

  /** What the failed step waited for has certainly settled before it; whatever else happened in that moment may not have. */
  #noteAmbiguity(
    steps: readonly Named[],
    isParallel: boolean,
    states: ReadonlyMap<string, State>,
    failed: Failed,
  ): void {
    const before = new Set<string>()
    const addBefore = (id: string): void => {
      const index = steps.findIndex(step => step.id === id)
      const step = steps[index]
      if (!step || before.has(id)) return
      before.add(id)
      waitsFor(step, steps, index, isParallel).forEach(addBefore)
    }
    for (const [id, state] of states) if (state === failed) addBefore(id)
    const isTouched = (state: State): boolean =>
      state.type === 'open' ? state.running.some(({ since }) => since === failed.at) : state.at === failed.at
    if ([...states].some(([id, state]) => !before.has(id) && isTouched(state))) this.isAmbiguous = true
  }
}

function isTimer(input: JournalInput, path: string, purpose: 'deadline' | undefined): boolean {
  return input.type === 'timer-fired' && input.path === path && input.purpose === purpose
}

function isTriedAgain(retry: StepSource['retry'], tries: number, { reason }: Cause): boolean {
  const on = typeof retry === 'object' ? retry.on : undefined
  const isHopeful = !isTerminal(reason as FailureReason) && (on === undefined || on.includes(reason as FailureReason))
  return isHopeful && tries <= triesOf(retry)
}

/** What is under way inside a step is so because of the step, too. */
function within(step: Running['open'][number], { running }: Open): Open {
  return { type: 'open', running: running.map(leaf => ({ ...leaf, open: [...leaf.open, step] })) }
}

function firstFailure(states: readonly State[]): Failed | undefined {
  return states.filter(state => state.type === 'failed').sort((a, b) => a.at - b.at)[0]
}

function runningOf(states: readonly State[]): Running[] {
  return states.flatMap(state => (state.type === 'open' ? state.running : []))
}

function latest(states: readonly State[], since: number): number {
  return Math.max(since, ...states.map(state => (state.type === 'done' ? state.at : 0)))
}
