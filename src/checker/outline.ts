import { canNameValue, Expressions } from '../model/expression.ts'
import type { Reference } from '../model/expression-tree.ts'
import { listsOf, type ListRole } from '../model/step-lists.ts'
import type { EachStep, LoopStep, Step } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import { expressionSites } from './sites.ts'

/** What a workflow and a template have in common. */
export type Body = Pick<Workflow, 'inputs' | 'steps' | 'finally' | 'outputs'>

/** A list of steps, the step that it belongs to, and as what; the top list and `finally` belong to none. */
export interface List {
  readonly steps: readonly Step[]
  readonly block: Step | undefined
  readonly role: ListRole | 'top' | 'finally'
}

export interface OutlineEntry {
  readonly step: Step
  readonly list: List
  readonly index: number
  /** The steps around this one, outermost first: blocks, and those whose handler or undo it is in. */
  readonly ancestors: readonly Step[]
  /** The lists around the step, outermost first, its own last. */
  readonly lists: readonly List[]
  /** The loops and `each` whose turns and items the step is in, outermost first. */
  readonly repeaters: readonly Repeater[]
}

/** A step whose body runs several times: a turn or an item. */
export type Repeater = LoopStep | EachStep

/** Where each step of a workflow stands, and what it reads. Ids are unique: the checker has seen to it. */
export class Outline {
  readonly entries = new Map<string, OutlineEntry>()
  readonly lists: List[] = []
  /** `as` name → the step it names, and the key of its output when the step names several. */
  readonly names = new Map<string, { readonly step: string; readonly key?: string }>()
  readonly expressions: Expressions
  readonly #listOf = new Map<readonly Step[], List>()
  readonly #reads = new Map<string, ReadonlySet<string>>()

  constructor(workflow: Pick<Workflow, 'steps' | 'inputs' | 'finally'>) {
    const around = { ancestors: [], lists: [], repeaters: [] }
    this.#enter({ steps: workflow.steps, block: undefined, role: 'top' }, around)
    if (workflow.finally) this.#enter({ steps: workflow.finally, block: undefined, role: 'finally' }, around)
    this.expressions = new Expressions(variableNames(workflow, this.names.keys(), itemNames(this.entries)))
  }

  /** The list that some steps are. */
  listOf(steps: readonly Step[]): List {
    const list = this.#listOf.get(steps)
    if (!list) throw new Error('these steps are no list of the workflow')
    return list
  }

  /** The step an expression's reference reads, if it reads one. */
  stepOf(reference: Reference): string | undefined {
    if (reference.root === 'steps') return reference.member
    return this.names.get(reference.root)?.step
  }

  /** The ids that a step and the steps inside it read; reads of an earlier turn do not count. */
  reads(step: Step): ReadonlySet<string> {
    const known = this.#reads.get(step.id)
    if (known) return known
    const found = new Set<string>()
    for (const site of expressionSites(step)) {
      for (const reference of this.expressions.references(site.source)) {
        const id = this.stepOf(reference)
        if (id !== undefined && this.entries.has(id)) found.add(id)
      }
    }
    for (const { steps } of listsOf(step)) for (const child of steps) for (const id of this.reads(child)) found.add(id)
    this.#reads.set(step.id, found)
    return found
  }

  /** The member of a list that is a step or holds it; undefined when it is elsewhere. */
  memberOf(list: List, id: string): Step | undefined {
    const entry = this.entries.get(id)
    const level = entry ? entry.lists.indexOf(list) : -1
    return entry && level !== -1 ? (entry.ancestors[level] ?? entry.step) : undefined
  }

  #enter(list: List, around: Pick<OutlineEntry, 'ancestors' | 'lists' | 'repeaters'>): void {
    this.lists.push(list)
    this.#listOf.set(list.steps, list)
    const lists = [...around.lists, list]
    list.steps.forEach((step, index) => {
      this.entries.set(step.id, { ...around, step, list, index, lists })
      this.#name(step)
      const ancestors = [...around.ancestors, step]
      for (const { role, steps } of listsOf(step)) {
        const isRepeated = role === 'body' && (step.kind === 'loop' || step.kind === 'each')
        const repeaters = isRepeated ? [...around.repeaters, step] : around.repeaters
        this.#enter({ steps, block: step, role }, { ancestors, lists, repeaters })
      }
    })
  }

  #name(step: Step): void {
    for (const name of [step.as ?? []].flat()) {
      // A word of the language keeps its meaning; that no output may have that name is told elsewhere.
      if (languageNames.includes(name)) continue
      this.names.set(name, typeof step.as === 'string' ? { step: step.id } : { step: step.id, key: name })
    }
  }
}

/** Names that every expression of a workflow may use. */
export const languageNames: readonly string[] = [
  ...['inputs', 'steps', 'item', 'index', 'previous', 'run', 'error', 'secrets'],
]

/** What each `each` of a workflow calls its item. */
function itemNames(entries: Outline['entries']): string[] {
  return [...entries.values()].flatMap(({ step }) => (step.kind === 'each' ? [step.item] : []))
}

function variableNames(
  workflow: Pick<Workflow, 'inputs'>,
  names: Iterable<string>,
  items: readonly string[],
): Set<string> {
  // The others are reported when the names are checked.
  return new Set([...languageNames, ...Object.keys(workflow.inputs), ...names, ...items].filter(canNameValue))
}
