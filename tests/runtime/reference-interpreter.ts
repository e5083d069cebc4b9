import { ExpressionError } from '../../src/model/expression.ts'
import { isTerminal } from '../../src/model/failure.ts'
import type { JournalInput } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import {
  asText,
  bare,
  type Frame,
  type Named,
  type NamedFile,
  nameSteps,
  ReferenceScope,
  type Settled,
} from './reference-scope.ts'

type Cause = NonNullable<Settled['error']>

/** What a place of a workflow has come to. Moments count the inputs of the run; its start is moment 0. */
type State =
  | { readonly type: 'open'; readonly running: readonly Running[] }
  | { readonly type: 'done'; readonly at: number }
  | { readonly type: 'failed'; readonly at: number; readonly cause: Cause; readonly isInstant: boolean }

interface Running {
  readonly path: string
  readonly attempt: number
  readonly since: number
  /** What a prompt asks. */
  readonly text: string | undefined
  /** Blocks around it, innermost first. */
  readonly blocks: readonly string[]
}

/** What a run must look like after some inputs. */
export interface Reading {
  readonly settled: ReadonlyMap<string, Settled>
  readonly running: readonly Running[]
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly outputs: Json
  readonly cause: Cause | undefined
  /** True when a step failed without an attempt beside others: which of those had begun is not laid down. */
  readonly isAmbiguous: boolean
}

/**
 * Reads a workflow anew from the top, given what has happened so far: what has settled, and how; what is under way.
 * It knows nothing of machines, schedulers or programs.
 */
export function interpreterOf(
  source: WorkflowSource,
  inputs: Readonly<Record<string, Json>>,
  run: Json,
): (history: readonly JournalInput[]) => Reading {
  const file = nameSteps(source)
  return history => new Interpreter(file, new ReferenceScope(file, inputs, run), history).read()
}

class Interpreter {
  readonly #source: WorkflowSource
  readonly #top: readonly Named[]
  readonly #scope: ReferenceScope
  readonly #history: readonly JournalInput[]
  #isAmbiguous = false

  constructor(file: NamedFile, scope: ReferenceScope, history: readonly JournalInput[]) {
    this.#source = file.source
    this.#top = file.top
    this.#scope = scope
    this.#history = history
  }

