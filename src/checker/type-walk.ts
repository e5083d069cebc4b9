import { functions } from '../model/expression-functions.ts'
import type { Operator } from '../model/expression-operators.ts'
import { type ExpressionTree, printExpression } from '../model/expression-parser.ts'
import { isMacro } from '../model/expression-tree.ts'
import { canAccept, isPerhaps, typeOfOperation, typeOfResult } from './type-operators.ts'
import {
  type Complaint,
  divisionDrops,
  misfit,
  nullRead,
  type TypeProblem,
  unfitArgument,
  noChoice,
  noFields,
  unfitOperands,
  unknownField,
  unknownValue,
  type Wanted,
} from './type-messages.ts'
import {
  any,
  joined,
  mapOf,
  number,
  openMapOf,
  text,
  truth,
  type TypeEnvironment,
  type Scalar,
  typeOfLiteral,
  typeOfValue,
  valuesOf,
  type ValueType,
  whole,
} from './value-type.ts'

/** Finds the type of each part of an expression, and what is wrong with it. */
export class TypeWalk {
  readonly problems: TypeProblem[] = []
  /** Inside `first` and `has` a missing link is no mistake, and what stands after it need not be reached. */
  #isLenient = false

  typeOf(node: ExpressionTree, names: TypeEnvironment): ValueType {
    switch (node.op) {
      case 'value':
        return typeOfLiteral(node.args)
      case 'id':
        return names.typeOf(node.args)
      case '.':
      case '.?':
        return this.#member(node, node.args[0], typeOfValue(node.args[1]), names)
      case '[]':
      case '[?]':
        return this.#member(node, node.args[0], this.typeOf(node.args[1], names), names)
      case 'call':
        return this.#call(node, node.args[0], node.args[1], names)
      case 'rcall':
        return this.#callOn(node, node.args, names)
      case 'list':
        return { kind: 'list', items: joined(node.args.map(item => this.typeOf(item, names))) }
      case 'map':
        return this.#map(node.args, names)
      case '?:':
        this.#condition(node.args[0], names)
        return joined([this.typeOf(node.args[1], names), this.typeOf(node.args[2], names)])
      case '||':
        return this.#either(node.args, names)
      case '&&':
        for (const side of node.args) this.#condition(side, names)
        return truth
      case '!_':
        this.#condition(node.args, names)
        return truth
      case '-_':
        return this.#negative(node.args, names)
      default:
        return this.#operation(node, node.op, node.args, names)
    }
  }

  /** Complains when a part can never be of the kind that its place asks for. */
  expect(kind: Wanted, node: ExpressionTree, type: ValueType): void {
    const fits = kind === 'scalar' ? type.kind !== 'map' && type.kind !== 'list' : isPerhaps(kind, type)
    if (!fits) this.#complain(node, misfit(kind, printExpression(node), type))
  }

