import type { GraphEdge, GraphNode, Program, StepEntry } from '../../src/compiler/program.ts'
import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import type { TraceInput } from '../../src/trace/trace-input.ts'

const nodes: GraphNode[] = [
  { id: 'outline', kind: 'prompt', label: 'Ask writer', role: 'top' },
  { id: 'route', kind: 'switch', label: 'Switch on inputs.kind', role: 'top' },
  { id: 'short', kind: 'set', label: 'Set words', parent: 'route', role: 'top' },
  { id: 'long', kind: 'set', label: 'Set words', parent: 'route', role: 'top' },
  { id: 'refine', kind: 'loop', label: 'Loop, at most 4', role: 'top' },
  { id: 'draft', kind: 'prompt', label: 'Ask writer', parent: 'refine', role: 'top' },
  { id: 'judge', kind: 'prompt', label: 'Ask critic', parent: 'refine', role: 'top' },
  { id: 'end', kind: 'run', label: 'Run npm test -- --grep "a|b"', role: 'top' },
]

const edges: GraphEdge[] = [
  { from: 'outline', to: 'route', kind: 'order' },
  { from: 'route', to: 'short', kind: 'branch', label: 'short' },
  { from: 'route', to: 'long', kind: 'branch', label: 'long' },
  { from: 'route', to: 'refine', kind: 'order' },
  { from: 'draft', to: 'judge', kind: 'order' },
  { from: 'judge', to: 'refine', kind: 'back', label: 'until steps.judge.output.ok, at most 4' },
  { from: 'refine', to: 'end', kind: 'order' },
]

export const program: Program = {
  hash: 'program-hash',
  workflow: 'blog/article',
  title: 'Write an *article*',
  inputs: {},
  cases: {},
  triggers: { schedules: [] },
  bound: 8,
  permissions: { commands: true, network: false, hosts: [], tools: [], modules: [], kilo: false, secrets: [] },
  machine: { id: 'article' },
  charts: {},
  lists: {},
  // The trace asks a step's work for its kind alone.
  steps: Object.fromEntries(nodes.map(({ id, kind }) => [id, { work: { kind, id } } as unknown as StepEntry])),
  names: {},
  order: nodes.map(({ id }) => id),
  top: nodes.filter(({ parent }) => parent === undefined).map(({ id }) => id),
  graph: { nodes, edges },
  places: {},
}

/** What differs between two runs with the same answers. */
export interface Circumstances {
  readonly runId: string
  readonly firstSeq: number
  readonly startedMs: number
  readonly host: string
  /** Events in the order in which steps happened to finish. */
  readonly isReversed?: boolean
}

const answer = (path: string, output: Json, raw: string | undefined, host: string): JournalEventBody[] => [
  {
    type: 'attempt-started',
    path,
    attempt: 1,
    deadlineMs: 99_000,
    key: `key of ${path}`,
    messages: [
      { role: 'system', content: 'You write about tea.' },
      { role: 'user', content: `Do ${path}.\n\`\`\`\nwith a fence\n\`\`\`` },
    ],
  },
  {
    type: 'attempt-succeeded',
    path,
    attempt: 1,
    output,
    host,
    model: 'qwen3-32b',
    simulated: true,
    usage: { inputTokens: 12, outputTokens: 34, costUsd: 0.01 },
    tries: [{ host, model: 'qwen3-32b', startedMs: 1, endedMs: 2 }],
    ...(raw !== undefined && { raw }),
  },
]

const settled = (path: string, output: Json, status: 'succeeded' | 'skipped' = 'succeeded'): JournalEventBody => ({
  type: 'step-settled',
  path,
  status,
  output,
  attempts: status === 'skipped' ? 0 : 1,
})

const essay = Array.from({ length: 100 }, (_, index) => `Line ${index + 1} of the essay.`).join('\n')
const failure = {
  reason: 'CommandFailed',
  message: 'The command ended with exit code 1.',
  output: '1 failing\n',
} as const

function bodies({ host, isReversed = false }: Circumstances): JournalEventBody[] {
  const branches = [settled('long', { words: 900 }), settled('short', null, 'skipped')]
  return [
    ...[
      ...answer('outline', '1. Tea\n2. @someone <b>&\n', undefined, host),
      settled('outline', '1. Tea\n2. @someone <b>&\n'),
    ],
    { type: 'branch-taken', path: 'route', branch: 'long' },
    ...(isReversed ? branches.toReversed() : branches),
    settled('route', { words: 900 }),
    { type: 'iteration-started', path: 'refine', turn: 0 },
    ...[...answer('refine/0/draft', essay, undefined, host), settled('refine/0/draft', essay)],
    ...answer('refine/0/judge', { ok: false }, '```json\n{"ok": false}\n```', host),
    settled('refine/0/judge', { ok: false }),
    { type: 'iteration-started', path: 'refine', turn: 1 },
    ...[
      ...answer('refine/1/draft', 'Tea \u202eis\u200b fine.', undefined, host),
      settled('refine/1/draft', 'Tea \u202eis\u200b fine.'),
    ],
    ...[...answer('refine/1/judge', { ok: true }, '{ "ok": true }', host), settled('refine/1/judge', { ok: true })],
    settled('refine', { ok: true }),
    ...failedEnd(),
  ]
}

function failedEnd(): JournalEventBody[] {
  const error = { step: 'end', reason: failure.reason, message: failure.message }
  const started = (attempt: number) =>
    ({ type: 'attempt-started', path: 'end', attempt, deadlineMs: 5, key: 'k' }) as const
  return [
    started(1),
    { type: 'attempt-failed', path: 'end', attempt: 1, failure, retryAtMs: 7 },
    started(2),
    { type: 'attempt-failed', path: 'end', attempt: 2, failure },
    { type: 'step-settled', path: 'end', status: 'failed', output: null, attempts: 2, error },
    { type: 'run-settled', status: 'failed', outputs: null, error },
  ]
}

export const usual: Circumstances = { runId: 'r-1', firstSeq: 7, startedMs: 1_700_000_000_000, host: 'gpu-a' }

/** A run with a branch, a loop, a step that was tried twice, and answers that would break a careless page. */
export function articleRun(circumstances: Circumstances = usual): TraceInput {
  const { runId, firstSeq, startedMs } = circumstances
  const created: JournalEventBody = {
    type: 'run-created',
    workflow: 'blog/article',
    case: 'default',
    programHash: 'program-hash',
    sourceHash: 'source-hash',
    sourcePath: 'workflows/blog/article.yaml',
    revision: '4f1c9ab',
    branch: 'main',
    closureKey: 'closure',
    isDirty: false,
    trigger: 'commit',
    inputs: { topic: 'tea | `coffee`', kind: 'long' },
  }
  const events: JournalEvent[] = [created, ...bodies(circumstances)].map((body, index) => ({
    seq: firstSeq + index,
    v: 1,
    runId,
    timeMs: startedMs + index * 10,
    body,
  }))
  const source = 'name: Write an *article*\nsteps:\n  - id: outline\n    prompt: Outline.\n'
  return { status: foldRun(events), program, events, source, sourcePath: 'workflows/blog/article.yaml' }
}
