import type { ExpressionTree } from './expression-parser.ts'
import { accepts, functions, parameterNames } from './expression-functions.ts'
import { describe, negate, operate, toKey } from './expression-operators.ts'
import { isMacro } from './expression-tree.ts'
import { Budget, ExpressionFailure, isList, isValueMap, MissingLink, toJson, type Value } from './expression-value.ts'
import type { Json } from './json.ts'

/** To throw and to catch takes as long as this many steps. */
const stepsOfFailure = 200

/** The variables of the macros around a place, innermost first. */
interface Locals {
  readonly name: string
  readonly value: Value
  readonly outer: Locals | undefined
}

/**
 * The value of an expression as JSON. What it reads is data: own members of maps and items of lists, never code.
 *
 * Throws `ExpressionFailure` where it has no value, `BudgetExceeded` where it would take too long.
 */
export function evaluateTree(tree: ExpressionTree, scope: Readonly<Record<string, unknown>>): Json {
  const evaluation = new Evaluation(scope)
  return toJson(evaluation.value(tree, undefined), evaluation.budget)
}

class Evaluation {
  readonly budget = new Budget()
  readonly #scope: Readonly<Record<string, unknown>>

  constructor(scope: Readonly<Record<string, unknown>>) {
    this.#scope = scope
  }

  value(node: ExpressionTree, locals: Locals | undefined): Value {
    this.budget.spend(1)
    switch (node.op) {
      case 'value':
        if (node.args !== null && typeof node.args === 'object') throw new ExpressionFailure('it holds what is no JSON')
        return node.args
      case 'id':
        return this.#read(node.args, locals)
      case '.':
      case '.?':
        return memberOf(this.value(node.args[0], locals), node.args[1])
      case '[]':
      case '[?]':
        return memberOf(this.value(node.args[0], locals), this.value(node.args[1], locals))
      case 'call':
        return this.#call(node.args[0], node.args[1], locals)
      case 'rcall':
        return this.#callOn(node.args, locals)
      case 'list':
        return node.args.map(item => this.value(item, locals))
      case 'map':
        return Object.fromEntries(node.args.map(([key, item]) => this.#entry(key, item, locals)))
      case '?:':
        return this.value(this.#truth(node.args[0], locals) ? node.args[1] : node.args[2], locals)
      case '||':
        return this.#isAny(true, node.args, item => this.#truth(item, locals))
      case '&&':
        return !this.#isAny(false, node.args, item => this.#truth(item, locals))
      case '!_':
        return !this.#truth(node.args, locals)
      case '-_':
        return negate(this.value(node.args, locals))
      default:
        return operate(node.op, this.value(node.args[0], locals), this.value(node.args[1], locals), this.budget)
    }
  }

  #read(name: string, locals: Locals | undefined): Value {
    for (let local = locals; local; local = local.outer) if (local.name === name) return local.value
    const value = Object.hasOwn(this.#scope, name) ? this.#scope[name] : undefined
    if (value !== undefined) return value as Value
    throw new ExpressionFailure(`nothing is called "${name}" here`)
  }

  #entry(key: ExpressionTree, item: ExpressionTree, locals: Locals | undefined): [string, Value] {
    return [toKey(this.value(key, locals)), this.value(item, locals)]
  }

  #truth(node: ExpressionTree, locals: Locals | undefined): boolean {
    const value = this.value(node, locals)
    if (typeof value === 'boolean') return value
    throw new ExpressionFailure(`${describe(value)} stands where true or false is expected`)
  }

  /**
   * Whether one of the items has the decisive truth. As CEL has it, such an item decides whatever the others are, even
   * failures; the first failure counts where none decides.
   */
  #isAny<T>(decisive: boolean, items: readonly T[], truth: (item: T) => boolean): boolean {
    let failure: ExpressionFailure | undefined
    for (const item of items) {
      try {
        if (truth(item) === decisive) return true
      } catch (error) {
        if (!(error instanceof ExpressionFailure)) throw error
        this.budget.spend(stepsOfFailure)
        failure ??= error
      }
    }
    if (failure) throw failure
    return false
  }

