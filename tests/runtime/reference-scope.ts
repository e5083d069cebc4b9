import { ExpressionError, Expressions } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { splitTemplate } from '../../src/parser/template.ts'

/** How an execution of a step ended, as the reference interpreter sees it. */
export interface Settled {
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'
  readonly output: Json
  readonly error?: { readonly step: string; readonly reason: string; readonly message: string }
  readonly attempts: number
}

/** A step of the file with the id it has or is given. */
export interface Named extends Omit<StepSource, 'id'> {
  readonly id: string
  readonly kind: string
  /** The lists inside: the only one, or one a branch of a switch. */
  readonly lists: readonly {
    readonly when?: string | undefined
    readonly value?: string
    readonly steps: readonly Named[]
  }[]
  /** Ids of the loops around it, outermost first. */
  readonly loops: readonly string[]
}

/** The turn that each loop around a place is in, outermost first. */
export type Frame = readonly { readonly loop: string; readonly turn: number }[]

const kinds = ['prompt', 'run', 'set', 'parallel', 'steps', 'switch', 'loop'] as const

/** A file whose steps all have names. */
export interface NamedFile {
  readonly source: WorkflowSource
  readonly top: readonly Named[]
  readonly all: ReadonlyMap<string, Named>
  readonly expressions: Expressions
}

/** Gives the steps of a file their names and lists. */
export function nameSteps(source: WorkflowSource): NamedFile {
  const counts = new Map<string, number>()
  const all = new Map<string, Named>()
  const list = (steps: readonly StepSource[], loops: readonly string[]): Named[] =>
    steps.map(step => {
      const kind = kinds.find(key => step[key] !== undefined) ?? 'none'
      const count = (counts.get(kind) ?? 0) + (step.id === undefined ? 1 : 0)
      counts.set(kind, count)
      const id = step.id ?? `${kind}-${count}`
      const inner = kind === 'loop' ? [...loops, id] : loops
      const named: Named = {
        ...step,
        id,
        kind,
        loops,
        lists: branchesOf(step).map(b => ({ ...b, steps: list(b.steps, inner) })),
      }
      all.set(id, named)
      return named
    })
  const top = list(source.steps, [])
  const names = [...all.values()].flatMap(step => [step.as ?? []].flat())
  const known = ['inputs', 'steps', 'previous', 'index', 'run', ...Object.keys(source.inputs ?? {}), ...names]
  return { source, top, all, expressions: new Expressions(known) }
}

function branchesOf(step: StepSource): { when?: string | undefined; value?: string; steps: readonly StepSource[] }[] {
  if (Array.isArray(step.switch)) {
    return step.switch.map(({ when, steps }) => ({ ...(when !== undefined && { when: bare(when) }), steps }))
  }
  if (step.switch !== undefined) {
    const cases = Object.entries(step.cases ?? {}).map(([value, steps]) => ({ value, steps }))
    return step.default ? [...cases, { steps: step.default }] : cases
  }
  const only = step.parallel ?? step.steps ?? step.loop?.steps
  return only ? [{ steps: only }] : []
}

/** A condition without the one `${…}` that may be around it. */
export function bare(written: string | boolean): string {
  const text = String(written).trim()
  return /^\$\{[^$]*\}$/.test(text) ? text.slice(2, -1).trim() : text
}

/** What expressions can read: everything, at every place; that it has settled is the checker's promise. */
export class ReferenceScope {
  readonly settled = new Map<string, Settled>()
  readonly turns = new Map<string, number>()
  readonly #all: ReadonlyMap<string, Named>
  readonly #inputs: Readonly<Record<string, Json>>
  readonly #run: Json
  readonly #expressions: Expressions

  constructor(file: NamedFile, inputs: Readonly<Record<string, Json>>, run: Json) {
    this.#all = file.all
    this.#expressions = file.expressions
    this.#inputs = inputs
    this.#run = run
  }

  value(source: string, frame: Frame): Json {
    return this.#expressions.evaluate(source, this.#scope(frame))
  }

  truth(source: string, frame: Frame): boolean {
    const value = this.value(source, frame)
    if (typeof value !== 'boolean') throw new ExpressionError(`${source} is not true or false`)
    return value
  }

  /** A value with its templates filled in; a lone `${…}` keeps its type. */
  fill(template: Json, frame: Frame): Json {
    if (typeof template === 'string') {
      const { parts } = splitTemplate(template)
      const values = parts.map(part => (part.type === 'text' ? part.text : this.value(part.source, frame)))
      return parts.length === 1 && parts[0]?.type === 'expression' ? (values[0] ?? null) : values.map(asText).join('')
    }
    if (Array.isArray(template)) return template.map(item => this.fill(item, frame))
    if (template === null || typeof template !== 'object') return template
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, this.fill(item, frame)]))
  }

  /** The path of a step from a place: loops around both are in their turn, other loops in their last one. */
  pathOf(id: string, frame: Frame): string {
    let path = ''
    for (const loop of this.#all.get(id)?.loops ?? []) {
      const turn = frame.find(around => around.loop === loop)?.turn ?? (this.turns.get(`${path}${loop}`) ?? 0) - 1
      path += `${loop}/${turn}/`
    }
    return path + id
  }

  #scope(frame: Frame): Record<string, unknown> {
    const steps = [...this.#all.values()]
    const inner = frame.at(-1)
    const before = inner ? [...frame.slice(0, -1), { ...inner, turn: inner.turn - 1 }] : []
    const inBody = steps.filter(step => inner && step.loops.includes(inner.loop))
    const named = steps.flatMap(step => {
      const output = this.settled.get(this.pathOf(step.id, frame))?.output ?? null
      if (typeof step.as === 'string') return [[step.as, output]]
      return (step.as ?? []).map(name => [name, (output as Record<string, Json> | null)?.[name] ?? null])
    })
    return {
      ...this.#inputs,
      ...Object.fromEntries(named),
      inputs: this.#inputs,
      run: this.#run,
      index: inner?.turn ?? null,
      steps: Object.fromEntries(steps.map(({ id }) => [id, this.#seen(this.pathOf(id, frame), 'skipped')])),
      previous: Object.fromEntries(
        inBody.map(({ id }) => [id, this.#seen(this.pathOf(id, before), inner?.turn === 0 ? null : 'skipped')]),
      ),
    }
  }

  #seen(path: string, absent: Json): Json {
    const settled = this.settled.get(path)
    if (!settled) return { output: null, status: absent, error: null, attempts: 0, usage: null }
    const { output, status, error, attempts } = settled
    return { output, status, error: error ? { ...error, output: null } : null, attempts, usage: null }
  }
}

/** A value inside a text. */
export function asText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
