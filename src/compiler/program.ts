import type { Span } from '../model/diagnostic.ts'
import type { Json } from '../model/json.ts'
import type { Branch, GroupStep, LeafStep, LoopStep, ParallelStep, SwitchStep } from '../model/step.ts'
import type { Input } from '../model/workflow.ts'

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
  readonly src: 'step' | 'scheduler'
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
}

/** An XState 5 machine config made of named references only. */
export interface Chart extends ChartState {
  readonly id: string
}

/** What a step does, without the steps inside it: those have entries of their own. */
export type StepWork =
  | LeafStep
  | Omit<ParallelStep, 'steps'>
  | Omit<GroupStep, 'steps'>
  | Omit<LoopStep, 'steps'>
  | (Omit<SwitchStep, 'branches'> & { readonly branches: readonly Omit<Branch, 'steps'>[] })

/** One row of the step table. */
export interface StepEntry {
  readonly work: StepWork
  /** Template of the step's paths: `refine/{refine}/judge`. */
  readonly path: string
  /** The loops around the step, outermost first. */
  readonly loops: readonly string[]
  /** The block that holds the step; undefined at the top. */
  readonly parent?: string
  /** For blocks: the ids directly inside, a list a branch. */
  readonly lists: readonly (readonly string[])[]
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
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly label?: string
  readonly kind: 'order' | 'branch' | 'back'
}

/** A compiled workflow: plain JSON, the same bytes for the same source. */
export interface Program {
  /** Content address of everything below but `places`. */
  readonly hash: string
  readonly workflow: string
  readonly title: string
  readonly description?: string
  readonly inputs: Readonly<Record<string, Input>>
  readonly outputs?: Json
  /** The chart of the whole workflow. */
  readonly machine: Chart
  /** Charts of blocks that a scheduler starts, by step id. */
  readonly charts: Readonly<Record<string, Chart>>
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