  #call(name: string, nodes: readonly ExpressionTree[], locals: Locals | undefined): Value {
    if (name === 'first') return this.#first(nodes, locals)
    if (name === 'has') return nodes.length === 1 && nodes.every(node => this.#tried(node, locals) !== undefined)
    const signatures = functions.get(name)
    const signature = signatures?.find(({ parameters }) => parameters.length === nodes.length)
    if (!signature) throw new ExpressionFailure(`no function is called "${name}" and takes ${nodes.length} values`)
    const values = nodes.map((node, index) => {
      const value = this.value(node, locals)
      const parameter = signature.parameters[index] ?? 'any'
      if (typeof value === 'string') this.budget.spendOnText(value.length)
      if (accepts(parameter, value, this.budget)) return value
      throw new ExpressionFailure(`${name}() takes ${parameterNames[parameter]}, not ${describe(value)}`)
    })
    return signature.compute(this.budget, values)
  }

  /** The first value that is there and not null. */
  #first(nodes: readonly ExpressionTree[], locals: Locals | undefined): Value {
    for (const node of nodes) {
      const value = this.#tried(node, locals)
      if (value !== undefined && value !== null) return value
    }
    return null
  }

  /** The value of a node, or undefined where a link in it is missing. */
  #tried(node: ExpressionTree, locals: Locals | undefined): Value | undefined {
    try {
      return this.value(node, locals)
    } catch (error) {
      if (!(error instanceof MissingLink)) throw error
      this.budget.spend(stepsOfFailure)
      return undefined
    }
  }

  #callOn([name, receiver, nodes]: [string, ExpressionTree, ExpressionTree[]], locals: Locals | undefined): Value {
    const [variable, ...bodies] = nodes
    if (!isMacro(name, nodes.length) || variable?.op !== 'id') return this.#call(name, [receiver, ...nodes], locals)
    return this.#macro(name, this.#items(receiver, locals), variable.args, bodies, locals)
  }

  #items(receiver: ExpressionTree, locals: Locals | undefined): readonly Value[] {
    const value = this.value(receiver, locals)
    if (isList(value)) return value
    if (isValueMap(value)) return Object.keys(value)
    throw new ExpressionFailure(`${describe(value)} stands where a list is expected`)
  }

  #macro(
    name: string,
    items: readonly Value[],
    variable: string,
    bodies: readonly ExpressionTree[],
    outer: Locals | undefined,
  ): Value {
    const [body, ...more] = bodies as [ExpressionTree, ...ExpressionTree[]]
    const inside = (value: Value): Locals => ({ name: variable, value, outer })
    const holds = (item: Value): boolean => this.#truth(body, inside(item))
    switch (name) {
      case 'all':
        return !this.#isAny(false, items, holds)
      case 'exists':
        return this.#isAny(true, items, holds)
      case 'exists_one':
        return items.filter(holds).length === 1
      case 'filter':
        return items.filter(holds)
      default: {
        const [transform = body] = more
        const kept = more.length === 0 ? items : items.filter(holds)
        return kept.map(item => this.value(transform, inside(item)))
      }
    }
  }
}

/** An own member of a map or an item of a list. Throws `MissingLink` where there is none. */
function memberOf(whole: Value, key: Value): Value {
  if (isList(whole)) {
    const item = typeof key === 'number' || typeof key === 'bigint' ? whole[Number(key)] : undefined
    if (item !== undefined) return item
    throw new MissingLink(`there is no item ${describe(key)} in a list of ${whole.length}`)
  }
  if (!isValueMap(whole)) throw new MissingLink(`"${toKey(key)}" is read of ${describe(whole)}`)
  const name = toKey(key)
  const member = Object.hasOwn(whole, name) ? whole[name] : undefined
  if (member !== undefined) return member
  throw new MissingLink(`there is no key "${name}"`)
}
