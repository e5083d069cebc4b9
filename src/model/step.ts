import { z } from 'zod'
import { Json } from './json.ts'
import { FailureReason } from './failure.ts'

/** A sound step, as the checker hands it to the compiler: defaults applied, durations in milliseconds, ids given. */

/** How a failed attempt is tried again. `attempts` counts further attempts; pauses are in milliseconds. */
export const Retry = z.strictObject({
  attempts: z.int(),
  backoffMs: z.number(),
  factor: z.number(),
  maxMs: z.number(),
  jitter: z.number(),
  on: z.array(FailureReason).optional(),
})
export type Retry = z.infer<typeof Retry>

/** What an answer must be. */
export const Output = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json') }),
  z.strictObject({ type: z.literal('schema'), schema: z.record(z.string(), Json) }),
])
export type Output = z.infer<typeof Output>

/** Sampling parameters of a model call; what is left out is the server's choice. */
export const Sampling = z.strictObject({
  temperature: z.number().optional(),
  topP: z.number().optional(),
  maxTokens: z.int().optional(),
  seed: z.int().optional(),
})
export type Sampling = z.infer<typeof Sampling>

/** Tools by name, `server.tool` or `server.*`. Without `allow` there are none. */
export const ToolChoice = z.strictObject({ allow: z.array(z.string()).optional(), deny: z.array(z.string()) })
export type ToolChoice = z.infer<typeof ToolChoice>

/** What may be spent; times in milliseconds. */
export const Limits = z.strictObject({
  tokens: z.int().optional(),
  usd: z.number().optional(),
  timeMs: z.number().optional(),
  parallel: z.int().optional(),
})
export type Limits = z.infer<typeof Limits>

/** The agent of one prompt, with everything that decides its answer. `models` are tried in order; empty means the default model. */
export const StepAgent = z.strictObject({
  name: z.string(),
  models: z.array(z.string()),
  system: z.string(),
  sampling: Sampling,
})
export type StepAgent = z.infer<typeof StepAgent>

const common = {
  id: z.string(),
  /** False where the id was made by us and nothing can refer to it. */
  isNamed: z.boolean(),
  description: z.string().optional(),
  /** Undefined: the step above it in a list, nothing in `parallel`. */
  needs: z.array(z.string()).optional(),
  if: z.string().optional(),
  as: z.union([z.string(), z.array(z.string())]).optional(),
  retry: Retry,
  timeoutMs: z.number(),
  onError: z.enum(['fail', 'continue']),
}

const leaf = { ...common, output: Output }

export const PromptStep = z.strictObject({
  kind: z.literal('prompt'),
  ...leaf,
  prompt: z.string(),
  agent: StepAgent,
  context: z.union([z.enum(['rule', 'none', 'needs', 'all']), z.array(z.string())]),
})
export type PromptStep = z.infer<typeof PromptStep>

export const RunStep = z.strictObject({
  kind: z.literal('run'),
  ...leaf,
  command: z.string(),
  network: z.boolean(),
  env: z.record(z.string(), z.string()),
})
export type RunStep = z.infer<typeof RunStep>

export const SetStep = z.strictObject({ kind: z.literal('set'), ...common, set: z.record(z.string(), Json) })
export type SetStep = z.infer<typeof SetStep>

const Parallel = z.strictObject({ kind: z.literal('parallel'), ...common })
const Group = z.strictObject({ kind: z.literal('steps'), ...common })

const Switch = z.strictObject({
  kind: z.literal('switch'),
  ...common,
  /** The CEL expression whose value, as text, is compared with the branches' values; absent in the `when` form. */
  chooser: z.string().optional(),
})

const Loop = z.strictObject({
  kind: z.literal('loop'),
  ...common,
  while: z.string().optional(),
  until: z.string().optional(),
  max: z.int(),
})

/** What a branch of a `switch` is taken for: `when` holds, or the chooser equals `value`; the last one may have neither. */
const BranchHead = z.strictObject({
  /** What the picture and the trace call it: the value, the condition or `default`. */
  label: z.string(),
  when: z.string().optional(),
  value: z.string().optional(),
})

interface Body {
  steps: Step[]
}
export type ParallelStep = z.infer<typeof Parallel> & Body
export type GroupStep = z.infer<typeof Group> & Body
export type LoopStep = z.infer<typeof Loop> & Body
export type Branch = z.infer<typeof BranchHead> & Body
export type SwitchStep = z.infer<typeof Switch> & { branches: Branch[] }

export type Step = PromptStep | RunStep | SetStep | ParallelStep | GroupStep | SwitchStep | LoopStep
export type LeafStep = PromptStep | RunStep | SetStep

/** The lists of steps directly inside a step: none for a leaf, one for most blocks, one a branch for `switch`. */
export function childLists(step: Step): readonly (readonly Step[])[] {
  switch (step.kind) {
    case 'prompt':
    case 'run':
    case 'set':
      return []
    case 'parallel':
    case 'steps':
    case 'loop':
      return [step.steps]
    case 'switch':
      return step.branches.map(branch => branch.steps)
  }
}

/** Every step of a list, blocks before what they hold, in document order. */
export function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap(step => [step, ...childLists(step).flatMap(list => allSteps(list))])
}
