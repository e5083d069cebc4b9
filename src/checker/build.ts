import type { EachSource, Kind, LoopSource, StepSource } from '../model/step-source.ts'
import { kindKeys } from '../model/step-source.ts'
import { durationMs } from '../model/duration.ts'
import type { Json } from '../model/json.ts'
import type { Branch, Step } from '../model/step.ts'
import type { Place } from '../parser/document.ts'
import { buildLeaf, isLeafKind } from './build-leaf.ts'
import { refuseEmptyText } from './empty-text.ts'
import type { FieldReader, Inherited } from './fields.ts'
import { complain, type Origin, within } from './origin.ts'

/** The steps that a `use` becomes, and where each was written. */
export interface Spliced {
  readonly steps: readonly Step[]
  readonly origins: ReadonlyMap<string, Origin>
}
export type Splice = (source: StepSource, origin: Origin, id: string, inherited: Inherited) => Spliced

type Common = Pick<Step, 'id' | 'isNamed' | 'retry' | 'onError'>

/** Builds sound steps from steps as written: kinds told apart, ids given, defaults handed down, templates spliced in. */
export class StepBuilder {
  /** Where each step was written, by id. */
  readonly origins = new Map<string, Origin>()
  readonly #fields: FieldReader
  readonly #isBroken: (place: Place) => boolean
  readonly #splice: Splice
  readonly #unnamed = new Map<string, number>()

  /** `isBroken` tells of places where something was already reported and taken out. */
  constructor(fields: FieldReader, isBroken: (place: Place) => boolean, splice: Splice) {
    this.#fields = fields
    this.#isBroken = isBroken
    this.#splice = splice
  }

  list(sources: readonly StepSource[], origin: Origin, inherited: Inherited): Step[] {
    return sources.map((source, index) => this.#step(source, within(origin, index), inherited))
  }

  #step(source: StepSource, origin: Origin, inherited: Inherited): Step {
    // A step whose kind is missing or was taken out still has a name that others may use.
    const kind = this.#kindOf(source, origin) ?? 'set'
    const isLeaf = isLeafKind(kind)
    const onError = source['on-error'] ?? (isLeaf ? inherited['on-error'] : undefined) ?? 'fail'
    const timeoutMs = timeoutOf(kind, source, inherited)
    const limits = this.#fields.limits(source.limits ?? (isLeaf ? inherited.limits : undefined))
    const common: Common = {
      id: this.#idOf(source, kind, origin),
      isNamed: source.id !== undefined,
      ...(source.description !== undefined && { description: source.description }),
      ...(source.needs !== undefined && { needs: [source.needs].flat() }),
      ...(source.if !== undefined && { if: bare(source.if) }),
      ...(source.expect !== undefined && { expect: bare(source.expect) }),
      ...(source.as !== undefined && { as: source.as }),
      retry: this.#fields.retry(source.retry ?? (isLeaf ? inherited.retry : undefined)),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(limits && { limits }),
      onError: typeof onError === 'string' ? onError : 'handle',
    }
    const inner = { ...inherited, ...handedDown(source, origin, inherited, isLeaf) }
    const step = this.#body(kind, source, origin, common, inner)
    // Only a block hands its fields down, to what is attached to it, too.
    const beside = isLeaf ? inherited : inner
    if (typeof onError !== 'string')
      step.handler = this.list(onError.steps, within(origin, 'on-error', 'steps'), beside)
    if (source.undo) step.undo = this.#step(source.undo, within(origin, 'undo'), beside)
    return step
  }

  #body(kind: Kind, source: StepSource, origin: Origin, common: Common, inherited: Inherited): Step {
    refuseEmptyText(kind, source, origin)
    if (isLeafKind(kind)) return buildLeaf(kind, source, origin, common, inherited, this.#fields)
    switch (kind) {
      case 'parallel':
      case 'steps':
        return { kind, ...common, steps: this.list(source[kind] ?? [], within(origin, kind), inherited) }
      case 'loop':
        return this.#loop(source.loop, origin, common, inherited)
      case 'each':
        return this.#each(source.each, origin, common, inherited)
      case 'switch':
        return this.#switch(source, origin, common, inherited)
      case 'use': {
        const { steps, origins } = this.#splice(source, origin, common.id, inherited)
        for (const [id, from] of origins) this.origins.set(id, from)
        return { kind: 'steps', ...common, template: source.use ?? '', steps: [...steps] }
      }
    }
  }

