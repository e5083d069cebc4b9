import type { Reference } from '../model/expression-tree.ts'
import type { Json } from '../model/json.ts'
import { isLeaf, listsOf } from '../model/step-lists.ts'
import type { LeafStep, Step } from '../model/step.ts'
import { splitTemplate } from '../parser/template.ts'
import type { Body, Outline, OutlineEntry } from './outline.ts'
import type { ExpressionSite } from './sites.ts'
import { type Standpoint, standpointOf } from './standpoint.ts'
import { typeOfExpression } from './type-problems.ts'
import {
  any,
  mapOf,
  number,
  openMapOf,
  text,
  truth,
  TypeEnvironment,
  typeOf,
  typeOfStep,
  type ValueType,
  whole,
} from './value-type.ts'

/** Which outputs are taken to be there: that of the step that `expect` tests, or all that a condition cannot do without. */
export type Assumed = 'nothing' | 'own output' | 'all outputs'

/** What is known of the values that the expressions of a workflow read, before there are any. */
export class StepTypes {
  readonly #outline: Outline
  readonly #inputs: ReadonlyMap<string, ValueType>
  /** What each step gives when it succeeds by itself. */
  readonly #given = new Map<string, ValueType>()

  constructor(body: Body, outline: Outline) {
    this.#outline = outline
    this.#inputs = new Map(Object.entries(body.inputs).map(([name, { schema }]) => [name, typeOf(schema)]))
    // In document order, what is inside a block before the block: a value is read after it is given.
    for (const steps of [body.steps, body.finally ?? []]) for (const step of steps) this.#visit(step)
  }

