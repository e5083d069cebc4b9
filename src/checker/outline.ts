import { canNameValue, Expressions } from '../model/expression.ts'
import type { Reference } from '../model/expression-tree.ts'
import { childLists, type Step } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import { expressionSites } from './sites.ts'

/** A list of steps and the block that holds it; the top list has no block. */
export interface List {
  readonly steps: readonly Step[]
  readonly block: Step | undefined
}

export interface OutlineEntry {
  readonly step: Step
  readonly list: List
  readonly index: number
  /** The blocks around the step, outermost first. */
  readonly ancestors: readonly Step[]
}

/** Where each step of a workflow stands, and what it reads. Ids are unique: the checker has seen to it. */
export class Outline {
  readonly entries = new Map<string, OutlineEntry>()
  readonly lists: List[] = []
  /** `as` name → the step it names, and the key of its output when the step names several. */
  readonly names = new Map<string, { readonly step: string; readonly key?: string }>()
  readonly expressions: Expressions
  readonly #reads = new Map<string, ReadonlySet<string>>()

  constructor(workflow: Pick<Workflow, 'steps' | 'inputs'>) {
    this.#enter({ steps: workflow.steps, block: undefined }, [])
    this.expressions = new Expressions(variableNames(workflow, this.names.keys()))
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
    for (const child of childLists(step).flat()) for (const id of this.reads(child)) found.add(id)
    this.#reads.set(step.id, found)
    return found
  }

  /** The member of a list that is a step or holds it; undefined when it is elsewhere. */
  memberOf(list: List, id: string): Step | undefined {
    const entry = this.entries.get(id)
    if (!entry) return undefined
    return [...entry.ancestors, entry.step].find(step => this.entries.get(step.id)?.list === list)
  }

  #enter(list: List, ancestors: readonly Step[]): void {
    this.lists.push(list)
    list.steps.forEach((step, index) => {
      this.entries.set(step.id, { step, list, index, ancestors })
      this.#name(step)
      for (const steps of childLists(step)) this.#enter({ steps, block: step }, [...ancestors, step])
    })
  }

  #name(step: Step): void {
    if (typeof step.as === 'string') this.names.set(step.as, { step: step.id })
    else for (const key of step.as ?? []) this.names.set(key, { step: step.id, key })
  }
}

/** Names that every expression of a workflow may use. */
export const languageNames: readonly string[] = ['inputs', 'steps', 'index', 'previous', 'run']

function variableNames(workflow: Pick<Workflow, 'inputs'>, names: Iterable<string>): Set<string> {
  // The others are reported when the names are checked.
  return new Set([...languageNames, ...Object.keys(workflow.inputs), ...names].filter(canNameValue))
}
