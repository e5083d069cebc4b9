import { languageNames } from '../checker/outline.ts'
import type { Frame, Program } from '../compiler/program.ts'
import { ExpressionError, Expressions, type Scope } from '../model/expression.ts'
import type { Reference } from '../model/expression-tree.ts'
import type { Cause } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { splitTemplate } from '../parser/template.ts'
import type { SecretText } from './ports.ts'
import type { RunRecord, Settlement, Turns } from './record.ts'

/** Where an expression is read: the counters around it, outermost first, and where they stand. */
export interface Viewpoint {
  readonly frames: readonly Frame[]
  readonly turns: Turns
  /** The step whose failure a handler around the place handles. */
  readonly handled?: string | undefined
}

/** The place of what is computed when all steps have settled. */
export const viewAtEnd: Viewpoint = { frames: [], turns: {} }

/** Facts of the run that expressions may read as `run.…`. */
export type RunFacts = Readonly<Record<string, Json>>

/** Evaluates the expressions and templates of one run. */
export class Evaluator {
  readonly #program: Program
  readonly #expressions: Expressions
  readonly #record: RunRecord
  readonly #inputs: Readonly<Record<string, Json>>
  #facts: RunFacts

  constructor(
    program: Program,
    expressions: Expressions,
    record: RunRecord,
    inputs: Record<string, Json>,
    facts: RunFacts,
  ) {
    this.#program = program
    this.#expressions = expressions
    this.#record = record
    this.#inputs = inputs
    this.#facts = facts
  }

  /** Changes facts of the run: how it has ended, say. */
  tell(facts: RunFacts): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  /** The value of a CEL expression. Throws `ExpressionError`. */
  value(source: string, view: Viewpoint): Json {
    return this.#expressions.evaluate(source, this.#scope(this.#expressions.references(source), view))
  }

  /** True or false; anything else is an `ExpressionError`. */
  truth(source: string, view: Viewpoint): boolean {
    const value = this.value(source, view)
    if (typeof value === 'boolean') return value
    throw new ExpressionError(`\`${source}\` is ${describe(value)}, not true or false.`)
  }

  /** A text with each `${…}` replaced: lists and maps as JSON, null as nothing. One pass: values are never read again. */
  text(template: string, view: Viewpoint): string {
    return splitTemplate(template)
      .parts.map(part => (part.type === 'text' ? part.text : toText(this.value(part.source, view))))
      .join('')
  }