  /** The types of the names that an expression reads at a place; what may be null there is of any type. */
  environment(references: readonly Reference[], standpoint: Standpoint, assumed: Assumed = 'nothing'): TypeEnvironment {
    const types: [string, ValueType][] = []
    const steps: [string, ValueType][] = []
    for (const { root, member } of references) {
      if (root === 'steps' && member !== undefined) steps.push([member, this.#step(member, standpoint, assumed)])
      else if (root === 'inputs') types.push([root, openMapOf(this.#inputs)])
      else types.push([root, this.#named(root, standpoint, assumed)])
    }
    return new TypeEnvironment([['steps', openMapOf(steps)], ...types])
  }

  #named(name: string, standpoint: Standpoint, assumed: Assumed): ValueType {
    if (name === 'run') return typeOfRun
    if (name === 'error' && standpoint.isHandling) return typeOfError
    if (name === 'index' && standpoint.repeaters.length > 0) return whole
    const each = standpoint.repeaters.findLast(repeater => repeater.kind === 'each' && repeater.item === name)
    if (each?.kind === 'each') return this.#item(each)
    const named = this.#outline.names.get(name)
    if (!named) return this.#inputs.get(name) ?? any
    const type = this.#output(named.step, standpoint, assumed)
    if (named.key === undefined) return type
    return type.kind === 'map' ? (type.fields.get(named.key) ?? any) : any
  }

  #step(id: string, standpoint: Standpoint, assumed: Assumed): ValueType {
    return typeOfStep(this.#output(id, standpoint, assumed))
  }

  /** An output may be missing, as its step was skipped or has failed; what a handler gives in its place is unknown. */
  #output(id: string, { reader }: Standpoint, assumed: Assumed): ValueType {
    const entry = this.#outline.entries.get(id)
    const given = this.#given.get(id) ?? any
    if (!entry || (assumed === 'own output' && reader?.id === id)) return given
    if (assumed === 'all outputs' && entry.step.onError !== 'handle') return given
    const inside = reader && this.#outline.entries.get(reader.id)
    const around = entry.ancestors.filter(ancestor => ancestor !== reader && !inside?.ancestors.includes(ancestor))
    // Where a failure is dealt with, or all is over, a step may have come to nothing.
    const isAftermath = inside !== undefined && (isAttached(inside) || inside.lists[0]?.role === 'finally')
    if (isAftermath && !sharesList(entry, inside)) return any
    return [...around, entry.step].every(isCertain) && !isAttached(entry) ? given : any
  }

  #visit(step: Step): void {
    for (const { steps } of listsOf(step)) for (const inner of steps) this.#visit(inner)
    this.#given.set(step.id, this.#typeOf(step))
  }

  #typeOf(step: Step): ValueType {
    if (isLeaf(step)) return this.#leafType(step)
    if (step.kind === 'switch') return any
    const outputs = step.steps.map(inner => (isCertain(inner) ? (this.#given.get(inner.id) ?? any) : any))
    if (step.kind === 'parallel') return mapOf(step.steps.map((inner, index) => [inner.id, outputs[index] ?? any]))
    const last = outputs.at(-1) ?? any
    return step.kind === 'each' ? { kind: 'list', items: last } : last
  }

  #leafType(step: LeafStep): ValueType {
    if (step.output.type === 'schema') return typeOf(step.output.schema)
    // An empty one may stand in for a step that was taken out.
    if (step.kind === 'set' && Object.keys(step.set).length === 0) return any
    if (step.kind === 'set')
      return mapOf(Object.entries(step.set).map(([name, value]) => [name, this.#value(value, step)]))
    const isText = step.output.type === 'text' && (step.kind === 'prompt' || step.kind === 'run')
    return isText ? text : any
  }

  /** The type of a value with templates in it. */
  #value(value: Json, reader: Step): ValueType {
    if (typeof value === 'string') {
      const [only, ...others] = splitTemplate(value).parts
      if (!only || (only.type === 'text' && others.length === 0)) return text
      return only.type === 'expression' && others.length === 0 ? this.#expression(only.source, reader) : text
    }
    // What is written today may be another value tomorrow: that it is a number is known, not which one.
    if (typeof value === 'number') return number
    if (typeof value === 'boolean') return truth
    if (value === null) return any
    if (Array.isArray(value)) return { kind: 'list', items: any }
    return mapOf(Object.entries(value).map(([name, item]) => [name, this.#value(item, reader)]))
  }

  #item(each: Step & { kind: 'each' }): ValueType {
    const list = typeof each.in === 'string' ? this.#expression(each.in, each) : any
    if (list.kind !== 'list') return any
    const isWritten = typeof each.in === 'string' && each.in.startsWith('[')
    return isWritten && 'values' in list.items ? { kind: list.items.kind } : list.items
  }

  #expression(source: string, reader: Step): ValueType {
    const entry = this.#outline.entries.get(reader.id)
    if (!entry) return any
    const references = this.#outline.expressions.references(source)
    return typeOfExpression(source, this.environment(references, standpointOf(entry, 'before', this.#outline)))
  }
}

/** Without a repository a run has no revision and no branch. */
const typeOfRun: ValueType = openMapOf([
  ['id', text],
  ['workflow', text],
  ['status', { kind: 'text', values: ['running', 'succeeded', 'failed', 'cancelled'] }],
  ['trigger', { kind: 'text', values: ['commit', 'manual', 'schedule', 'webhook'] }],
])

const typeOfError: ValueType = openMapOf([
  ['step', text],
  ['reason', text],
  ['message', text],
])

/** A condition, or a list to go through, cannot be null: what the output is when there is one decides. */
export function assumedAt({ source, expects, moment }: ExpressionSite): Assumed {
  const isChain = /^[A-Za-z_][\w.]*$/.test(source)
  if (isChain && (expects === 'boolean' || expects === 'list')) return 'all outputs'
  return moment === 'expect' ? 'own output' : 'nothing'
}

/** True for a step that, where its list goes on, has succeeded by itself. */
function isCertain(step: Step): boolean {
  const isPerhaps = step.kind === 'switch' || (step.kind === 'loop' && step.while !== undefined)
  return step.if === undefined && step.onError === 'fail' && !isPerhaps
}

/** True for steps of one handler, undo or `finally`: what comes first there has settled. */
function sharesList(read: OutlineEntry, reader: OutlineEntry): boolean {
  return read.list === reader.list
}

/** Handlers and undos run only when something has failed. */
function isAttached({ lists }: OutlineEntry): boolean {
  return lists.some(({ role }) => role === 'handler' || role === 'undo')
}