  #condition(node: ExpressionTree, names: TypeEnvironment): void {
    this.expect('boolean', node, this.typeOf(node, names))
  }

  #either([left, right]: readonly [ExpressionTree, ExpressionTree], names: TypeEnvironment): ValueType {
    const type = this.typeOf(left, names)
    if (isPerhaps('boolean', type)) this.#condition(right, names)
    else this.#complain(left, noChoice(printExpression(left), type, printExpression(right)))
    return isPerhaps('boolean', type) ? truth : any
  }

  #negative(node: ExpressionTree, names: TypeEnvironment): ValueType {
    const type = this.typeOf(node, names)
    this.expect('number', node, type)
    return type.kind === 'number' && type.isWhole ? whole : number
  }

  #operation(
    node: ExpressionTree,
    operator: Operator,
    [leftNode, rightNode]: readonly [ExpressionTree, ExpressionTree],
    names: TypeEnvironment,
  ): ValueType {
    const left = this.typeOf(leftNode, names)
    const right = this.typeOf(rightNode, names)
    const type = typeOfOperation(operator, left, right)
    if (!type) {
      this.#complain(node, unfitOperands(operator, printExpression(leftNode), left, printExpression(rightNode), right))
      return any
    }
    if (operator === '/' && type === whole && !isExact(left, right)) {
      this.#complain(node, divisionDrops(printExpression(leftNode), printExpression(rightNode)))
    }
    if (operator === '==' || operator === '!=') {
      this.#values(leftNode, left, rightNode, right)
      this.#values(rightNode, right, leftNode, left)
    }
    if (operator === 'in') this.#valuesIn(leftNode, left, rightNode, right)
    return type
  }

  /** Complains about a literal that the other side never is. */
  #values(literal: ExpressionTree, { kind }: ValueType, other: ExpressionTree, type: ValueType): void {
    if (literal.op !== 'value' || kind !== type.kind || !('values' in type) || !type.values) return
    const [value] = valuesOf(typeOfLiteral(literal.args))
    if (value === undefined || other.op === 'value' || type.values.includes(value)) return
    this.#complain(literal, unknownValue(printExpression(other), value, type.values))
  }

  #valuesIn(item: ExpressionTree, itemType: ValueType, list: ExpressionTree, listType: ValueType): void {
    if (list.op !== 'list') {
      if (listType.kind === 'list') this.#values(item, itemType, list, listType.items)
      return
    }
    for (const literal of list.args) {
      if (literal.op === 'value') this.#values(literal, typeOfLiteral(literal.args), item, itemType)
    }
  }

  #map(entries: readonly (readonly [ExpressionTree, ExpressionTree])[], names: TypeEnvironment): ValueType {
    const fields: [string, ValueType][] = []
    for (const [keyNode, itemNode] of entries) {
      const key = this.typeOf(keyNode, names)
      const item = this.typeOf(itemNode, names)
      const [name] = keyNode.op === 'value' ? valuesOf(key) : []
      if (name !== undefined) fields.push([String(name), item])
    }
    return fields.length === entries.length ? mapOf(fields) : openMapOf([])
  }

  #member(node: ExpressionTree, whole: ExpressionTree, key: ValueType, names: TypeEnvironment): ValueType {
    const owner = this.typeOf(whole, names)
    const [name] = valuesOf(key)
    if (owner.kind === 'any') return any
    if (owner.kind === 'list' && isPerhaps('number', key)) return owner.items
    if (owner.kind === 'map') return this.#field(node, owner, name, whole)
    if (this.#isLenient) return any
    const source = printExpression(whole)
    this.#complain(node, owner.kind === 'null' ? nullRead(source, name) : noFields(source, owner, name))
    return any
  }

  #field(
    node: ExpressionTree,
    { fields, isClosed }: Extract<ValueType, { kind: 'map' }>,
    name: Scalar | undefined,
    whole: ExpressionTree,
  ): ValueType {
    const field = name === undefined ? any : fields.get(String(name))
    if (field || !isClosed) return field ?? any
    this.#complain(node, unknownField(printExpression(whole), String(name), [...fields.keys()]))
    return any
  }

  #call(node: ExpressionTree, name: string, values: readonly ExpressionTree[], names: TypeEnvironment): ValueType {
    if (name === 'first' || name === 'has') {
      const types = this.#leniently(() => values.map(value => this.typeOf(value, names)))
      if (name === 'has') return truth
      // Where even the last value can be missing, the result can be null.
      return values.at(-1)?.op === 'value' ? joined(types) : any
    }
    const types = values.map(value => this.typeOf(value, names))
    const signature = functions.get(name)?.find(({ parameters }) => parameters.length === values.length)
    if (!signature) return any
    signature.parameters.forEach((parameter, index) => {
      const [type = any, value = node] = [types[index], values[index]]
      if (!canAccept(parameter, type))
        this.#complain(value, unfitArgument(name, parameter, printExpression(value), type))
    })
    return typeOfResult[signature.result]
  }

  #leniently<T>(walk: () => T): T {
    const before = this.#isLenient
    this.#isLenient = true
    try {
      return walk()
    } finally {
      this.#isLenient = before
    }
  }

  #callOn(
    node: ExpressionTree,
    [name, receiver, values]: readonly [string, ExpressionTree, ExpressionTree[]],
    names: TypeEnvironment,
  ): ValueType {
    const [variable, ...bodies] = values
    if (!isMacro(name, values.length) || variable?.op !== 'id') {
      return this.#call(node, name, [receiver, ...values], names)
    }
    const list = this.typeOf(receiver, names)
    // A macro over a map goes over its keys.
    const item = list.kind === 'list' ? list.items : list.kind === 'map' ? text : any
    if (list.kind !== 'map') this.expect('list', receiver, list)
    const inside = names.with(variable.args, item)
    const last = bodies.pop() ?? receiver
    for (const body of bodies) this.#condition(body, inside)
    const type = this.typeOf(last, inside)
    if (name === 'map') return { kind: 'list', items: type }
    this.expect('boolean', last, type)
    return name === 'filter' ? { kind: 'list', items: item } : truth
  }

  #complain({ start, end }: ExpressionTree, complaint: Complaint): void {
    this.problems.push({ ...complaint, ...(this.#isLenient && { severity: 'warning' }), start, end })
  }
}

/** Whether two literals divide without anything left over. */
function isExact(left: ValueType, right: ValueType): boolean {
  const [a] = valuesOf(left)
  const [b] = valuesOf(right)
  return typeof a === 'number' && typeof b === 'number' && b !== 0 && a % b === 0
}
