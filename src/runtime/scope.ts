import { languageNames } from '../checker/outline.ts'
import type { Program } from '../compiler/program.ts'
import { ExpressionError, Expressions, type Scope } from '../model/expression.ts'
import type { Reference } from '../model/expression-tree.ts'
import type { Cause } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { splitTemplate } from '../parser/template.ts'
import type { RunRecord, Settlement, Turns } from './record.ts'

/** Where an expression is read: the loops around it, outermost first, and the turns they are in. */
export interface Viewpoint {
  readonly loops: readonly string[]
  readonly turns: Turns
}

/** Facts of the run that expressions may read as `run.…`. */
export type RunFacts = Readonly<Record<string, Json>>

/** Evaluates the expressions and templates of one run. */
export class Evaluator {
  readonly #program: Program
  readonly #expressions: Expressions
  readonly #record: RunRecord
  readonly #inputs: Readonly<Record<string, Json>>
  readonly #facts: RunFacts

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

  /** Only what the expression reads is put into its scope: a run may have ten thousand steps. */
  #scope(references: readonly Reference[], view: Viewpoint): Scope {
    const turns = Object.fromEntries(view.loops.map(loop => [loop, view.turns[loop] ?? 0]))
    const scope: Record<string, unknown> = { inputs: this.#inputs, run: this.#facts }
    const steps: Record<string, Json> = {}
    const previous: Record<string, Json> = {}
    for (const { root, member } of references) {
      // A name may be one that every object has, such as `toString`.
      const named = Object.hasOwn(this.#program.names, root) ? this.#program.names[root] : undefined
      if (root === 'steps' && member !== undefined) steps[member] = this.#step(member, turns)
      else if (root === 'previous' && member !== undefined) previous[member] = this.#previous(member, view, turns)
      else if (root === 'index') scope['index'] = turns[view.loops.at(-1) ?? ''] ?? null
      else if (named) scope[root] = outputOf(this.#record.settlementOf(named.step, turns), named.key)
      else if (Object.hasOwn(this.#inputs, root)) scope[root] = this.#inputs[root]
    }
    return { ...scope, steps, previous }
  }

  #step(id: string, turns: Turns): Json {
    return this.#program.steps[id] ? describeSettlement(this.#record.settlementOf(id, turns)) : null
  }

  #previous(id: string, view: Viewpoint, turns: Turns): Json {
    const loop = view.loops.at(-1)
    const turn = loop === undefined ? 0 : (turns[loop] ?? 0)
    if (loop === undefined || turn === 0) return describeSettlement(undefined, null)
    return describeSettlement(this.#record.settlementOf(id, { ...turns, [loop]: turn - 1 }))
  }
}

/** A step as expressions see it. One that was never reached counts as skipped. */
function describeSettlement(settlement: Settlement | undefined, absent: Json = 'skipped'): Json {
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
  return new Expressions([...languageNames, ...Object.keys(program.inputs), ...Object.keys(program.names)])
}
