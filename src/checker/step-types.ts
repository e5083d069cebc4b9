import type { Reference } from '../model/expression-tree.ts'
import type { Json } from '../model/json.ts'
import { isLeaf, listsOf } from '../model/step-lists.ts'
import type { LeafStep, Step } from '../model/step.ts'
import { splitTemplate } from '../parser/template.ts'
import type { Body, Outline, OutlineEntry } from './outline.ts'
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
  environment(references: readonly Reference[], standpoint: Standpoint, isJudging = false): TypeEnvironment {
    const types: [string, ValueType][] = []
    const steps: [string, ValueType][] = []
    for (const { root, member } of references) {
      if (root === 'steps' && member !== undefined) steps.push([member, this.#step(member, standpoint, isJudging)])
      else if (root === 'inputs') types.push([root, openMapOf(this.#inputs)])
      else types.push([root, this.#named(root, standpoint, isJudging)])
    }
    return new TypeEnvironment([['steps', openMapOf(steps)], ...types])
  }

  #named(name: string, standpoint: Standpoint, isJudging: boolean): ValueType {
    if (name === 'error' && standpoint.isHandling) return typeOfError
    if (name === 'index' && standpoint.repeaters.length > 0) return whole
    const each = standpoint.repeaters.findLast(repeater => repeater.kind === 'each' && repeater.item === name)
    if (each?.kind === 'each') return this.#item(each)
    const named = this.#outline.names.get(name)
    if (!named) return this.#inputs.get(name) ?? any
    const type = this.#output(named.step, standpoint, isJudging)
    if (named.key === undefined) return type
    return type.kind === 'map' ? (type.fields.get(named.key) ?? any) : any
  }

  #step(id: string, standpoint: Standpoint, isJudging: boolean): ValueType {
    return typeOfStep(this.#output(id, standpoint, isJudging))
  }

  /** What a step expects is tested on an output that is there; elsewhere it may have been skipped, or have failed. */
  #output(id: string, { reader }: Standpoint, isJudging: boolean): ValueType {
    const entry = this.#outline.entries.get(id)
    const given = this.#given.get(id) ?? any
    if (!entry || (isJudging && reader?.id === id)) return given
    const inside = reader && this.#outline.entries.get(reader.id)
    const around = entry.ancestors.filter(ancestor => ancestor !== reader && !inside?.ancestors.includes(ancestor))
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

const typeOfError: ValueType = openMapOf([
  ['step', text],
  ['reason', text],
  ['message', text],
])

/** True for a step that, where its list goes on, has succeeded by itself. */
function isCertain(step: Step): boolean {
  const isPerhaps = step.kind === 'switch' || (step.kind === 'loop' && step.while !== undefined)
  return step.if === undefined && step.onError === 'fail' && !isPerhaps
}

/** Handlers and undos run only when something has failed. */
function isAttached({ lists }: OutlineEntry): boolean {
  return lists.some(({ role }) => role === 'handler' || role === 'undo')
}
