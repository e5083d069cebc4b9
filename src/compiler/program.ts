import type { Span } from '../model/diagnostic.ts'
import type { Json } from '../model/json.ts'
import type { List } from '../checker/outline.ts'
import type { Permissions } from '../checker/permissions.ts'
import type { Branch, LeafStep, Limits, Step, SwitchStep } from '../model/step.ts'
import type { Concurrency, Input, Triggers } from '../model/workflow.ts'

/** A named reference of a chart: what it is called and what it is told. Never a function, so that a chart is JSON. */
export interface Reference {
  readonly type: string
  readonly params?: { readonly [key: string]: Json }
}

export interface Transition {
  readonly target?: string
  readonly guard?: Reference
  readonly actions?: readonly Reference[]
}

export interface Invocation {
  readonly id: string
  readonly src: 'step' | 'scheduler' | 'each'
  /** `path` is a template: `refine/{refine}/judge`, where `{refine}` is the turn of that loop. */
  readonly input: { readonly step: string; readonly path: string }
  readonly onDone: readonly Transition[]
}

/** A state of an XState 5 machine config, as plain JSON. */
export interface ChartState {
  readonly id?: string
  readonly type?: 'final' | 'parallel'
  readonly description?: string
  readonly initial?: string
  readonly states?: Readonly<Record<string, ChartState>>
  readonly entry?: readonly Reference[]
  readonly invoke?: Invocation
  readonly always?: readonly Transition[]
  readonly onDone?: readonly Transition[]
  readonly on?: Readonly<Record<string, readonly Transition[]>>
  /** Of a final state at the top: what the chart’s actor ends with. */
  readonly output?: { readonly status: 'succeeded' | 'failed' }
}

/** An XState 5 machine config made of named references only. */
export interface Chart extends ChartState {
  readonly id: string
}

type Alone<S> = Omit<S, 'steps' | 'branches' | 'handler' | 'undo'>
type Blocks = Exclude<Step, LeafStep | SwitchStep>

/** What a step does, without the steps inside it and those attached to it: they have entries of their own. */
export type StepWork =
  | { [K in LeafStep['kind']]: Alone<Extract<LeafStep, { kind: K }>> }[LeafStep['kind']]
  | { [K in Blocks['kind']]: Alone<Extract<Blocks, { kind: K }>> }[Blocks['kind']]
  | (Alone<SwitchStep> & { readonly branches: readonly Omit<Branch, 'steps'>[] })

/** A counter in a path: the tries, turns or items of a block. */
export interface Frame {
  readonly block: string
  /** The block’s id for turns and items, with a `!` for tries. */
  readonly counter: string
}

/** One row of the step table. */
export interface StepEntry {
  readonly work: StepWork
  /** The counters in the step’s paths, outermost first. */
  readonly frames: readonly Frame[]
  /** The step that this one is in, or is attached to; undefined at the top and for an undo, which runs when all is over. */
  readonly parent?: string
  /** What the list of the step is: the body of a block, a handler, … */
  readonly role: List['role']
  /** For blocks: the ids directly inside, a list a branch. */
  readonly lists: readonly (readonly string[])[]
  readonly handler?: readonly string[]
  readonly undo?: string
  /** The steps of its list that it waits for. */
  readonly after: readonly string[]
  /** For a prompt: the leaves whose outputs it is shown as earlier messages; `all` is everything that has settled before it. */
  readonly upstream: 'all' | readonly string[]
  /** For a prompt: whether the earlier turns of the loops around it are shown, too. */
  readonly showsTurns: boolean
}

/** One child of a list that the scheduler runs. `after` are children of the same list. */
export interface ListItem {
  readonly step: string
  readonly after: readonly string[]
}

export interface GraphNode {
  readonly id: string
  readonly kind: StepWork['kind']
  readonly label: string
  readonly parent?: string
  /** What the step’s list is; steps of handlers and undos stand beside the step they belong to. */
  readonly role: List['role']
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly label?: string
  /** `error` leads to a handler, `undo` to what takes a step back. */
  readonly kind: 'order' | 'branch' | 'back' | 'error' | 'undo'
}

/** A compiled workflow: plain JSON, the same bytes for the same source. */
export interface Program {
  /** Content address of everything below but `places`. */
  readonly hash: string
  readonly workflow: string
  readonly title: string
  readonly description?: string
  readonly inputs: Readonly<Record<string, Input>>
  readonly cases: Readonly<Record<string, Readonly<Record<string, Json>>>>
  readonly triggers: Triggers
  readonly limits?: Limits
  readonly concurrency?: Concurrency
  readonly outputs?: Json
  /** How often steps run at most, retries apart: every run ends within that. */
  readonly bound: number
  readonly permissions: Permissions
  /** The chart of the whole workflow. */
  readonly machine: Chart
  /** Charts of steps that a scheduler or the undo starts, by step id, and of the items of an `each`, by `id:item`. */
  readonly charts: Readonly<Record<string, Chart>>
  /** What runs whatever happened. */
  readonly finally?: { readonly steps: readonly string[]; readonly chart: Chart }
  /** Lists that a scheduler runs, by the id of the block they are in; the top list is `""`. */
  readonly lists: Readonly<Record<string, readonly ListItem[]>>
  readonly steps: Readonly<Record<string, StepEntry>>
  /** Names given by `as`: name → step id, and the key when the step names several. */
  readonly names: Readonly<Record<string, { readonly step: string; readonly key?: string }>>
  /** Step ids in document order, blocks before what they hold. */
  readonly order: readonly string[]
  /** Step ids of the top list. */
  readonly top: readonly string[]
  readonly graph: { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] }
  /** Where each step was written. */
  readonly places: Readonly<Record<string, Span>>
}
