import { isMap, type Json } from '../model/json.ts'
import { type Kind, kindKeys } from '../model/step-source.ts'

/** A step as it was written, apart from the steps inside it. */
export interface WrittenStep {
  /** Its id, or for a step without one the name that the checker would make. */
  readonly name: string
  readonly isNamed: boolean
  readonly kind: string
  /** Its own fields; of a block, what decides how its lists are run. */
  readonly fields: Readonly<Record<string, Json>>
  /** All that was written, with the steps inside: what tells whether two steps are the same. */
  readonly written: Json
  readonly lists: readonly StepList[]
  readonly at: StepPosition
}

export interface StepPosition {
  /** Undefined at the top. */
  readonly parent: WrittenStep | undefined
  readonly list: StepList
  readonly index: number
}

/** A list of steps. `label` is what it is to the step around it; in a `parallel` one nobody waits for the one above. */
export interface StepList {
  readonly label: string
  readonly isParallel: boolean
  readonly steps: readonly WrittenStep[]
}

/** A workflow as it was written: its head, and its steps in the order of the file. */
export interface WrittenWorkflow {
  readonly head: Readonly<Record<string, Json>>
  readonly lists: readonly StepList[]
  readonly steps: readonly WrittenStep[]
}

/** What stands in a workflow, sound or not: the value of a document that was read. */
export function outlineOf(value: unknown): WrittenWorkflow {
  const reader = new OutlineReader()
  const { steps, finally: last, ...head } = isMap(value) ? (value as Record<string, Json>) : { '': value as Json }
  const lists = [reader.list('steps', steps, undefined), reader.list('finally', last, undefined)]
  const odd = { ...(isNoList(steps) && { steps }), ...(isNoList(last) && { finally: last }) }
  return { head: { ...head, ...odd }, lists, steps: reader.steps }
}

interface WrittenList {
  readonly label: string
  readonly value: Json
  readonly isParallel?: boolean
}

class OutlineReader {
  readonly steps: WrittenStep[] = []
  readonly #names = new Set<string>()
  readonly #unnamed = new Map<string, number>()

  list(label: string, value: unknown, parent: WrittenStep | undefined, isParallel = false): StepList {
    const steps: WrittenStep[] = []
    const list = { label, isParallel, steps }
    if (!Array.isArray(value)) return list
    value.forEach((item: Json, index) => steps.push(this.#step(item, { parent, list, index })))
    return list
  }

  #step(written: Json, at: StepPosition): WrittenStep {
    const source = isMap(written) ? (written as Record<string, Json>) : { '': written }
    const kind = kindKeys.find(key => source[key] !== undefined) ?? 'set'
    const { fields, lists: inner } = takeApart(source, kind)
    const lists: StepList[] = []
    const step = { ...this.#nameOf(source['id'], kind), kind, fields, written, lists, at }
    this.steps.push(step)
    for (const { label, value, isParallel } of inner) lists.push(this.list(label, value, step, isParallel))
    return step
  }

  #nameOf(id: Json | undefined, kind: string): Pick<WrittenStep, 'name' | 'isNamed'> {
    if (typeof id === 'string' && !this.#names.has(id)) {
      this.#names.add(id)
      return { name: id, isNamed: true }
    }
    const count = (this.#unnamed.get(kind) ?? 0) + 1
    this.#unnamed.set(kind, count)
    return { name: `${kind}-${count}`, isNamed: false }
  }
}

/** The fields of a step that are its own, and the lists of steps inside it. */
function takeApart(
  source: Readonly<Record<string, Json>>,
  kind: Kind,
): { fields: Record<string, Json>; lists: WrittenList[] } {
  const { id: _, undo, ...own } = source
  const fields: Record<string, Json> = own
  const lists = [...bodyOf(fields, kind)]
  const handler = fields['on-error']
  if (isMap(handler) && Array.isArray(handler['steps'])) {
    lists.push({ label: 'on-error', value: handler['steps'] })
    // That there is a handler is said by the steps in it.
    fields['on-error'] = { ...handler, steps: true }
  }
  if (isMap(undo)) lists.push({ label: 'undo', value: [undo] })
  else if (undo !== undefined) fields['undo'] = undo
  return { fields, lists }
}

/** The lists of a block; they are taken out of its fields. */
function bodyOf(fields: Record<string, Json>, kind: Kind): WrittenList[] {
  const body = fields[kind]
  if ((kind === 'parallel' || kind === 'steps') && Array.isArray(body)) {
    delete fields[kind]
    return [{ label: 'body', value: body, isParallel: kind === 'parallel' }]
  }
  if ((kind === 'loop' || kind === 'each') && isMap(body) && Array.isArray(body['steps'])) {
    const { steps, ...rest } = body
    fields[kind] = rest
    return [{ label: 'body', value: steps }]
  }
  return kind === 'switch' ? branchesOf(fields) : []
}

function branchesOf(fields: Record<string, Json>): WrittenList[] {
  const { switch: chooser, cases, default: last } = fields
  const branches: WrittenList[] = []
  if (Array.isArray(chooser)) {
    for (const branch of chooser) if (isMap(branch)) branches.push(whenBranch(branch))
    fields['switch'] = chooser.map(branch => (isMap(branch) ? withoutSteps(branch as Record<string, Json>) : branch))
  }
  if (isMap(cases)) {
    for (const [value, steps] of Object.entries(cases)) branches.push({ label: `case ${value}`, value: steps })
    fields['cases'] = Object.keys(cases)
  }
  if (Array.isArray(last)) {
    branches.push({ label: 'default', value: last })
    fields['default'] = true
  }
  return branches
}

function whenBranch({ when, steps }: Record<string, Json>): WrittenList {
  return {
    label: when === undefined ? 'default' : `when ${typeof when === 'string' ? when : JSON.stringify(when)}`,
    value: steps ?? null,
  }
}

function withoutSteps(branch: Record<string, Json>): Json {
  const { steps: _, ...rest } = branch
  return rest
}

function isNoList(value: Json | undefined): value is Json {
  return value !== undefined && !Array.isArray(value)
}
