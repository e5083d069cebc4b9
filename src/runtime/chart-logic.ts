import {
  type AnyActorLogic,
  type AnyActorRef,
  type AnyStateMachine,
  assign,
  createMachine,
  type MachineContext,
} from 'xstate'
import { tryCounter } from '../compiler/frames.ts'
import type { Chart, ChartState, Program } from '../compiler/program.ts'
import type { TimerPurpose } from '../model/journal-event.ts'
import { expressionsOf } from './scope.ts'
import type { Expressions } from '../model/expression.ts'
import type { RunContext } from './run-context.ts'
import type { Turns } from './record.ts'
import { controlMachine } from './control.ts'
import { createEachLogic } from './each-logic.ts'
import { createSchedulerLogic } from './scheduler-logic.ts'
import { createUndoLogic } from './undo-logic.ts'
import { isDone, stepLogic } from './step-logic.ts'
import type { At } from './conditions.ts'

/** A program made ready to run, once, for any number of runs. */
export interface LoadedProgram {
  readonly program: Program
  readonly expressions: Expressions
  /** The control machine, which invokes the charts. */
  readonly control: AnyStateMachine
}

interface ChartContext extends MachineContext {
  readonly run: RunContext
  readonly turns: Turns
}

/** Joins the charts of a program, which are plain JSON, with the code behind their named references. */
export function loadProgram(program: Program): LoadedProgram {
  const children = new Map<string, AnyStateMachine>()
  const childChart = (name: string): AnyStateMachine | undefined => {
    const chart = program.charts[name]
    if (!chart) return undefined
    const loaded = children.get(name) ?? loadChart(chart, actors)
    children.set(name, loaded)
    return loaded
  }
  const actors = { step: stepLogic, scheduler: createSchedulerLogic(childChart), each: createEachLogic(childChart) }
  const last = program.finally && loadChart(program.finally.chart, actors)
  return {
    program,
    expressions: expressionsOf(program),
    control: controlMachine(loadChart(program.machine, actors), createUndoLogic(childChart), last),
  }
}

// 10 000 turns of a loop, each of a few transitions without an event, is the most a sound program needs.
const maxIterations = 1_000_000

function loadChart(chart: Chart, actors: Readonly<Record<string, AnyActorLogic>>): AnyStateMachine {
  const config = {
    ...withInputs(chart),
    context: ({ input }: { input: ChartContext }) => ({ run: input.run, turns: input.turns }),
    output: ({ event }: { event: { output?: unknown } }) => event.output,
    options: { maxIterations },
  }
  return createMachine(config as never, { actors, guards, actions } as never)
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
          path: invoke.input.path.replace(/\{([^}]+)\}/g, (_, counter: string) => String(context.turns[counter] ?? 0)),
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
  readonly at?: At
  readonly branch: number
  readonly max?: number
  readonly blocks: readonly string[]
  readonly held?: boolean
  readonly purpose?: TimerPurpose
}
interface Arguments {
  readonly context: ChartContext
  readonly event: { readonly type: string; readonly output?: unknown }
  readonly self: AnyActorRef
}

/** `while` is tested before a turn begins and sees the counter as it will be. */
function turnsAt({ turns }: ChartContext, step: string, at: Params['at']): Turns {
  return at === 'while' ? { ...turns, [step]: (turns[step] ?? -1) + 1 } : turns
}

const guards = {
  failed: ({ event }: Arguments) => isDone(event) && event.output?.status === 'failed',
  holds: ({ context }: Arguments, { expression, step, at }: Params) =>
    context.run.holds(expression, step, turnsAt(context, step, at), at),
  isInvalid: ({ context }: Arguments, { expression, step, at, max }: Params) => {
    const turns = turnsAt(context, step, at)
    // After the last turn nobody asks whether there is to be another one.
    const isAsked = max === undefined || (turns[step] ?? 0) < max
    return isAsked && context.run.isInvalid(expression, step, turns, at)
  },
  takes: ({ context }: Arguments, { step, branch }: Params) => context.run.takes(step, branch, context.turns),
  turns: ({ context }: Arguments, { step, max, expression }: Params) => {
    const turns = turnsAt(context, step, 'while')
    const isLeft = (turns[step] ?? 0) < (max ?? 0)
    return isLeft && (expression === undefined || context.run.holds(expression, step, turns, 'while'))
  },
  retries: ({ context }: Arguments, { step }: Params) => context.run.tries.retries(step, context.turns),
  isTimer: ({ context, event }: Arguments, { step, purpose }: Params) =>
    context.run.isTimer(step, context.turns, event as never, purpose),
}

/** An action of a chart: changes what the run knows, and perhaps the counters. `assign` keeps it in order with the guards. */
function action(change: (context: ChartContext, params: Params, self: AnyActorRef) => Turns | undefined): unknown {
  return assign(({ context, self }: Arguments, params: Params) => {
    const turns = change(context, params, self)
    return turns ? { turns } : {}
  })
}

/** An action that changes what the run knows and no counter. */
function note(change: (context: ChartContext, params: Params, self: AnyActorRef) => void): unknown {
  return action((context, params, self) => {
    change(context, params, self)
    return undefined
  })
}

const actions = {
  skip: note(({ run, turns }, { step }) => run.skip(step, turns)),
  settle: note(({ run, turns }, { step }) => run.settleBlock(step, turns)),
  reject: note((context, { expression, step, at, held }) =>
    context.run.reject(expression, step, turnsAt(context, step, at), at, held ?? false),
  ),
  fail: note(({ run, turns }, { blocks }) => run.tries.failBlocks(blocks, turns)),
  catch: note(({ run, turns }, { step, blocks }) => run.tries.catchFailure(step, blocks, turns)),
  'take-branch': note(({ run, turns }, { step, branch }) => run.takeBranch(step, branch, turns)),
  'resolve-items': note(({ run, turns }, { step }) => run.resolveItems(step, turns)),
  'enter-loop': action(({ turns }, { step }) => ({ ...turns, [step]: -1 })),
  'begin-turn': action((context, { step }) => {
    const turns = turnsAt(context, step, 'while')
    context.run.beginTurn(step, turns)
    return turns
  }),
  'enter-tries': action(({ turns }, { step }) => ({ ...turns, [tryCounter(step)]: -1 })),
  'begin-try': action(({ run, turns }, { step }, self) => {
    const counter = tryCounter(step)
    const next = turns[counter] === undefined ? turns : { ...turns, [counter]: (turns[counter] ?? -1) + 1 }
    run.tries.begin(step, next, self)
    return next
  }),
  'wait-for-try': note(({ run, turns }, { step }, self) => run.tries.wait(step, turns, self)),
  expire: note(({ run, turns }, { step }) => run.tries.expire(step, turns)),
  disappoint: note(({ run, turns }, { step, expression }) => run.tries.disappoint(expression, step, turns)),
  'begin-handler': note(({ run, turns }, { step }) => run.tries.beginHandler(step, turns)),
  'settle-handled': note(({ run, turns }, { step }) => run.tries.settleHandled(step, turns)),
}
