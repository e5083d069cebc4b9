import { type Kind, kindKeys, type LoopSource, type StepSource } from '../model/step-source.ts'
import type { Branch, Output, Step } from '../model/step.ts'
import type { Place } from '../parser/document.ts'
import { type FieldReader, type Inherited } from './fields.ts'
import type { Report } from './report.ts'

/** Builds sound steps from steps as written: kinds told apart, ids given, defaults handed down. */
export class StepBuilder {
  /** Where each step was written, by id. */
  readonly places = new Map<string, Place>()
  readonly #report: Report
  readonly #fields: FieldReader
  readonly #isBroken: (place: Place) => boolean
  readonly #unnamed = new Map<string, number>()

  /** `isBroken` tells of places where something was already reported and taken out. */
  constructor(report: Report, fields: FieldReader, isBroken: (place: Place) => boolean) {
    this.#report = report
    this.#fields = fields
    this.#isBroken = isBroken
  }

  list(sources: readonly StepSource[], place: Place, inherited: Inherited): Step[] {
    return sources.map((source, index) => this.#step(source, [...place, index], inherited))
  }

  #step(source: StepSource, place: Place, inherited: Inherited): Step {
    // A step whose kind is missing or was taken out still has a name that others may use.
    const kind = this.#kindOf(source, place) ?? 'set'
    const isLeaf = kind === 'prompt' || kind === 'run' || kind === 'set'
    const common = {
      id: this.#idOf(source, kind, place),
      isNamed: source.id !== undefined,
      ...(source.description !== undefined && { description: source.description }),
      ...(source.needs !== undefined && { needs: [source.needs].flat() }),
      ...(source.if !== undefined && { if: bare(source.if) }),
      ...(source.as !== undefined && { as: source.as }),
      retry: this.#fields.retry(source.retry ?? (isLeaf ? inherited.retry : undefined)),
      timeoutMs: this.#fields.timeoutMs(source.timeout ?? (isLeaf ? inherited.timeout : undefined)),
      onError: source['on-error'] ?? (isLeaf ? inherited['on-error'] : undefined) ?? 'fail',
    }
    if (!isLeaf) this.#refuseOnBlock(source, place)
    return this.#body(kind, source, place, common, { ...inherited, ...handedDown(source, place, inherited) })
  }

