import { Expressions } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { prompts, templates } from '../generators/library.ts'

/** A number in a path: of a try, or of a turn or item. */
export interface Counter {
  readonly block: string
  readonly isTry: boolean
  readonly isLoop: boolean
  /** What an `each` calls its item. */
  readonly item?: string
}

/** What can be named at a place: the steps of the file, or those of one use of a template. */
export interface Space {
  readonly ids: Map<string, Named>
  readonly names: Map<string, { readonly step: Named; readonly key?: string }>
  /** The step whose output are the inputs of a template. */
  readonly given?: string
}

/** A step of the file with the id it has or is given, templates put in the place of their uses. */
export interface Named {
  readonly id: string
  readonly localId: string
  readonly kind: (typeof kinds)[number]
  readonly source: StepSource
  /** The step as it was written, to look for names in. */
  readonly text: string
  /** The lists inside: the only one, or one a branch of a switch. */
  readonly lists: readonly Branch[]
  readonly handler?: readonly Named[]
  readonly undo?: Named
  /** The counters around it, outermost first. */
  readonly counters: readonly Counter[]
  /** Ids of the steps that it is in or belongs to. */
  readonly around: readonly string[]
  readonly space: Space
  /** For the step that holds what a template is given: values that are taken as they stand. */
  readonly defaults?: Json
}
interface Branch {
  readonly when?: string
  readonly value?: string
  readonly steps: readonly Named[]
}

const kinds = [
  ...(['prompt', 'tool', 'run', 'http', 'kilo', 'ask', 'wait', 'set', 'workflow', 'use', 'code'] as const),
  ...(['parallel', 'switch', 'loop', 'each', 'steps'] as const),
]
const blockKinds: readonly string[] = ['use', 'parallel', 'switch', 'loop', 'each', 'steps']

export function isBlock({ kind }: Named): boolean {
  return blockKinds.includes(kind)
}

/** How many further tries a retry gives. */
export function triesOf(retry: StepSource['retry']): number {
  return typeof retry === 'number' ? retry : (retry?.attempts ?? 0)
}

/** A file whose steps all have names. */
export interface NamedFile {
  readonly source: WorkflowSource
  readonly top: readonly Named[]
  readonly last: readonly Named[] | undefined
  readonly all: ReadonlyMap<string, Named>
  readonly space: Space
  readonly expressions: Expressions
}

interface Around {
  readonly counters: readonly Counter[]
  readonly around: readonly string[]
}

/** Gives the steps of a file their names and lists. */
export function nameSteps(source: WorkflowSource): NamedFile {
  const all = new Map<string, Named>()
  const namer = new Namer(all, '', { ids: new Map(), names: new Map() })
  const outside = { counters: [], around: [] }
  const top = namer.list(source.steps, outside)
  const last = source.finally && namer.list(source.finally, outside)
  const steps = [...all.values()]
  const known = [
    ...['inputs', 'steps', 'previous', 'index', 'run', 'item', 'error', ...Object.keys(source.inputs ?? {})],
    ...steps.flatMap(step => [step.source.as ?? [], step.source.each?.as ?? []].flat(2)),
    ...Object.values(templates).flatMap(({ inputs }) => Object.keys(inputs ?? {})),
    ...Object.values(prompts).flatMap(({ values }) => values),
  ]
  return { source, top, last, all, space: namer.space, expressions: new Expressions(known) }
}

class Namer {
  readonly space: Space
  readonly #all: Map<string, Named>
  readonly #prefix: string
  readonly #counts = new Map<string, number>()

  constructor(all: Map<string, Named>, prefix: string, space: Space) {
    this.#all = all
    this.#prefix = prefix
    this.space = space
  }

