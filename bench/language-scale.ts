// How the language scales: medians of 7 after a warm-up, one process, instant steps, no disk.
// Run: npm run bench -- reading | chains | graphs | each
import { createActor, setup, type AnyActorRef } from 'xstate'
import { parse as parseYaml } from 'yaml'
import { check } from '../src/checker/check.ts'
import { emptyLibrary } from '../src/checker/library.ts'
import { compile } from '../src/compiler/compile.ts'
import type { Program } from '../src/compiler/program.ts'
import type { Json } from '../src/model/json.ts'
import { parseWorkflow } from '../src/parser/parse.ts'
import { loadProgram } from '../src/runtime/chart-logic.ts'
import { Run } from '../src/runtime/run.ts'
import type { Turn } from '../src/runtime/turn.ts'
import { line, medianMs, ms, perStep, times } from './measure.ts'
import { eachOf, mixedWorkflow, promptChain, randomGraph, setChain } from './scale-workflows.ts'

/** Reads, checks and compiles a workflow. */
export function read(text: string): Program {
  const { workflow, diagnostics, places } = check(parseWorkflow(text, 'workflows/scale.yaml'), emptyLibrary)
  if (!workflow) throw new Error(`not sound: ${JSON.stringify(diagnostics.slice(0, 3))}`)
  return compile(workflow, places)
}

function runOf(program: Program): Run {
  const inputs = Object.entries(program.inputs).map(([name, input]) => [name, input.default])
  const created = {
    type: 'run-created' as const,
    workflow: program.workflow,
    case: 'default',
    programHash: program.hash,
    sourceHash: 's',
    sourcePath: 'workflows/scale.yaml',
    isDirty: false,
    trigger: 'manual' as const,
    inputs: Object.fromEntries(inputs) as Record<string, Json>,
  }
  return new Run('r', created, loadProgram(program))
}

/** Answers each step at once, in the order in which they are sent; says how many steps have settled. */
function runToEnd(program: Program): number {
  const run = runOf(program)
  let settled = 0
  const sent: { path: string; attempt: number; output: Json }[] = []
  const take = ({ events, effects }: Turn): void => {
    settled += events.filter(({ body }) => body.type === 'step-settled').length
    for (const effect of effects) {
      if (effect.type !== 'dispatch') continue
      const { path, attempt, work } = effect.request
      sent.push({
        path,
        attempt,
        output: work.output.type === 'text' ? 'Well.' : { sure: 0.9, kind: 'news', score: 1 },
      })
    }
  }
  take(run.start(0))
  // The list grows while it is gone through.
  for (const answer of sent) {
    const turn = run.feed({ type: 'attempt-succeeded', ...answer }, settled)
    if (!turn) throw new Error('nobody waits for the answer')
    take(turn)
  }
  if (!run.isSettled) throw new Error('the run has not ended')
  return settled
}

/** What can be compared with a chain of prompts: as many states of plain XState, each with an actor that is answered. */
function plainXState(states: number): () => void {
  const done = { status: 'done', output: undefined, error: undefined } as const
  const leaf = {
    transition: () => done,
    getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }) as const,
    getPersistedSnapshot: (snapshot: unknown) => snapshot,
  }
  const row = Array.from({ length: states }, (_, index) => [
    `s${index}`,
    { invoke: { id: `s${index}`, src: 'leaf', onDone: `s${index + 1}` } },
  ])
  const machine = setup({ actors: { leaf: leaf as never } }).createMachine({
    id: 'chain',
    initial: 's0',
    states: { ...Object.fromEntries(row), [`s${states}`]: { type: 'final' } },
  } as never)
  return () => {
    const actor = createActor(machine).start() as AnyActorRef
    for (let index = 0; index < states; index += 1) actor.getSnapshot().children[`s${index}`].send({ type: 'answer' })
    if (actor.getSnapshot().status !== 'done') throw new Error('the chain has not ended')
  }
}

/** Reading a file, step by step of the way, beside the time that `yaml` alone takes. */
function readingBench(steps: number, targetMs: number): void {
  const text = mixedWorkflow(steps)
  const document = parseWorkflow(text, 'workflows/scale.yaml')
  const { workflow, places } = check(document, emptyLibrary)
  if (!workflow) throw new Error('not sound')
  const yaml = medianMs(() => parseYaml(text))
  const parse = medianMs(() => parseWorkflow(text, 'workflows/scale.yaml'))
  const checked = medianMs(() => check(document, emptyLibrary))
  const compiled = medianMs(() => compile(workflow, places))
  const all = medianMs(() => read(text))
  line(`${steps} mixed steps, ${Math.round(text.length / 1024)} KiB: parse`, ms(parse), `${times(parse, yaml)} of yaml`)
  line(`${steps} mixed steps: check`, ms(checked))
  line(`${steps} mixed steps: compile`, ms(compiled))
  line(`${steps} mixed steps: all three`, ms(all), `target ${targetMs} ms, ${times(all, yaml)} of yaml (${ms(yaml)})`)
}

function runningBench(label: string, text: string): number {
  const program = read(text)
  const steps = runToEnd(program)
  const yaml = medianMs(() => parseYaml(text))
  const reading = medianMs(() => read(text))
  const running = medianMs(() => runToEnd(program))
  line(`${label}: read, check, compile`, ms(reading), `${times(reading, yaml)} of yaml`)
  line(`${label}: run`, ms(running), perStep(running, steps))
  return running
}

/** What can be asked for by name. */
export const languageSections: Readonly<Record<string, () => void>> = {
  reading: () => {
    readingBench(100, 30)
    readingBench(1000, 250)
    runningBench('1000 mixed steps', mixedWorkflow(1000))
  },
  chains: () => {
    runningBench('1000 set steps in a row', setChain(1000))
    runningBench('10000 set steps in a row', setChain(10_000))
    const ours = runningBench('1000 prompts in a row', promptChain(1000))
    const peer = medianMs(plainXState(1000))
    line('1000 states of plain XState in a row: run', ms(peer), `ours ${times(ours, peer)}`)
  },
  graphs: () => {
    for (const steps of [1000, 2500]) runningBench(`${steps} steps with random needs`, randomGraph(steps))
  },
  each: () => {
    for (const steps of [1, 2] as const) {
      for (const items of [1000, 10_000])
        runningBench(`each of ${items} items, ${steps} ${steps === 1 ? 'step' : 'steps'}`, eachOf(items, steps))
    }
  },
}