  /** A value in which every text is a template; a text that is one lone `${…}` keeps the type of its value. */
  data(template: Json, view: Viewpoint): Json {
    if (typeof template === 'string') {
      const [only, ...others] = splitTemplate(template).parts
      return only?.type === 'expression' && others.length === 0
        ? this.value(only.source, view)
        : this.text(template, view)
    }
    if (Array.isArray(template)) return template.map(item => this.data(item, view))
    if (template === null || typeof template !== 'object') return template
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, this.data(item, view)]))
  }

  /** A text that reads nothing but some values and the run: one of the prompt library. */
  libraryText(template: string, values: Readonly<Record<string, Json>>): string {
    const scope = { ...values, run: this.#facts }
    return splitTemplate(template)
      .parts.map(part => (part.type === 'text' ? part.text : toText(this.#expressions.evaluate(part.source, scope))))
      .join('')
  }

  /** A text that may hold secrets: they stand in it by name. */
  secretText(template: string, view: Viewpoint): SecretText {
    const parts = splitTemplate(template).parts.map(part => {
      if (part.type === 'text') return part.text
      const secret = /^secrets\.(\w+)$/.exec(part.source)?.[1]
      return secret === undefined ? toText(this.value(part.source, view)) : { secret }
    })
    return parts.every(part => typeof part === 'string') ? parts.join('') : parts
  }

  /** An address whose host is literal: what is computed is percent-encoded. */
  address(template: string, view: Viewpoint): string {
    return splitTemplate(template)
      .parts.map(part => (part.type === 'text' ? part.text : encodeURIComponent(toText(this.value(part.source, view)))))
      .join('')
  }

  /** Only what the expression reads is put into its scope: a run may have ten thousand steps. */
  #scope(references: readonly Reference[], view: Viewpoint): Scope {
    const turns = Object.fromEntries(view.frames.map(({ counter }) => [counter, view.turns[counter] ?? 0]))
    const scope: Record<string, unknown> = { inputs: this.#inputs, run: this.#facts }
    const steps: Record<string, Json> = {}
    const previous: Record<string, Json> = {}
    const readsItems = (id: string): boolean =>
      references.some(({ member, field = 'items' }) => member === id && field === 'items')
    for (const { root, member } of references) {
      // A name may be one that every object has, such as `toString`.
      const named = Object.hasOwn(this.#program.names, root) ? this.#program.names[root] : undefined
      const each = this.#eachOf(root, view)
      if (root === 'steps' && member !== undefined) steps[member] = this.#step(member, readsItems(member), turns)
      else if (root === 'previous' && member !== undefined) previous[member] = this.#previous(member, view, turns)
      else if (root === 'index') scope['index'] = indexOf(view, turns)
      else if (root === 'error') scope['error'] = this.#error(view, turns)
      else if (each !== undefined) scope[root] = this.#item(each, turns)
      else if (named) scope[root] = outputOf(this.#record.settlementOf(named.step, turns), named.key)
      else if (Object.hasOwn(this.#inputs, root)) scope[root] = this.#inputs[root]
    }
    return { ...scope, steps, previous }
  }

  #step(id: string, readsItems: boolean, turns: Turns): Json {
    const kind = this.#program.steps[id]?.work.kind
    if (kind === undefined) return null
    const state = describeSettlement(this.#record.settlementOf(id, turns))
    const hasItems = (kind === 'loop' || kind === 'each') && readsItems
    const items = hasItems ? this.#record.rounds(id, turns).map(round => describeSettlement(round)) : null
    return { ...state, items }
  }

  #previous(id: string, view: Viewpoint, turns: Turns): Json {
    const loop = view.frames.findLast(({ block, counter }) => block === counter && this.#kindOf(block) === 'loop')
    const turn = loop === undefined ? 0 : (turns[loop.counter] ?? 0)
    if (loop === undefined || turn === 0) return describeSettlement(undefined, null)
    const before = view.frames.slice(0, view.frames.indexOf(loop)).map(({ counter }) => counter)
    const earlier = Object.fromEntries(before.map(counter => [counter, turns[counter] ?? 0]))
    return describeSettlement(this.#record.settlementOf(id, { ...earlier, [loop.counter]: turn - 1 }))
  }

  /** The `each` around a place that gives its item this name. */
  #eachOf(name: string, { frames }: Viewpoint): string | undefined {
    return frames.findLast(({ block, counter }) => {
      const work = this.#program.steps[block]?.work
      return block === counter && work?.kind === 'each' && work.item === name
    })?.block
  }

  #item(each: string, turns: Turns): Json {
    const path = this.#record.pathOf(each, turns)
    return (path === undefined ? undefined : this.#record.items(path)[turns[each] ?? 0]) ?? null
  }

  #error({ handled }: Viewpoint, turns: Turns): Json {
    return describeCause(handled === undefined ? undefined : this.#record.settlementOf(handled, turns)?.error)
  }

  #kindOf(step: string): string | undefined {
    return this.#program.steps[step]?.work.kind
  }
}

/** The turn or item of the innermost loop or `each`. */
function indexOf({ frames }: Viewpoint, turns: Turns): number | null {
  const innermost = frames.findLast(({ block, counter }) => block === counter)
  return innermost ? (turns[innermost.counter] ?? 0) : null
}

/** A step as expressions see it. One that was never reached counts as skipped. */
function describeSettlement(settlement: Settlement | undefined, absent: Json = 'skipped'): Record<string, Json> {
  return {
    output: settlement?.output ?? null,
    status: settlement?.status ?? absent,
    error: describeCause(settlement?.error),
    attempts: settlement?.attempts ?? 0,
    usage: settlement?.usage ? { ...settlement.usage } : null,
  }
}

function describeCause(cause: Cause | undefined): Json {
  if (!cause) return null
  const { step, reason, message, output = null } = cause
  return { step, reason, message, output }
}

function outputOf(settlement: Settlement | undefined, key: string | undefined): Json {
  const output = settlement?.output ?? null
  if (key === undefined) return output
  return output !== null && typeof output === 'object' && !Array.isArray(output) ? (output[key] ?? null) : null
}

/** A value inside text: lists and maps as JSON, null as nothing. */
export function toText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function describe(value: Json): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'a map'
        : JSON.stringify(value)
}

/** The expression environment of a program. */
export function expressionsOf(program: Program): Expressions {
  const names = Object.values(program.steps).flatMap(({ work }) => {
    if (work.kind === 'each') return [work.item]
    return work.kind === 'prompt' && work.with ? Object.keys(work.with) : []
  })
  return new Expressions([...languageNames, ...Object.keys(program.inputs), ...Object.keys(program.names), ...names])
}