  list(steps: readonly StepSource[], place: Around): Named[] {
    return steps.map(step => this.#step(step, place))
  }

  #step(source: StepSource, { counters, around }: Around): Named {
    const kind = kinds.find(key => source[key] !== undefined) ?? 'set'
    const count = (this.#counts.get(kind) ?? 0) + (source.id === undefined ? 1 : 0)
    this.#counts.set(kind, count)
    const localId = source.id ?? `${kind}-${count}`
    const id = `${this.#prefix}${localId}`
    const own = { id, localId, kind, source, text: JSON.stringify(source), counters, around, space: this.space }
    const inside = { counters: [...counters, ...countersOf(id, kind, source)], around: [...around, id] }
    const lists = kind === 'use' ? [{ steps: this.#template(source, id, inside) }] : this.#branches(source, inside)
    const beside = { counters, around: inside.around }
    const onError = source['on-error']
    const handler = typeof onError === 'object' ? this.list(onError.steps, beside) : undefined
    const undo = source.undo && this.#step(source.undo, beside)
    const named: Named = { ...own, lists, ...(handler && { handler }), ...(undo && { undo }) }
    this.#all.set(id, named)
    this.space.ids.set(localId, named)
    if (typeof source.as === 'string') this.space.names.set(source.as, { step: named })
    else for (const key of source.as ?? []) this.space.names.set(key, { step: named, key })
    return named
  }

  #branches(step: StepSource, inside: Around): Branch[] {
    const branch = (steps: readonly StepSource[], head: Omit<Branch, 'steps'> = {}): Branch => {
      return { ...head, steps: this.list(steps, inside) }
    }
    if (Array.isArray(step.switch)) {
      return step.switch.map(({ when, steps }) => branch(steps, when === undefined ? {} : { when: bare(when) }))
    }
    if (step.switch !== undefined) {
      const cases = Object.entries(step.cases ?? {}).map(([value, steps]) => branch(steps, { value }))
      return step.default ? [...cases, branch(step.default)] : cases
    }
    const only = step.parallel ?? step.steps ?? step.loop?.steps ?? step.each?.steps
    return only ? [branch(only)] : []
  }

  /** The steps of a template after one that holds what it is given, in a space of their own. */
  #template(source: StepSource, id: string, inside: Around): Named[] {
    const { inputs = {}, steps } = templates[source.use ?? ''] ?? { steps: [] }
    const defaults = Object.entries(inputs).map(([name, input]) => [name, defaultOf(input)])
    const given = `${id}-with-values`
    const held: Named = {
      id: given,
      localId: given,
      kind: 'set',
      // Defaults of the file are for the steps that somebody wrote.
      source: { set: source.with ?? {}, 'on-error': 'fail' },
      defaults: Object.fromEntries(defaults) as Json,
      text: '',
      lists: [],
      ...inside,
      space: this.space,
    }
    this.#all.set(given, held)
    const namer = new Namer(this.#all, `${id}-`, { ids: new Map(), names: new Map(), given })
    return [held, ...namer.list(steps, inside)]
  }
}

function defaultOf(input: unknown): Json {
  return typeof input === 'object' && input !== null && 'default' in input ? (input.default as Json) : null
}

function countersOf(block: string, kind: Named['kind'], source: StepSource): Counter[] {
  const isTried = blockKinds.includes(kind) && triesOf(source.retry) > 0
  const tries = isTried ? [{ block, isTry: true, isLoop: false }] : []
  if (kind === 'loop') return [...tries, { block, isTry: false, isLoop: true }]
  if (kind === 'each') return [...tries, { block, isTry: false, isLoop: false, item: source.each?.as ?? 'item' }]
  return tries
}

/** A condition without the one `${…}` that may be around it. */
export function bare(written: string | boolean): string {
  const text = String(written).trim()
  return /^\$\{[^$]*\}$/.test(text) ? text.slice(2, -1).trim() : text
}

/** `needs`, or the step above; and whatever of the list it reads or a step inside it reads. */
export function waitsFor(step: Named, steps: readonly Named[], index: number, isParallel: boolean): string[] {
  const above = steps[index - 1]
  const { needs } = step.source
  const idOf = (localId: string): string[] => steps.flatMap(other => (other.localId === localId ? [other.id] : []))
  const declared = needs === undefined ? (isParallel || !above ? [] : [above.id]) : [needs].flat().flatMap(idOf)
  const isRead = ({ localId, source }: Named): boolean => {
    const names = [source.as ?? []].flat()
    const written = [`\\bsteps\\.${localId}\\b`, ...names.map(name => `\\b${name}\\b`)]
    return new RegExp(written.join('|')).test(step.text)
  }
  const read = steps.filter(other => other !== step && holds(other, isRead)).map(({ id }) => id)
  return [...new Set([...declared, ...read])]
}

/** True for a step of which something holds, or of a step of the same file inside it. */
function holds(step: Named, test: (inner: Named) => boolean): boolean {
  const inside = [...step.lists.map(({ steps }) => steps), step.handler ?? [], step.undo ? [step.undo] : []].flat()
  return test(step) || inside.some(inner => inner.space === step.space && holds(inner, test))
}