  read(): Reading {
    const state = this.#list(this.#top, false, [], 0)
    const isCancelled = this.#history.some(input => input.type === 'signal-received' && input.signal === 'cancel')
    const rest = {
      settled: this.#scope.settled,
      isAmbiguous: this.#isAmbiguous,
      running: [],
      outputs: null,
      cause: undefined,
    }
    if (state.type === 'failed') return { ...rest, status: 'failed', cause: state.cause }
    if (state.type === 'open' && !isCancelled) return { ...rest, running: state.running, status: 'running' }
    if (state.type === 'open') {
      this.#cancel(state.running)
      return { ...rest, status: 'cancelled' }
    }
    try {
      return { ...rest, status: 'succeeded', outputs: this.#outputs() }
    } catch (problem) {
      return { ...rest, status: 'failed', cause: this.#invalid('', problem) }
    }
  }

  #outputs(): Json {
    const last = this.#top.at(-1)
    if (this.#source.outputs !== undefined) return this.#scope.fill(this.#source.outputs, [])
    return (last && this.#scope.settled.get(last.id)?.output) ?? null
  }

  /** A list: each step when what it waits for has settled; the first failure ends it and what is under way. */
  #list(steps: readonly Named[], isParallel: boolean, frame: Frame, since: number): State {
    const states = new Map<string, State>()
    for (let before = -1; before !== states.size; ) {
      before = states.size
      steps.forEach((step, index) => {
        if (states.has(step.id)) return
        const waited = this.#waitsFor(step, steps, index, isParallel).map(id => states.get(id))
        if (!waited.every(state => state?.type === 'done')) return
        states.set(step.id, this.#step(step, frame, Math.max(since, ...waited.map(state => state.at))))
      })
    }
    const found = [...states.values()]
    const running = found.flatMap(state => (state.type === 'open' ? state.running : []))
    const [first] = found.filter(state => state.type === 'failed').sort((a, b) => a.at - b.at)
    if (first) {
      if (first.isInstant) this.#noteAmbiguity(steps, isParallel, states, first)
      this.#cancel(running)
      return first
    }
    if (states.size < steps.length || running.length > 0) return { type: 'open', running }
    return { type: 'done', at: Math.max(since, ...found.map(state => (state.type === 'done' ? state.at : 0))) }
  }

  /** `needs`, or the step above; and whatever of the list it reads or a step inside it reads. */
  #waitsFor(step: Named, steps: readonly Named[], index: number, isParallel: boolean): string[] {
    const above = steps[index - 1]
    const declared = step.needs === undefined ? (isParallel || !above ? [] : [above.id]) : [step.needs].flat()
    const text = JSON.stringify(step)
    const reads = (other: Named): boolean =>
      holds(other, inner => {
        const names = [inner.as ?? []].flat()
        const written = [`\\bsteps\\.${inner.id}\\b`, ...names.map(name => `\\b${name}\\b`)]
        return new RegExp(written.join('|')).test(text)
      })
    return [...new Set([...declared, ...steps.filter(other => other !== step && reads(other)).map(other => other.id)])]
  }

  #step(step: Named, frame: Frame, since: number): State {
    const path = this.#scope.pathOf(step.id, frame)
    try {
      if (step.if !== undefined && !this.#scope.truth(bare(step.if), frame)) {
        this.#scope.settled.set(path, { status: 'skipped', output: null, attempts: 0 })
        return { type: 'done', at: since }
      }
      return this.#body(step, path, frame, since)
    } catch (problem) {
      return this.#fail(step, path, this.#invalid(path, problem), since, 0, true)
    }
  }

  #body(step: Named, path: string, frame: Frame, since: number): State {
    switch (step.kind) {
      case 'set':
        return this.#succeed(path, this.#scope.fill(step.set as Json, frame), since)
      case 'prompt':
      case 'run':
        return this.#attempts(step, path, frame, since)
      case 'loop':
        return this.#loop(step, path, frame, since)
      case 'switch':
        return this.#switch(step, path, frame, since)
      default:
        return this.#block(step, path, step.lists[0]?.steps ?? [], frame, since, () => this.#outputOf(step, frame))
    }
  }

  #attempts(step: Named, path: string, frame: Frame, since: number): State {
    const texts =
      step.kind === 'prompt' ? [typeof step.prompt === 'string' ? step.prompt : ''] : Object.values(step.env ?? {})
    const filled = texts.map(text => asText(this.#scope.fill(text, frame)))
    const text = step.kind === 'prompt' ? filled[0] : undefined
    const retry = step.retry ?? this.#source.defaults?.retry ?? 0
    const { attempts: more, on } = typeof retry === 'number' ? { attempts: retry } : { on: undefined, ...retry }
    let attempt = 1
    for (const [index, input] of this.#history.entries()) {
      if (input.type === 'signal-received' || input.path !== path) continue
      if (input.type === 'attempt-succeeded') return this.#succeed(path, input.output, index + 1, attempt)
      if (input.type === 'timer-fired') attempt += 1
      if (input.type !== 'attempt-failed') continue
      const { reason, message } = input.failure
      const isTried = attempt <= more && !isTerminal(reason) && (on === undefined || on.includes(reason))
      if (!isTried) return this.#fail(step, path, { step: path, reason, message }, index + 1, attempt, false)
    }
    return { type: 'open', running: [{ path, attempt, since, text, blocks: [] }] }
  }

  #loop(step: Named, path: string, frame: Frame, since: number): State {
    const { max = 0, while: before, until } = step.loop ?? {}
    const steps = step.lists[0]?.steps ?? []
    let at = since
    for (let turn = 0; turn < max; turn += 1) {
      const inside = [...frame, { loop: step.id, turn }]
      try {
        if (before !== undefined && !this.#scope.truth(bare(before), inside)) break
      } catch (problem) {
        return this.#fail(step, path, this.#invalid(path, problem), at, 0, true)
      }
      this.#scope.turns.set(path, turn + 1)
      const state = this.#list(steps, false, inside, at)
      if (state.type === 'open') return within(path, state)
      if (state.type === 'failed') return this.#fail(step, path, state.cause, state.at, 1, state.isInstant)
      at = state.at
      if (until === undefined) continue
      try {
        if (this.#scope.truth(bare(until), inside)) break
      } catch (problem) {
        return this.#fail(step, path, this.#invalid(path, problem), at, 0, true)
      }
    }
    return this.#succeed(path, this.#outputOf(step, frame), at)
  }

  #switch(step: Named, path: string, frame: Frame, since: number): State {
    const chosen =
      typeof step.switch === 'object' ? undefined : asText(this.#scope.value(bare(step.switch ?? ''), frame))
    const taken = step.lists.find(({ when, value }) =>
      when === undefined ? value === undefined || value === chosen : this.#scope.truth(when, frame),
    )
    const last = taken?.steps.at(-1)
    const output = (): Json => (last && this.#scope.settled.get(this.#scope.pathOf(last.id, frame))?.output) ?? null
    return this.#block(step, path, taken?.steps ?? [], frame, since, output)
  }

  #block(step: Named, path: string, steps: readonly Named[], frame: Frame, since: number, output: () => Json): State {
    const state = this.#list(steps, step.kind === 'parallel', frame, since)
    if (state.type === 'open') return within(path, state)
    if (state.type === 'failed') return this.#fail(step, path, state.cause, state.at, 1, state.isInstant)
    return this.#succeed(path, output(), state.at)
  }

  #outputOf(step: Named, frame: Frame): Json {
    const steps = step.lists[0]?.steps ?? []
    const outputOf = ({ id }: Named): Json => this.#scope.settled.get(this.#scope.pathOf(id, frame))?.output ?? null
    if (step.kind === 'parallel') return Object.fromEntries(steps.map(inner => [inner.id, outputOf(inner)]))
    const last = steps.at(-1)
    return last ? outputOf(last) : null
  }

  #succeed(path: string, output: Json, at: number, attempts = 1): State {
    this.#scope.settled.set(path, { status: 'succeeded', output, attempts })
    return { type: 'done', at }
  }