  #body(kind: Kind, source: StepSource, place: Place, common: Common, inherited: Inherited): Step {
    switch (kind) {
      case 'prompt': {
        const output = this.#output(source, place, inherited)
        const agent = this.#fields.agent(inherited.agent, inherited.model, inherited.agentPlace ?? place)
        return { kind, ...common, output, prompt: source.prompt ?? '', agent, context: inherited.context ?? 'rule' }
      }
      case 'run': {
        const output = this.#output(source, place, inherited)
        const run = typeof source.run === 'string' ? { command: source.run } : (source.run ?? { command: '' })
        this.#refuseTemplate(run.command, place)
        return {
          kind,
          ...common,
          output,
          command: run.command,
          network: run.network ?? false,
          env: inherited.env ?? {},
        }
      }
      case 'set':
        return { kind, ...common, set: source.set ?? {} }
      case 'parallel':
      case 'steps':
        return { kind, ...common, steps: this.list(source[kind] ?? [], [...place, kind], inherited) }
      case 'loop':
        return this.#loop(source.loop, place, common, inherited)
      case 'switch':
        return this.#switch(source, place, common, inherited)
    }
  }

  #output(source: StepSource, place: Place, inherited: Inherited): Output {
    if (source.output !== undefined) return this.#fields.output(source.output, source.as, [...place, 'output'])
    return this.#fields.output(inherited.output, source.as, inherited.outputPlace ?? place)
  }

  #loop(loop: LoopSource | undefined, place: Place, common: Common, inherited: Inherited): Step {
    const { max = 1, steps = [], while: before, until } = loop ?? {}
    const conditions = {
      ...(before !== undefined && { while: bare(before) }),
      ...(until !== undefined && { until: bare(until) }),
    }
    return {
      kind: 'loop',
      ...common,
      ...conditions,
      max,
      steps: this.list(steps, [...place, 'loop', 'steps'], inherited),
    }
  }

  #switch(source: StepSource, place: Place, common: Common, inherited: Inherited): Step {
    if (Array.isArray(source.switch)) {
      const branches = source.switch.map((branch, index): Branch => {
        const steps = this.list(branch.steps, [...place, 'switch', index, 'steps'], inherited)
        const when = branch.when === undefined ? undefined : bare(branch.when)
        return { label: when ?? 'default', ...(when !== undefined && { when }), steps }
      })
      this.#refuseLateBranches(branches, place)
      return { kind: 'switch', ...common, branches }
    }
    const cases = Object.entries(source.cases ?? {}).map(([value, steps]): Branch => {
      return { label: value, value, steps: this.list(steps, [...place, 'cases', value], inherited) }
    })
    const last = source.default && {
      label: 'default',
      steps: this.list(source.default, [...place, 'default'], inherited),
    }
    if (cases.length === 0 && !this.#isBroken([...place, 'cases'])) {
      this.#report.error(
        'MISSING_FIELD',
        '`cases` is missing.',
        [...place, 'switch'],
        'Give `cases: { value: [steps] }`.',
        'key',
      )
    }
    return {
      kind: 'switch',
      ...common,
      chooser: bare(source.switch ?? 'null'),
      branches: last ? [...cases, last] : cases,
    }
  }

  #kindOf(source: StepSource, place: Place): Kind | undefined {
    const kinds = kindKeys.filter(key => source[key] !== undefined)
    const [kind, second] = kinds
    if (second !== undefined) {
      const hint = 'Give each its own step.'
      this.#report.error(
        'TWO_KINDS',
        `A step does one thing, and this one has \`${kinds.join('` and `')}\`.`,
        [...place, second],
        hint,
        'key',
      )
    }
    if (kind === undefined && !this.#isBroken(place)) {
      const hint = `Add one of ${kindKeys.join(', ')}.`
      this.#report.error('NO_KIND', 'This step does nothing.', place, hint)
    }
    if (kind !== 'switch') {
      for (const key of ['cases', 'default'] as const) {
        if (source[key] !== undefined)
          this.#report.error('UNKNOWN_FIELD', `\`${key}\` belongs to a \`switch\`.`, [...place, key], undefined, 'key')
      }
    }
    return kind
  }

  #idOf(source: StepSource, kind: Kind, place: Place): string {
    const id = source.id ?? this.#nextId(kind)
    if (this.places.has(id)) {
      this.#report.error('DUPLICATE_ID', `Two steps are called "${id}".`, [...place, 'id'], 'Give this one another id.')
      return this.#nextId(kind, place)
    }
    this.places.set(id, place)
    return id
  }

  /** A hyphen keeps made ids apart from written ones: nothing can refer to them. */
  #nextId(kind: Kind, place?: Place): string {
    const count = (this.#unnamed.get(kind) ?? 0) + 1
    this.#unnamed.set(kind, count)
    const id = `${kind}-${count}`
    if (place) this.places.set(id, place)
    return id
  }

  #refuseOnBlock(source: StepSource, place: Place): void {
    for (const key of ['retry', 'timeout'] as const) {
      if (source[key] === undefined) continue
      const hint = `Put \`${key}\` on the steps inside.`
      this.#report.error(
        'NOT_ON_BLOCK',
        `\`${key}\` of a block is not supported in this version.`,
        [...place, key],
        hint,
        'key',
      )
    }
  }

  #refuseTemplate(command: string, place: Place): void {
    const at = command.search(/\$\{\s*(inputs|steps|run|previous|item|secrets)\b/)
    if (at === -1) return
    const hint = 'Give the value a name under `env` and use it as "$NAME": nothing is spliced into a shell.'
    this.#report.error('TEMPLATE_IN_COMMAND', 'A command is never templated.', [...place, 'run'], hint)
  }

  #refuseLateBranches(branches: readonly Branch[], place: Place): void {
    const open = branches.findIndex(branch => branch.when === undefined)
    if (open === -1 || open === branches.length - 1) return
    const hint = 'Put the branch without `when` last.'
    this.#report.error('UNREACHABLE', 'No branch after this one can be taken.', [...place, 'switch', open], hint)
  }
}

type Common = Pick<Step, 'id' | 'isNamed' | 'retry' | 'timeoutMs' | 'onError'>

/** What a block gives to the steps inside it: its own fields over those from outside. */
function handedDown(source: StepSource, place: Place, inherited: Inherited): Inherited {
  const { agent, model, context, output, env } = source
  const isBlock = source.parallel ?? source.steps ?? source.loop ?? source.switch
  return {
    ...(agent !== undefined && { agent, agentPlace: [...place, 'agent'] }),
    ...(model !== undefined && { model }),
    ...(context !== undefined && { context }),
    ...(isBlock !== undefined && output !== undefined && { output, outputPlace: [...place, 'output'] }),
    ...(env !== undefined && { env: { ...inherited.env, ...env } }),
  }
}

/** A condition, without the one `${…}` that may be around it. */
function bare(written: string | boolean): string {
  const text = String(written).trim()
  const inner = /^\$\{([\s\S]*)\}$/.exec(text)?.[1]
  return inner !== undefined && !inner.includes('${') ? inner.trim() : text
}
