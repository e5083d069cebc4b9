/** A mistake that somebody could make in the compiler, or in what runs its programs: one text in the place of another. */
export interface Mutation {
  readonly name: string
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly from: string
  readonly to: string
}

const order = 'src/checker/order.ts'
const blocks = 'src/compiler/blocks.ts'
const chart = 'src/compiler/chart.ts'
const catching = 'src/compiler/catching.ts'
const transitions = 'src/compiler/transitions.ts'
const table = 'src/compiler/table.ts'
const frames = 'src/compiler/frames.ts'

/** Each must be noticed by a law: see `scripts/mutants.ts`. */
export const mutations: readonly Mutation[] = [
  {
    name: 'a step with needs forgets them',
    file: order,
    from: 'const declared = step.needs?.filter(id => id !== step.id) ??',
    to: 'const declared = step.needs?.filter(() => false) ??',
  },
  {
    name: 'a step does not wait for what it reads',
    file: order,
    from: 'const read = isPlainRow ? [] : siblingsRead(step, list, outline)',
    to: 'const read: string[] = isPlainRow ? [] : []',
  },
  {
    name: 'parallel steps run one after the other',
    file: order,
    from: '(isParallel || !above ? [] : [above.id])',
    to: '(!above ? [] : [above.id])',
  },
  {
    name: 'a row leaves out the step below',
    file: chart,
    from: 'next: below ? `#${below.id}` : exits.next',
    to: 'next: exits.next',
  },
  {
    name: 'the scheduler loses an edge',
    file: chart,
    from: 'after: order.after.get(step.id) ?? [] }))',
    to: 'after: (order.after.get(step.id) ?? []).slice(1) }))',
  },
  {
    name: 'a step runs although its condition is false',
    file: chart,
    from: "{ target: exits.next, actions: [{ type: 'skip', params: { step: step.id } }] },",
    to: "{ target: states ? 'Try' : 'Then' },",
  },
  {
    name: 'a loop turns once more',
    file: blocks,
    from: 'max: step.max, ...condition',
    to: 'max: step.max + 1, ...condition',
  },
  {
    name: 'until is not tested',
    file: blocks,
    from: "...leave, { target: 'Check' }] },",
    to: "{ target: 'Check' }] },",
  },
  {
    name: 'while is not tested',
    file: blocks,
    from: 'const condition = step.while === undefined ? {} : { expression: step.while }',
    to: 'const condition = {}',
  },
  {
    name: 'a switch takes the branch beside',
    file: blocks,
    from: "const taken = { type: 'take-branch', params: { step: step.id, branch: index } }",
    to: "const taken = { type: 'take-branch', params: { step: step.id, branch: Math.max(0, index - 1) } }",
  },
  {
    name: 'a switch asks the wrong branch',
    file: blocks,
    from: "guard: { type: 'takes', params: { step: step.id, branch: index } }",
    to: "guard: { type: 'takes', params: { step: step.id, branch: 0 } }",
  },
  {
    name: 'a failed item does not fail its each',
    file: blocks,
    from: "{ guard: { type: 'failed' }, target: inside.fail, actions: failActions(inside) },",
    to: '',
  },
  {
    name: 'what a block expects is not asked',
    file: transitions,
    from: 'return step.expect === undefined ? settle(step, next)',
    to: 'return step.expect !== null ? settle(step, next)',
  },
  {
    name: 'a failure of a step is taken for a success',
    file: transitions,
    from: "return [{ guard: { type: 'failed' }, target: exits.fail, actions: failActions(exits) }, { target: exits.next }]",
    to: 'return [{ target: exits.next }]',
  },
  {
    name: 'the blocks around a failure are not ended',
    file: transitions,
    from: "return failing.length === 0 ? [] : [{ type: 'fail', params: { blocks: [...failing] } }]",
    to: "return failing.length < 2 ? [] : [{ type: 'fail', params: { blocks: failing.slice(1) } }]",
  },
  {
    name: 'going on after an error fails the list',
    file: catching,
    from: 'return { next: around.next, fail: around.next, failing: [step.id] }',
    to: 'return { ...around, failing: [step.id, ...around.failing] }',
  },
  {
    name: 'a handler never begins',
    file: catching,
    from: 'const next: Transition = step.handler\n',
    to: 'const next: Transition = step.handler && step.handler.length > 99\n',
  },
  {
    name: 'a block is not tried again',
    file: catching,
    from: 'return isRetried(step) ? [again, next] : [next]',
    to: 'return [next]',
  },
  {
    name: 'a path lacks the counter of a loop or an each',
    file: frames,
    from: 'if (repeaters.some(repeater => repeater === block)) frames.push({ block: block.id, counter: block.id })',
    to: 'if (repeaters.length > 1 && repeaters.includes(block as never)) frames.push({ block: block.id, counter: block.id })',
  },
  {
    name: 'a step forgets what takes it back',
    file: table,
    from: '...(step.undo && { undo: step.undo.id }),',
    to: '',
  },
  {
    name: 'undo runs oldest first',
    file: 'src/runtime/ledger.ts',
    from: 'this.#succeeded.slice(first).toReversed()',
    to: 'this.#succeeded.slice(first)',
  },
  {
    name: 'an item is that of its neighbour',
    file: 'src/runtime/each-logic.ts',
    from: 'turns: { ...turns, [step]: item } }',
    to: 'turns: { ...turns, [step]: Math.max(0, item - 1) } }',
  },
  {
    name: 'what runs whatever happened is left out',
    file: 'src/runtime/control.ts',
    from: 'hasFinally: () => last !== undefined,',
    to: 'hasFinally: ({ context }: Arguments) => last !== undefined && context.run.ending.undoPlan().length > 99,',
  },
  {
    name: 'a failed attempt is tried once more',
    file: 'src/runtime/retry.ts',
    from: 'if (attempt > retry.attempts ||',
    to: 'if (attempt > retry.attempts + 1 ||',
  },
  {
    name: 'a block is tried once less',
    file: 'src/runtime/ledger.ts',
    from: 'this.record.countOf(path) <= attempts &&',
    to: 'this.record.countOf(path) < attempts &&',
  },
  {
    name: 'the default of a switch does nothing',
    file: 'src/compiler/blocks.ts',
    from: '...(isEmpty ? leave : { target: key }),',
    to: '...(isEmpty || isLast(branch) ? leave : { target: key }),',
  },
  {
    name: 'a step begins when one of those it waits for has settled',
    file: 'src/runtime/scheduler-logic.ts',
    from: '[item.step, item.after.length]',
    to: '[item.step, Math.min(1, item.after.length)]',
  },
  {
    name: 'the scheduler begins everything at once',
    file: 'src/runtime/scheduler-logic.ts',
    from: 'plan.ready.splice(0, maxLive - plan.live.size)',
    to: 'plan.ready.splice(0)',
  },
  {
    name: 'the scheduler ends with a step left',
    file: 'src/runtime/scheduler-logic.ts',
    from: 'left: list.length,',
    to: 'left: list.length - 1,',
  },
  {
    name: 'a skip is taken for a failure',
    file: 'src/runtime/run-book.ts',
    from: "{ status: 'skipped', output: null, attempts: 0 }",
    to: "{ status: 'failed', output: null, attempts: 0 }",
  },
  {
    name: 'the failure of a handler hides the one before',
    file: 'src/runtime/progress.ts',
    from: 'first = this.#held.get(ending) ?? first',
    to: 'this.#held.get(ending)',
  },
  {
    name: 'an each has one item more under way',
    file: 'src/runtime/each-logic.ts',
    from: 'plan.live.size < limit',
    to: 'plan.live.size <= limit',
  },
  {
    name: 'the last item of an each is left out',
    file: 'src/runtime/each-logic.ts',
    from: 'plan.next < count &&',
    to: 'plan.next < count - 1 &&',
  },
  {
    name: 'what a leaf expects is not asked',
    file: 'src/runtime/run-book.ts',
    from: 'if (expect === undefined) return undefined',
    to: "if (expect !== '') return undefined",
  },
  {
    name: 'a block has all the time in the world',
    file: 'src/runtime/tries.ts',
    from: 'if (timeoutMs === undefined) return\n',
    to: 'if (timeoutMs !== 0) return\n',
  },
  {
    name: 'what was interrupted is not undone',
    file: 'src/runtime/ledger.ts',
    from: "else if (status === 'cancelled') this.#interrupted.push({ path, turn: this.#turn })",
    to: "else if (status === 'skipped') this.#interrupted.push({ path, turn: this.#turn })",
  },
]
