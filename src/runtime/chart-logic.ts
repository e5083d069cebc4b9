import { type AnyActorLogic, type AnyStateMachine, assign, createMachine, type MachineContext } from 'xstate'
import type { Chart, ChartState, Program } from '../compiler/program.ts'
import { expressionsOf } from './scope.ts'
import type { Expressions } from '../model/expression.ts'
import type { RunContext } from './run-context.ts'
import type { Turns } from './record.ts'
import { createSchedulerLogic } from './scheduler-logic.ts'
import { isDone, stepLogic } from './step-logic.ts'

/** A program made ready to run, once, for any number of runs. */
export interface LoadedProgram {
  readonly program: Program
  readonly expressions: Expressions
  readonly machine: AnyStateMachine
}

interface ChartContext extends MachineContext {
  readonly run: RunContext
  readonly turns: Turns
}

/** Joins the charts of a program, which are plain JSON, with the code behind their named references. */
export function loadProgram(program: Program): LoadedProgram {
  const children = new Map<string, AnyStateMachine>()
  const scheduler = createSchedulerLogic(step => {
    const chart = program.charts[step]
    if (!chart) return undefined
    const loaded = children.get(step) ?? loadChart(chart, scheduler)
    children.set(step, loaded)
    return loaded
  })
  return { program, expressions: expressionsOf(program), machine: loadChart(program.machine, scheduler) }
}

// 10 000 turns of a loop, each of a few transitions without an event, is the most a sound program needs.
const maxIterations = 1_000_000

function loadChart(chart: Chart, scheduler: AnyActorLogic): AnyStateMachine {
  const config = {
    ...withInputs(chart),
    context: ({ input }: { input: ChartContext }) => ({ run: input.run, turns: input.turns }),
    options: { maxIterations },
  }
  return createMachine(config as never, { actors: { step: stepLogic, scheduler }, guards, actions } as never)
}

/** The config with a function in place of each path template: `refine/{refine}/judge` is `refine/2/judge` in the third turn. */
function withInputs(state: ChartState): object {
  const { invoke, states } = state
  return {
    ...state,
    ...(invoke && {
      invoke: {
        ...invoke,
        input: ({ context }: { context: ChartContext }) => ({
          run: context.run,
          step: invoke.input.step,
          path: invoke.input.path.replace(/\{(\w+)\}/g, (_, loop: string) => String(context.turns[loop] ?? 0)),
          turns: context.turns,
        }),
      },
    }),
    ...(states && {
      states: Object.fromEntries(Object.entries(states).map(([key, child]) => [key, withInputs(child)])),
    }),
  }
}

/** What compiled references are told; each uses some. */
interface Params {
  readonly step: string
  readonly expression: string
  readonly at?: 'while' | 'until'
  readonly branch: number
  readonly max?: number
  readonly blocks: readonly string[]
}
interface Arguments {
  readonly context: ChartContext
  readonly event: { readonly type: string; readonly output?: unknown }
}

/** `while` is tested before a turn begins and sees the counter as it will be. */
function turnsAt({ turns }: ChartContext, step: string, at: Params['at']): Turns {
  return at === 'while' ? { ...turns, [step]: (turns[step] ?? -1) + 1 } : turns
}

const guards = {
  failed: ({ event }: Arguments) => isDone(event) && event.output?.status === 'failed',
  holds: ({ context }: Arguments, { expression, step, at }: Params) =>
    context.run.holds(expression, step, turnsAt(context, step, at), at !== undefined),
  isInvalid: ({ context }: Arguments, { expression, step, at, max }: Params) => {
    const turns = turnsAt(context, step, at)
    // After the last turn nobody asks whether there is to be another one.
    const isAsked = max === undefined || (turns[step] ?? 0) < max
    return isAsked && context.run.isInvalid(expression, step, turns, at !== undefined)
  },
  takes: ({ context }: Arguments, { step, branch }: Params) => context.run.takes(step, branch, context.turns),
  turns: ({ context }: Arguments, { step, max, expression }: Params) => {
    const turns = turnsAt(context, step, 'while')
    return (
      (turns[step] ?? 0) < (max ?? 0) && (expression === undefined || context.run.holds(expression, step, turns, true))
    )
  },
}

/** An action of a chart: changes what the run knows, and perhaps the counters. `assign` keeps it in order with the guards. */
function action(change: (context: ChartContext, params: Params) => Turns | undefined): unknown {
  return assign(({ context }: Arguments, params: Params) => {
    const turns = change(context, params)
    return turns ? { turns } : {}
  })
}

/** An action that changes what the run knows and no counter. */
function note(change: (context: ChartContext, params: Params) => void): unknown {
  return action((context, params) => {
    change(context, params)
    return undefined
  })
}

const actions = {
  skip: note(({ run, turns }, { step }) => run.skip(step, turns)),
  settle: note(({ run, turns }, { step }) => run.settleBlock(step, turns)),
  reject: note((context, { expression, step, at }) =>
    context.run.reject(expression, step, turnsAt(context, step, at), at !== undefined),
  ),
  fail: note(({ run, turns }, { blocks }) => run.failBlocks(blocks, turns)),
  'take-branch': note(({ run, turns }, { step, branch }) => run.takeBranch(step, branch, turns)),
  'enter-loop': action(({ turns }, { step }) => ({ ...turns, [step]: -1 })),
  'begin-turn': action((context, { step }) => {
    const turns = turnsAt(context, step, 'while')
    context.run.beginTurn(step, turns)
    return turns
  }),
}
