import { z } from 'zod'
import { FailureReason } from './failure.ts'
import { Json } from './json.ts'

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

/** A skill that an agent may read. */
export const SkillChoice = z.strictObject({ name: z.string(), description: z.string(), body: z.string() })
export type SkillChoice = z.infer<typeof SkillChoice>

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
  maxTurns: z.int().optional(),
  tools: ToolChoice,
  skills: z.array(SkillChoice),
  limits: Limits.optional(),
})
export type StepAgent = z.infer<typeof StepAgent>

const Values = z.record(z.string(), Json)

const common = {
  id: z.string(),
  /** False where the id was made by us and nothing can refer to it. */
  isNamed: z.boolean(),
  /** The `use` whose template the step comes from: only steps of that template can refer to it. */
  owner: z.string().optional(),
  description: z.string().optional(),
  /** Undefined: the step above it in a list, nothing in `parallel`. */
  needs: z.array(z.string()).optional(),
  if: z.string().optional(),
  expect: z.string().optional(),
  as: z.union([z.string(), z.array(z.string())]).optional(),
  retry: Retry,
  /** Of one attempt; of a block, one try of the whole. Undefined: no limit. */
  timeoutMs: z.number().optional(),
  limits: Limits.optional(),
  onError: z.enum(['fail', 'continue', 'handle']),
}

const leaf = {
  ...common,
  output: Output,
  isCached: z.boolean(),
  priority: z.enum(['interactive', 'batch']),
  runsOn: z.array(z.string()),
}

const Prompt = z.strictObject({
  kind: z.literal('prompt'),
  ...leaf,
  prompt: z.string(),
  /** What a text of the prompt library calls its values; undefined for a text of the workflow itself. */
  with: Values.optional(),
  files: z.array(z.string()),
  agent: StepAgent,
  context: z.union([z.enum(['rule', 'none', 'needs', 'all']), z.array(z.string())]),
})
const Tool = z.strictObject({ kind: z.literal('tool'), ...leaf, tool: z.string(), with: Values })
const RunCommand = z.strictObject({
  kind: z.literal('run'),
  ...leaf,
  command: z.string(),
  network: z.boolean(),
  env: z.record(z.string(), z.string()),
})
const Http = z.strictObject({
  kind: z.literal('http'),
  ...leaf,
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  query: Values,
  json: Json.optional(),
  body: z.string().optional(),
})
const Kilo = z.strictObject({
  kind: z.literal('kilo'),
  ...leaf,
  task: z.string(),
  mode: z.string().optional(),
  model: z.string().optional(),
  permissions: z.record(z.string(), z.enum(['allow', 'deny'])),
  commit: z.boolean(),
})
const Ask = z.strictObject({
  kind: z.literal('ask'),
  ...leaf,
  question: z.string(),
  assignees: z.array(z.string()),
  default: Json.optional(),
})
/** One of the three is given. */
const Wait = z.strictObject({
  kind: z.literal('wait'),
  ...leaf,
  durationMs: z.number().optional(),
  until: z.string().optional(),
  event: z.string().optional(),
})
const Child = z.strictObject({ kind: z.literal('workflow'), ...leaf, workflow: z.string(), with: Values })
const Code = z.strictObject({
  kind: z.literal('code'),
  ...leaf,
  module: z.string(),
  function: z.string(),
  with: Values,
})
const SetValues = z.strictObject({
  kind: z.literal('set'),
  ...leaf,
  set: Values,
  /** True for the step that holds what a `use` gives to its template: no prompt is shown it. */
  isInternal: z.boolean(),
})

const Parallel = z.strictObject({ kind: z.literal('parallel'), ...common })
/** A plain group, or what a `use` has become: then `template` is the template's name. */
const Group = z.strictObject({ kind: z.literal('steps'), ...common, template: z.string().optional() })

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

const Each = z.strictObject({
  kind: z.literal('each'),
  ...common,
  /** The CEL expression of the list, or the list itself with templates in it. */
  in: z.union([z.string(), z.array(Json)]),
  /** What the steps inside call the item. */
  item: z.string(),
  /** Items at once. */
  parallel: z.int(),
})

/** What a branch of a `switch` is taken for: `when` holds, or the chooser equals `value`; the last one may have neither. */
const BranchHead = z.strictObject({
  /** What the picture and the trace call it: the value, the condition or `default`. */
  label: z.string(),
  when: z.string().optional(),
  value: z.string().optional(),
})

/** Steps that belong to a step of any kind: its handler, where `onError` is `handle`, and what takes it back. */
export interface Attached {
  handler?: Step[]
  undo?: Step
}
interface Body {
  steps: Step[]
}
export type PromptStep = z.infer<typeof Prompt> & Attached
export type ToolStep = z.infer<typeof Tool> & Attached
export type RunStep = z.infer<typeof RunCommand> & Attached
export type HttpStep = z.infer<typeof Http> & Attached
export type KiloStep = z.infer<typeof Kilo> & Attached
export type AskStep = z.infer<typeof Ask> & Attached
export type WaitStep = z.infer<typeof Wait> & Attached
export type ChildStep = z.infer<typeof Child> & Attached
export type CodeStep = z.infer<typeof Code> & Attached
export type SetStep = z.infer<typeof SetValues> & Attached
export type ParallelStep = z.infer<typeof Parallel> & Attached & Body
export type GroupStep = z.infer<typeof Group> & Attached & Body
export type LoopStep = z.infer<typeof Loop> & Attached & Body
export type EachStep = z.infer<typeof Each> & Attached & Body
export type Branch = z.infer<typeof BranchHead> & Body
export type SwitchStep = z.infer<typeof Switch> & Attached & { branches: Branch[] }

/** Steps that an executor performs. */
export type AttemptedStep =
  | PromptStep
  | ToolStep
  | RunStep
  | HttpStep
  | KiloStep
  | AskStep
  | WaitStep
  | ChildStep
  | CodeStep
export type LeafStep = AttemptedStep | SetStep
export type BlockStep = ParallelStep | GroupStep | SwitchStep | LoopStep | EachStep
export type Step = LeafStep | BlockStep
