import type { Json } from '../model/json.ts'
import type { SeenActor, SeenState, ShadowRun, Sight } from '../runtime/shadow-run.ts'
import type { Redactor } from '../trace/redact.ts'
import { legacyDefinition } from './inspector-legacy.ts'

/** Which receivers are spoken to: those of `@statelyai/inspect` for XState 5, or of `@xstate/inspect` for XState 4. */
export type InspectorProtocol = 'v5' | 'v4'

/** The version of `@statelyai/inspect` whose frames these are; its receivers tell them by it. */
const inspectVersion = '0.7.2'

type Clean = (value: Json) => Json

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
  /** Definitions as texts, and the redactor that they were written with. */
  #written = { by: undefined as Redactor | undefined, texts: new WeakMap<object, string>() }

  constructor(protocol: InspectorProtocol, redactor: () => Redactor) {
    this.#protocol = protocol
    this.#redactor = redactor
  }

  /** The frames that introduce an actor as it is now. */
  introduce(run: ShadowRun, actor: SeenActor): string[] {
    const definition = this.#definition(actor.definition)
    if (this.#protocol === 'v5') return [this.#frame(clean => actorFrame(run, actor, definition, clean))]
    const frame = this.#frame(clean => registerFrame(run, actor, definition, clean))
    return [frame, ...endFrames(run, actor)]
  }

  /** The frames of something that has happened: written once for all who hear of it one after the other. */
  tell(run: ShadowRun, sight: Sight): readonly string[] {
    if (this.#told?.sight !== sight) this.#told = { sight, frames: this.#framesOf(run, sight) }
    return this.#told.frames
  }

  #framesOf(run: ShadowRun, sight: Sight): string[] {
    if (sight.type === 'actor') return this.introduce(run, sight.actor)
    if (this.#protocol === 'v5') return [this.#frame(clean => happening(run, sight, clean))]
    const frame = this.#frame(clean => legacyHappening(run, sight, clean))
    return sight.type === 'state' ? [frame, ...endFrames(run, sight.actor)] : [frame]
  }

  /** Most frames hold no secret, and one look at the whole text shows that. */
  #frame(build: (clean: Clean) => object): string {
    const redactor = this.#redactor()
    const text = JSON.stringify(build(value => value))
    return redactor.text(text) === text ? text : JSON.stringify(build(value => redactor.json(value)))
  }

  #definition(definition: object): string {
    const redactor = this.#redactor()
    if (this.#written.by !== redactor) this.#written = { by: redactor, texts: new WeakMap() }
    const known = this.#written.texts.get(definition)
    if (known !== undefined) return known
    const clean = redactor.json(definition as Json) as object
    const text = JSON.stringify(this.#protocol === 'v5' ? clean : legacyDefinition(clean))
    this.#written.texts.set(definition, text)
    return text
  }
}

/** The same for every viewer and after every restart: who connects again finds the actors under their names. */
function sessionOf(run: ShadowRun, { number }: Pick<SeenActor, 'number'>): string {
  return `${run.id}/${number}`
}

function nameOf(run: ShadowRun, { id, path, parent }: SeenActor): string {
  return parent ? (path ?? id) : `run ${run.id}`
}

function common(run: ShadowRun, actor: SeenActor): object {
  return {
    sessionId: sessionOf(run, actor),
    rootId: sessionOf(run, { number: 0 }),
    createdAt: String(run.timeMs),
    id: null,
    _version: inspectVersion,
  }
}

function snapshotOf({ status, value, context, output }: SeenState, clean: Clean): object {
  return { status, value: clean(value), context: clean(context as Json), ...(output && { output }) }
}

function actorFrame(run: ShadowRun, actor: SeenActor, definition: string, clean: Clean): object {
  const { parent, state } = actor
  return {
    type: '@xstate.actor',
    ...common(run, actor),
    name: clean(nameOf(run, actor)),
    ...(parent && { parentId: sessionOf(run, parent) }),
    definition,
    snapshot: snapshotOf(state, clean),
  }
}

function happening(run: ShadowRun, sight: Exclude<Sight, { type: 'actor' }>, clean: Clean): object {
  const event = clean(sight.event as Json)
  if (sight.type === 'state') {
    return { type: '@xstate.snapshot', ...common(run, sight.actor), event, snapshot: snapshotOf(sight.state, clean) }
  }
  const { actor, source } = sight
  return { type: '@xstate.event', ...common(run, actor), event, ...(source && { sourceId: sessionOf(run, source) }) }
}

function registerFrame(run: ShadowRun, actor: SeenActor, machine: string, clean: Clean): object {
  const { parent, state } = actor
  return {
    type: 'service.register',
    machine,
    state: JSON.stringify(legacyState(run, actor, state, { type: 'xstate.init' }, clean)),
    id: clean(nameOf(run, actor)),
    sessionId: sessionOf(run, actor),
    ...(parent && { parent: sessionOf(run, parent) }),
  }
}

function endFrames(run: ShadowRun, actor: SeenActor): string[] {
  if (actor.state.status === 'active') return []
  return [JSON.stringify({ type: 'service.stop', sessionId: sessionOf(run, actor) })]
}

function legacyHappening(run: ShadowRun, sight: Exclude<Sight, { type: 'actor' }>, clean: Clean): object {
  const { actor } = sight
  const event = clean(sight.event as Json)
  const sessionId = sessionOf(run, actor)
  if (sight.type === 'event') return { type: 'service.event', event: JSON.stringify(scxmlEvent(event)), sessionId }
  return { type: 'service.state', state: JSON.stringify(legacyState(run, actor, sight.state, event, clean)), sessionId }
}

/** A state as XState 4 writes it; what it has no use for in a viewer is empty. */
function legacyState(run: ShadowRun, actor: SeenActor, state: SeenState, event: Json, clean: Clean): object {
  const { status, value, context } = snapshotOf(state, clean) as SeenState
  return {
    ...{ value, context, event, _event: scxmlEvent(event), _sessionid: sessionOf(run, actor) },
    ...{ actions: [], activities: {}, meta: {}, events: [], transitions: [], children: {}, tags: [] },
    done: status === 'done',
  }
}

function scxmlEvent(event: Json): object {
  return { name: (event as { readonly type: string }).type, data: event, $$type: 'scxml', type: 'external' }
}
