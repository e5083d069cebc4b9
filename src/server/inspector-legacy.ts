/** A machine config of XState 5 as one of XState 4, for viewers that speak the older protocol. */

interface Transition {
  readonly target?: string
  readonly guard?: string | { readonly type: string; readonly params?: object }
  readonly actions?: readonly { readonly type: string; readonly params?: object }[]
}

type Transitions = string | Transition | readonly (string | Transition)[]

interface State {
  readonly id?: string
  readonly states?: Readonly<Record<string, State>>
  readonly on?: Readonly<Record<string, Transitions>>
  readonly always?: Transitions
  readonly onDone?: Transitions
  readonly entry?: Transition['actions']
  readonly invoke?: { readonly onDone?: Transitions }
}

/**
 * Guards are called `cond`, and parameters stand beside the type. XState 4 finds `#id.Child` below the root alone, so
 * that every state is named by its place and every target says that.
 */
export function legacyDefinition(definition: object): object {
  const root = definition as State
  const id = root.id ?? 'machine'
  const places = new Map<string, string>()
  findPlaces(root, id, places)
  // Without it XState 4 warns of every machine.
  return { ...legacyState(root, places), id, predictableActionArguments: true }
}

/** Where each named state is. */
function findPlaces({ id, states = {} }: State, place: string, places: Map<string, string>): void {
  if (id !== undefined) places.set(id, place)
  for (const [key, state] of Object.entries(states)) findPlaces(state, `${place}.${key}`, places)
}

function legacyState(state: State, places: ReadonlyMap<string, string>): object {
  const { id: _, states, on, always, onDone, entry, invoke, ...own } = state
  const moved = (transitions: Transitions): object[] => legacyTransitions(transitions, places)
  return {
    ...own,
    ...(entry && { entry: entry.map(reference) }),
    ...(on && { on: mapValues(on, moved) }),
    ...(always && { always: moved(always) }),
    ...(onDone && { onDone: moved(onDone) }),
    ...(invoke && { invoke: { ...invoke, ...(invoke.onDone && { onDone: moved(invoke.onDone) }) } }),
    ...(states && { states: mapValues(states, child => legacyState(child, places)) }),
  }
}

function legacyTransitions(transitions: Transitions, places: ReadonlyMap<string, string>): object[] {
  const list = Array.isArray(transitions) ? (transitions as (string | Transition)[]) : [transitions]
  return list.map(item => {
    const { target, guard, actions } = typeof item === 'string' ? { target: item } : (item as Transition)
    return {
      ...(target !== undefined && { target: placeOf(target, places) }),
      ...(guard !== undefined && { cond: typeof guard === 'string' ? guard : reference(guard) }),
      ...(actions && { actions: actions.map(reference) }),
    }
  })
}

/** `#draft:branch.Done` is `#workflow:w.All.draft.Done`. */
function placeOf(target: string, places: ReadonlyMap<string, string>): string {
  if (!target.startsWith('#')) return target
  const [id = '', ...path] = target.slice(1).split('.')
  return `#${[places.get(id) ?? id, ...path].join('.')}`
}

function reference({ type, params }: { readonly type: string; readonly params?: object }): object {
  return { ...params, type }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