  #fail(step: Named, path: string, cause: Cause, at: number, attempts: number, isInstant: boolean): State {
    this.#scope.settled.set(path, { status: 'failed', output: null, error: cause, attempts })
    const isLeaf = step.lists.length === 0 && step.kind !== 'switch'
    const onError = step['on-error'] ?? (isLeaf ? this.#source.defaults?.['on-error'] : undefined)
    return onError === 'continue' ? { type: 'done', at } : { type: 'failed', at, cause, isInstant }
  }

  #invalid(path: string, problem: unknown): Cause {
    if (!(problem instanceof ExpressionError)) throw problem
    return { step: path, reason: 'InvalidExpression', message: problem.message }
  }

  #cancel(running: readonly Running[]): void {
    for (const { path, attempt, blocks } of running) {
      this.#scope.settled.set(path, { status: 'cancelled', output: null, attempts: attempt })
      for (const block of blocks) this.#scope.settled.set(block, { status: 'cancelled', output: null, attempts: 1 })
    }
  }

  /** What the failed step waited for has certainly settled before it; whatever else happened in that moment may not have. */
  #noteAmbiguity(
    steps: readonly Named[],
    isParallel: boolean,
    states: ReadonlyMap<string, State>,
    failed: State,
  ): void {
    const before = new Set<string>()
    const addBefore = (id: string): void => {
      const index = steps.findIndex(step => step.id === id)
      const step = steps[index]
      if (!step || before.has(id)) return
      before.add(id)
      this.#waitsFor(step, steps, index, isParallel).forEach(addBefore)
    }
    for (const [id, state] of states) if (state === failed) addBefore(id)
    const at = failed.type === 'failed' ? failed.at : 0
    const isTouched = (state: State): boolean =>
      state.type === 'open' ? state.running.some(({ since }) => since === at) : state.at === at
    if ([...states].some(([id, state]) => !before.has(id) && isTouched(state))) this.#isAmbiguous = true
  }
}

function within(block: string, { running }: State & { type: 'open' }): State {
  return { type: 'open', running: running.map(leaf => ({ ...leaf, blocks: [...leaf.blocks, block] })) }
}

function holds(step: Named, test: (inner: Named) => boolean): boolean {
  return test(step) || step.lists.some(list => list.steps.some(inner => holds(inner, test)))
}
