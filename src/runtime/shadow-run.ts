import type { AnyActorLogic, AnyActorRef, AnyEventObject, InspectionEvent, Snapshot } from 'xstate'
import type { z } from 'zod'
import { isInput, type JournalEvent, type RunCreated } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { definitionOf } from './actor-definition.ts'
import type { LoadedProgram } from './chart-logic.ts'
import { JournalMismatch, Run } from './run.ts'

type Values = Readonly<Record<string, Json>>

/** The state of an actor as it may be shown: what a person wrote into a run and what models answered is left out. */
export interface SeenState {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly value: Json
  /** Counters alone: `turns` of the loops, tries and items around a chart, `n` attempts of a step or live children. */
  readonly context: Values
  /** How a step or a list ended. */
  readonly output?: Values
}

export type SeenEvent = Values & { readonly type: string }

/** An actor of a run. Its place in `ShadowRun.actors` is its number, the same in every replay. */
export interface SeenActor {
  readonly number: number
  readonly id: string
  /** The path of the step that it runs; undefined for those that run no step. */
  readonly path: string | undefined
  readonly parent: SeenActor | undefined
  /** A machine config as plain JSON; one object for all actors of the same logic. */
  readonly definition: object
  state: SeenState
}

interface SightOf {
  readonly actor: SeenActor
  /** When it was written, in milliseconds since the epoch. */
  readonly timeMs: number
}

/** Something that happened in a run, in the order in which it did: an actor began, heard an event, took on a state. */
export type Sight = SightOf &
  (
    | { readonly type: 'actor'; readonly state: SeenState }
    | { readonly type: 'event'; readonly source: SeenActor | undefined; readonly event: SeenEvent }
    | { readonly type: 'state'; readonly state: SeenState; readonly event: SeenEvent }
  )

/**
 * A run played again from its journal, for those who want to look into its actors.
 *
 * The live run is not touched: it may be ahead of what is durable, it may sleep, and actors that it started before
 * somebody looked would never be told of. The same inputs give the same actors, states and order, so that what is shown
 * is what the run truly did, from its first event, whenever the looking began; and with nobody looking there is nothing
 * that could cost.
 */
export class ShadowRun {
  /** All actors there have been, parents before children. */
  readonly actors: SeenActor[] = []
  readonly #run: Run
  readonly #numbers = new WeakMap<object, SeenActor>()
  readonly #tell: (sight: Sight) => void
  /** Actors whose first state is not there yet. */
  readonly #unborn: AnyActorRef[] = []
  #seq = 0
  #timeMs = 0

  constructor(id: string, created: z.infer<typeof RunCreated>, loaded: LoadedProgram, tell: (sight: Sight) => void) {
    this.#tell = tell
    this.#run = new Run(id, created, loaded)
    this.#unborn.push(this.#run.actor)
    this.#run.actor.system.inspect(event => this.#notice(event))
  }

  get id(): string {
    return this.#run.id
  }

  get isSettled(): boolean {
    return this.#run.isSettled
  }

  /** The position of the last event taken; 0 before the first. */
  get seq(): number {
    return this.#seq
  }

  /** Plays one event of the journal, and tells what follows. One that was played already changes nothing. Throws `JournalMismatch`. */
  take({ seq, timeMs, body }: JournalEvent): void {
    if (seq <= this.#seq) return
    this.#seq = seq
    this.#timeMs = timeMs
    if (body.type === 'run-created' && this.actors.length === 0) this.#run.start(timeMs)
    else if (isInput(body) && !this.#run.feed(body, timeMs)) {
      throw new JournalMismatch(`Nobody waits for event ${seq}, ${body.type}.`)
    }
    this.#deliver()
  }

  #notice(event: InspectionEvent): void {
    const ref = event.actorRef as AnyActorRef
    if (event.type === '@xstate.actor') return void this.#unborn.push(ref)
    if (event.type !== '@xstate.event' && event.type !== '@xstate.snapshot') return
    this.#deliver()
    const actor = this.#numbers.get(ref)
    if (!actor) return
    const timeMs = this.#timeMs
    if (event.type === '@xstate.event') {
      const source = event.sourceRef && this.#numbers.get(event.sourceRef)
      return this.#tell({ type: 'event', actor, timeMs, source, event: seenEvent(event.event) })
    }
    actor.state = seenState(event.snapshot)
    this.#tell({ type: 'state', actor, timeMs, state: actor.state, event: seenEvent(event.event) })
  }

  /** An actor is told of when it has a state: XState announces it from within its constructor. */
  #deliver(): void {
    for (const ref of this.#unborn.splice(0)) {
      const { logic, options } = ref as AnyActorRef & { logic: AnyActorLogic; options: { input?: { path?: string } } }
      const actor: SeenActor = {
        number: this.actors.length,
        id: ref.id,
        path: options.input?.path,
        parent: ref._parent && this.#numbers.get(ref._parent),
        definition: definitionOf(logic),
        state: seenState(ref.getSnapshot() as Snapshot<unknown>),
      }
      this.#numbers.set(ref, actor)
      this.actors.push(actor)
      this.#tell({ type: 'actor', actor, timeMs: this.#timeMs, state: actor.state })
    }
  }
}

type AnySnapshot = Partial<Snapshot<unknown>> & {
  readonly value?: Json
  readonly context?: { readonly turns?: Values; readonly n?: number }
}

/** Counters are all of the context that is shown: the rest of it holds inputs and outputs. */
function seenState(snapshot: AnySnapshot | undefined): SeenState {
  const { turns, n } = snapshot?.context ?? {}
  const output = outcomeOf(snapshot?.output)
  return {
    status: snapshot?.status ?? 'active',
    value: snapshot?.value ?? {},
    context: { ...(turns && { turns }), ...(n !== undefined && { n }) },
    ...(output && { output }),
  }
}

/** What an event says of itself besides its type; answers, values and the words of failures are left out. */
const shownFields = ['path', 'attempt', 'purpose', 'signal', 'retryAtMs', 'actorId'] as const

function seenEvent(event: AnyEventObject): SeenEvent {
  const fields = shownFields.flatMap(name => (event[name] === undefined ? [] : [[name, event[name] as Json]]))
  const reason = (event['failure'] as { readonly reason?: string } | undefined)?.reason
  const output = event.type.startsWith('xstate.done.') ? outcomeOf(event['output']) : undefined
  return {
    type: event.type,
    ...Object.fromEntries(fields),
    ...(reason !== undefined && { failure: { reason } }),
    ...(output && { output }),
  }
}

function outcomeOf(output: unknown): { readonly status: string } | undefined {
  const { status } = (output ?? {}) as { readonly status?: string }
  return typeof status === 'string' ? { status } : undefined
}
