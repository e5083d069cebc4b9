import { ExpressionError } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'
import { splitTemplate } from '../../src/parser/template.ts'
import type { Counter, Named, NamedFile, Space } from './reference-names.ts'

/** How an execution of a step ended, as the reference interpreter sees it. */
export interface Settled {
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'
  readonly output: Json
  readonly error?: Cause
  readonly attempts: number
}
export interface Cause {
  readonly step: string
  readonly reason: string
  readonly message: string
  readonly output?: Json
}

/** The number that each counter around a place is at, outermost first. */
export type Frame = readonly (Counter & { readonly number: number })[]

/** Where an expression is read. */
export interface Place {
  readonly frame: Frame
  readonly space: Space
  /** In a handler: the failure that it handles. */
  readonly error?: Cause
}

/** What expressions can read: everything, at every place; that it has settled is the checker's promise. */
export class ReferenceScope {
  readonly settled = new Map<string, Settled>()
  /** How many turns or tries have begun: by the path of the block, and the try that the turns are of. */
  readonly begun = new Map<string, number>()
  readonly items = new Map<string, readonly Json[]>()
  run: Json
  readonly #file: NamedFile
  readonly #inputs: Readonly<Record<string, Json>>

  constructor(file: NamedFile, inputs: Readonly<Record<string, Json>>, run: Json) {
    this.#file = file
    this.#inputs = inputs
    this.run = run
  }

  value(source: string, place: Place): Json {
    return this.#file.expressions.evaluate(source, this.#scope(source, place))
  }

  truth(source: string, place: Place): boolean {
    const value = this.value(source, place)
    if (typeof value !== 'boolean') throw new ExpressionError(`${source} is not true or false`)
    return value
  }

  /** A value with its templates filled in; a lone `${…}` keeps its type. */
  fill(template: Json, place: Place): Json {
    if (typeof template === 'string') {
      const { parts } = splitTemplate(template)
      const values = parts.map(part => (part.type === 'text' ? part.text : this.value(part.source, place)))
      return parts.length === 1 && parts[0]?.type === 'expression' ? (values[0] ?? null) : values.map(asText).join('')
    }
    if (Array.isArray(template)) return template.map(item => this.fill(item, place))
    if (template === null || typeof template !== 'object') return template
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, this.fill(item, place)]))
  }

  /** A text with what is computed in it, each part changed as its place asks for. */
  text(template: string, place: Place, change: (value: string) => string = value => value): string {
    return splitTemplate(template)
      .parts.map(part => (part.type === 'text' ? part.text : change(asText(this.value(part.source, place)))))
      .join('')
  }

  /** A text of the prompt library, which knows nothing but the values it is given and the run. */
  libraryText(template: string, values: Json): string {
    const scope = { ...(values as object), run: this.run }
    return splitTemplate(template)
      .parts.map(part =>
        part.type === 'text' ? part.text : asText(this.#file.expressions.evaluate(part.source, scope)),
      )
      .join('')
  }

  /** The path of a step from a place: counters around both are at their number, others at their last one. */
  pathOf({ id, counters }: Named, frame: Frame): string {
    let path = ''
    let last = ''
    for (const { block, isTry } of counters) {
      if (block !== last) path += `${block}/`
      last = block
      const around = frame.find(counter => counter.block === block && counter.isTry === isTry)
      path += `${around?.number ?? (this.begun.get(path.slice(0, -1)) ?? 0) - 1}/`
    }
    return path + id
  }

  seen(step: Named, frame: Frame, absent: Json = 'skipped'): Record<string, Json> {
    const path = this.pathOf(step, frame)
    const hasItems = step.kind === 'loop' || step.kind === 'each'
    const items = hasItems ? this.#rounds(step, path, frame).map(round => described(round, 'skipped')) : null
    return { ...described(this.settled.get(path), absent), items }
  }

  /** How each turn or item ended: as its last step, or as that which kept it from coming to its last step. */
  #rounds(step: Named, path: string, frame: Frame): (Settled | undefined)[] {
    const counter = step.counters.length
    const [body] = step.lists
    const inner = body?.steps[0]?.counters.slice(counter) ?? []
    const tries = inner.filter(({ isTry }) => isTry)
    const tried = tries.map(({ block }) => {
      const around = frame.find(other => other.block === block && other.isTry)
      return { block, isTry: true, isLoop: false, number: around?.number ?? (this.begun.get(path) ?? 0) - 1 }
    })
    const place = [path, ...tried.map(({ number }) => number)].join('/')
    const count = step.kind === 'each' ? (this.items.get(path)?.length ?? 0) : (this.begun.get(place) ?? 0)
    const round = inner.find(({ isTry }) => !isTry)
    return Array.from({ length: count }, (_, number) => {
      const turn = round ? [{ ...round, number }] : []
      const ends = body?.steps.map(({ id }) => {
        const named = this.#file.all.get(id)
        return named && this.settled.get(this.pathOf(named, [...frame, ...tried, ...turn]))
      })
      const last = ends?.at(-1)
      if (last && last.status !== 'cancelled') return last
      return ends?.findLast(end => end?.status === 'failed') ?? ends?.find(end => end?.status === 'cancelled')
    })
  }

  /** Only what the source speaks of: a file may have many steps. */
  #scope(source: string, { frame, space, error }: Place): Record<string, unknown> {
    const steps = [...space.ids].filter(([id]) => source.includes(id))
    const round = frame.findLast(({ isTry }) => !isTry)
    const loop = frame.findLast(({ isLoop }) => isLoop)
    const before = loop ? [...frame.slice(0, frame.indexOf(loop)), { ...loop, number: loop.number - 1 }] : []
    const named = [...space.names].map(([name, { step, key }]) => {
      const output = this.settled.get(this.pathOf(step, frame))?.output ?? null
      return [name, key === undefined ? output : ((output as Record<string, Json> | null)?.[key] ?? null)]
    })
    const inputs = space.given === undefined ? this.#inputs : this.#given(space.given, frame)
    return {
      ...inputs,
      ...Object.fromEntries(named),
      ...Object.fromEntries(frame.flatMap(counter => this.#item(counter, frame))),
      inputs,
      run: this.run,
      error: error ? { ...error, output: error.output ?? null } : null,
      index: round?.number ?? null,
      steps: Object.fromEntries(steps.map(([id, step]) => [id, this.seen(step, frame)])),
      previous: Object.fromEntries(
        steps.flatMap(([id, step]) => {
          const isInside = loop && step.around.includes(loop.block)
          return isInside ? [[id, this.seen(step, before, loop.number === 0 ? null : 'skipped')]] : []
        }),
      ),
    }
  }

  #item({ item, block, number }: Frame[number], frame: Frame): [string, Json][] {
    const each = this.#file.all.get(block)
    if (item === undefined || !each) return []
    return [[item, this.items.get(this.pathOf(each, frame))?.[number] ?? null]]
  }

  #given(id: string, frame: Frame): Record<string, Json> {
    const step = this.#file.all.get(id)
    const output = step && this.settled.get(this.pathOf(step, frame))?.output
    return (output ?? {}) as Record<string, Json>
  }
}

function described(settled: Settled | undefined, absent: Json): Record<string, Json> {
  if (!settled) return { output: null, status: absent, error: null, attempts: 0, usage: null }
  const { output, status, error, attempts } = settled
  return { output, status, error: error ? { ...error, output: error.output ?? null } : null, attempts, usage: null }
}

/** A value inside a text. */
export function asText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