  #loop(loop: LoopSource | undefined, origin: Origin, common: Common, inherited: Inherited): Step {
    const { max = 1, steps = [], while: before, until } = loop ?? {}
    const conditions = {
      ...(before !== undefined && { while: bare(before) }),
      ...(until !== undefined && { until: bare(until) }),
    }
    const inside = this.list(steps, within(origin, 'loop', 'steps'), inherited)
    return { kind: 'loop', ...common, ...conditions, max, steps: inside }
  }

  #each(each: EachSource | undefined, origin: Origin, common: Common, inherited: Inherited): Step {
    const { in: list = [], as: item = 'item', parallel = 16, steps = [] } = each ?? {}
    const inside = this.list(steps, within(origin, 'each', 'steps'), inherited)
    const from = typeof list === 'string' ? bare(list) : (list as Json[])
    return { kind: 'each', ...common, in: from, item, parallel, steps: inside }
  }

  #switch(source: StepSource, origin: Origin, common: Common, inherited: Inherited): Step {
    if (Array.isArray(source.switch)) {
      const branches = source.switch.map((branch, index): Branch => {
        const steps = this.list(branch.steps, within(origin, 'switch', index, 'steps'), inherited)
        const when = branch.when === undefined ? undefined : bare(branch.when)
        return { label: when ?? 'default', ...(when !== undefined && { when }), steps }
      })
      refuseLateBranches(branches, origin)
      return { kind: 'switch', ...common, branches }
    }
    const cases = Object.entries(source.cases ?? {}).map(([value, steps]): Branch => {
      return { label: value, value, steps: this.list(steps, within(origin, 'cases', value), inherited) }
    })
    const last = source.default && {
      label: 'default',
      steps: this.list(source.default, within(origin, 'default'), inherited),
    }
    if (cases.length === 0 && !this.#isBroken([...origin.place, 'cases'])) {
      const hint = 'Give `cases: { value: [steps] }`.'
      complain(within(origin, 'switch'), 'MISSING_FIELD', '`cases` is missing.', hint, 'key')
    }
    const branches = last ? [...cases, last] : cases
    return { kind: 'switch', ...common, chooser: bare(source.switch ?? 'null'), branches }
  }

  #kindOf(source: StepSource, origin: Origin): Kind | undefined {
    const kinds = kindKeys.filter(key => source[key] !== undefined)
    const [kind, second] = kinds
    if (second !== undefined) {
      const message = `A step does one thing, and this one has \`${kinds.join('` and `')}\`.`
      complain(within(origin, second), 'TWO_KINDS', message, 'Give each its own step.', 'key')
    }
    if (kind === undefined) {
      // What was taken out may have been the kind that the other fields belong to.
      if (this.#isBroken(origin.place)) return undefined
      complain(origin, 'NO_KIND', 'This step does nothing.', `Add one of ${kindKeys.join(', ')}.`)
    }
    for (const key of ['cases', 'default', 'with'] as const) {
      const owners: readonly string[] = key === 'with' ? ['tool', 'workflow', 'use', 'code'] : ['switch']
      if (source[key] === undefined || owners.includes(kind ?? '')) continue
      const message = `\`${key}\` belongs to ${owners.map(owner => `\`${owner}\``).join(', ')}.`
      complain(within(origin, key), 'UNKNOWN_FIELD', message, 'Take it away, or move it there.', 'key')
    }
    return kind
  }

  #idOf(source: StepSource, kind: Kind, origin: Origin): string {
    const id = source.id ?? this.#nextId(kind)
    if (this.origins.has(id)) {
      complain(within(origin, 'id'), 'DUPLICATE_ID', `Two steps are called "${id}".`, 'Give this one another id.')
      return this.#nextId(kind, origin)
    }
    this.origins.set(id, origin)
    return id
  }

  /** A hyphen keeps made ids apart from written ones: nothing can refer to them. */
  #nextId(kind: Kind, origin?: Origin): string {
    const count = (this.#unnamed.get(kind) ?? 0) + 1
    this.#unnamed.set(kind, count)
    const id = `${kind}-${count}`
    if (origin) this.origins.set(id, origin)
    return id
  }
}

/** What a block gives to the steps inside it, and a leaf to itself: its own fields over those from outside. */
function handedDown(source: StepSource, origin: Origin, inherited: Inherited, isLeaf: boolean): Inherited {
  const { agent, model, context, tools, skills, output, env, cache, priority, 'runs-on': runsOn } = source
  return {
    ...(agent !== undefined && { agent, agentAt: within(origin, 'agent') }),
    ...(model !== undefined && { model }),
    ...(context !== undefined && { context }),
    ...(tools !== undefined && { tools }),
    ...(skills !== undefined && { skills, skillsAt: within(origin, 'skills') }),
    ...(!isLeaf && output !== undefined && { output, outputAt: within(origin, 'output') }),
    ...(env !== undefined && { env: { ...inherited.env, ...env } }),
    ...(cache !== undefined && { cache }),
    ...(priority !== undefined && { priority }),
    ...(runsOn !== undefined && { 'runs-on': runsOn }),
  }
}

const defaultTimeout = '10m'
// People, clocks and child runs take their time: only a timeout of their own ends them.
const patientKinds: ReadonlySet<Kind> = new Set<Kind>(['ask', 'wait', 'workflow', 'set'])

function timeoutOf(kind: Kind, source: StepSource, inherited: Inherited): number | undefined {
  const isPatient = !isLeafKind(kind) || patientKinds.has(kind)
  const written = source.timeout ?? (isPatient ? undefined : (inherited.timeout ?? defaultTimeout))
  return written === undefined ? undefined : durationMs(written)
}

function refuseLateBranches(branches: readonly Branch[], origin: Origin): void {
  const open = branches.findIndex(branch => branch.when === undefined)
  if (open === -1 || open === branches.length - 1) return
  const hint = 'Put the branch without `when` last.'
  complain(within(origin, 'switch', open), 'UNREACHABLE', 'No branch after this one can be taken.', hint)
}

/** A condition, without the one `${…}` that may be around it. */
function bare(written: string | boolean): string {
  const text = String(written).trim()
  const inner = /^\$\{([\s\S]*)\}$/.exec(text)?.[1]
  return inner !== undefined && !inner.includes('${') ? inner.trim() : text
}
