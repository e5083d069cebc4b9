import type { Json } from '../model/json.ts'
import type { SeenActor, SeenState, Sight } from '../runtime/shadow-run.ts'
import type { Redactor } from '../trace/redact.ts'
import { legacyDefinition } from './inspector-legacy.ts'
import { type ChartCleaner, chartCleaner } from './inspector-secrets.ts'

/** Which receivers are spoken to: those of `@statelyai/inspect` for XState 5, or of `@xstate/inspect` for XState 4. */
export type InspectorProtocol = 'v5' | 'v4'

/** The version of `@statelyai/inspect` whose frames these are; its receivers tell them by it. */
const inspectVersion = '0.7.2'

/** An actor in the state that it was last shown in, and when it took that on. */
export interface ShownActor {
  readonly actor: SeenActor
  state: SeenState
  timeMs: number
}

type Clean = (value: Json) => Json

interface CleanChart {
  readonly cleaner: ChartCleaner
  /** The definition in the words of the protocol. */
  readonly text: string
}

/**
 * Writes what happens in runs as the frames of a protocol, each a JSON text, without secrets.
 *
 * Inputs, outputs, prompts and the words of failures are in no sight to begin with. What is left, names, expressions
 * and descriptions from the workflow, is redacted, in definitions as everywhere.
 */
export class FrameWriter {
  readonly #protocol: InspectorProtocol
  readonly #redactor: () => Redactor
  #told: { readonly sight: Sight; readonly frames: readonly string[] } | undefined
  /** What was made of each definition, by the redactor of then. */
  #known = { by: undefined as Redactor | undefined, charts: new WeakMap<object, CleanChart>() }

  constructor(protocol: InspectorProtocol, redactor: () => Redactor) {
    this.#protocol = protocol
    this.#redactor = redactor
  }

  /** The frames that introduce an actor in a state. */
  introduce(runId: string, shown: ShownActor): string[] {
    const { text } = this.#chartOf(shown.actor)
    if (this.#protocol === 'v5') return [this.#frame(shown.actor, clean => actorFrame(runId, shown, text, clean))]
    return [
      this.#frame(shown.actor, clean => registerFrame(runId, shown, text, clean)),
      ...endFrames(runId, shown.actor, shown.state),
    ]
  }

  /** The frames of something that has happened: written once for all who hear of it one after the other. */
  tell(runId: string, sight: Sight): readonly string[] {
    if (this.#told?.sight !== sight) this.#told = { sight, frames: this.#framesOf(runId, sight) }
    return this.#told.frames
  }

  #framesOf(runId: string, sight: Sight): string[] {
    if (sight.type === 'actor') return this.introduce(runId, sight)
    if (this.#protocol === 'v5') return [this.#frame(sight.actor, clean => happening(runId, sight, clean))]
    const frame = this.#frame(sight.actor, clean => legacyHappening(runId, sight, clean))
    return sight.type === 'state' ? [frame, ...endFrames(runId, sight.actor, sight.state)] : [frame]
  }

  /** Most frames hold no secret, and one look at the whole text shows that. */
  #frame(actor: SeenActor, build: (clean: Clean) => object): string {
    const { cleaner } = this.#chartOf(actor)
    const text = JSON.stringify(build(value => value))
    return cleaner.isClean(text) ? text : JSON.stringify(build(cleaner.json))
  }

  #chartOf({ definition }: SeenActor): CleanChart {
    const redactor = this.#redactor()
    if (this.#known.by !== redactor) this.#known = { by: redactor, charts: new WeakMap() }
    const known = this.#known.charts.get(definition)
    if (known) return known
    const cleaner = chartCleaner(definition, redactor)
    const clean = cleaner.json(definition as Json) as object
    const chart = { cleaner, text: JSON.stringify(this.#protocol === 'v5' ? clean : legacyDefinition(clean)) }
    this.#known.charts.set(definition, chart)
    return chart
  }
}

/** The same for every viewer and after every restart: who connects again finds the actors under their names. */
function sessionOf(runId: string, { number }: Pick<SeenActor, 'number'>): string {
  return `${runId}/${number}`
}

function nameOf(runId: string, { id, path, parent }: SeenActor): string {
  return parent ? (path ?? id) : `run ${runId}`
}

function common(runId: string, actor: SeenActor, timeMs: number): object {
  return {
    sessionId: sessionOf(runId, actor),
    rootId: sessionOf(runId, { number: 0 }),
    createdAt: String(timeMs),
    id: null,
    _version: inspectVersion,
  }
}

function snapshotOf({ status, value, context, output }: SeenState, clean: Clean): object {
  return { status, value: clean(value), context: clean(context), ...(output && { output }) }
}

function actorFrame(runId: string, { actor, state, timeMs }: ShownActor, definition: string, clean: Clean): object {
  return {
    type: '@xstate.actor',
    ...common(runId, actor, timeMs),
    name: clean(nameOf(runId, actor)),
    ...(actor.parent && { parentId: sessionOf(runId, actor.parent) }),
    definition,
    snapshot: snapshotOf(state, clean),
  }
}

type Happening = Exclude<Sight, { type: 'actor' }>

function happening(runId: string, sight: Happening, clean: Clean): object {
  const { actor, timeMs } = sight
  const event = clean(sight.event)
  const base = common(runId, actor, timeMs)
  if (sight.type === 'state') {
    return { type: '@xstate.snapshot', ...base, event, snapshot: snapshotOf(sight.state, clean) }
  }
  return { type: '@xstate.event', ...base, event, ...(sight.source && { sourceId: sessionOf(runId, sight.source) }) }
}

function registerFrame(runId: string, { actor, state }: ShownActor, machine: string, clean: Clean): object {
  return {
    type: 'service.register',
    machine,
    state: JSON.stringify(legacyState(runId, actor, state, { type: 'xstate.init' }, clean)),
    id: clean(nameOf(runId, actor)),
    sessionId: sessionOf(runId, actor),
    ...(actor.parent && { parent: sessionOf(runId, actor.parent) }),
  }
}

function legacyHappening(runId: string, sight: Happening, clean: Clean): object {
  const { actor } = sight
  const event = clean(sight.event)
  const sessionId = sessionOf(runId, actor)
  if (sight.type === 'event') return { type: 'service.event', event: JSON.stringify(scxmlEvent(event)), sessionId }
  const state = JSON.stringify(legacyState(runId, actor, sight.state, event, clean))
  return { type: 'service.state', state, sessionId }
}

function endFrames(runId: string, actor: SeenActor, { status }: SeenState): string[] {
  return status === 'active' ? [] : [JSON.stringify({ type: 'service.stop', sessionId: sessionOf(runId, actor) })]
}

/** A state as XState 4 writes it; what it has no use for in a viewer is empty. */
function legacyState(runId: string, actor: SeenActor, state: SeenState, event: Json, clean: Clean): object {
  const { status, value, context } = snapshotOf(state, clean) as SeenState
  return {
    ...{ value, context, event, _event: scxmlEvent(event), _sessionid: sessionOf(runId, actor) },
    ...{ actions: [], activities: {}, meta: {}, events: [], transitions: [], children: {}, tags: [] },
    done: status === 'done',
  }
}

function scxmlEvent(event: Json): object {
  return { name: (event as { readonly type: string }).type, data: event, $$type: 'scxml', type: 'external' }
}
