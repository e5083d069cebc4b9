import { hashText } from '../../src/model/hash.ts'
import { canonicalJson } from '../../src/model/json.ts'
import type { RunCreated } from '../../src/model/journal-event.ts'
import { check } from '../../src/checker/check.ts'
import { emptyLibrary } from '../../src/checker/library.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { loadProgram } from '../../src/runtime/chart-logic.ts'
import { RunKeeper } from '../../src/runtime/keeper.ts'
import type { AttemptRequest, Executor, Log } from '../../src/runtime/ports.ts'
import type { Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { executorsOf } from '../runtime/executors-of.ts'

/** A question to a person between two answers of a model, as most runs that wait have. */
export const waiting = `
steps:
  - { id: draft, prompt: Write an article about owls. }
  - { id: good, ask: Is it good enough to be printed? }
  - { id: print, prompt: "Say in one line that \${steps.good.output} was the verdict." }
`

/** Some work of each kind, done in a moment. */
export const mixed = `
steps:
  - { id: draft, prompt: Write an article about owls. }
  - id: reviews
    each:
      in: [a, b, c]
      steps:
        - { id: review, prompt: "Review it as \${item}." }
  - id: refine
    loop:
      max: 2
      steps:
        - { id: better, prompt: Make it better. }
  - { id: total, set: { length: "\${size(steps.reviews.output)}" } }
`

/** A chain that has come to its middle. */
export const chain = `
steps:
  - { id: a, prompt: One. }
  - { id: b, prompt: "Two, after \${steps.a.output}." }
  - { id: c, prompt: Three. }
  - { id: d, prompt: Four. }
`

export function programOf(text: string): Program {
  const { workflow, diagnostics, places } = check(parseWorkflow(text, 'workflows/crowd.yaml'), emptyLibrary)
  if (!workflow) throw new Error(`not sound: ${JSON.stringify(diagnostics)}`)
  return compile(workflow, places)
}

/** Starts so many runs of a workflow in a journal, and lets their attempts be answered as far as a step goes. */
export async function fill(
  store: Store,
  text: string,
  count: number,
  isAnswered: (step: string) => boolean,
): Promise<void> {
  const program = programOf(text)
  const json = canonicalJson(program)
  const created = createdBy(program, hashText(json), hashText(text))
  const blobs = new Map([json, text].map(blob => [hashText(blob), blob]))
  const loaded = loadProgram(program)
  let held = 0
  let ended = 0
  const executor: Executor = {
    execute: ({ stepId }: AttemptRequest) => {
      if (isAnswered(stepId)) return Promise.resolve({ output: 'Well.', host: 'simulated', simulated: true })
      held += 1
      return new Promise(() => undefined)
    },
  }
  const ports = { clock: systemClock, random: () => 0.5, log: silent, journal: store }
  const keeper = new RunKeeper({ ...ports, executors: executorsOf(executor), parallel: count * 4, runs: count })
  keeper.listen({
    onEvents: events => void (ended += events.filter(({ body }) => body.type === 'run-settled').length),
  })
  const first = store.runs().length
  for (let index = 0; index < count; index += 1) void keeper.start(`run-${first + index}`, created, loaded, blobs)
  while (held + ended < count) await new Promise(resolve => setImmediate(resolve))
  keeper.close()
}

/** What a run of the simulated host begins with that leaves no trace in git. */
function createdBy(program: Program, programHash: string, sourceHash: string): RunCreated {
  return {
    type: 'run-created',
    workflow: program.workflow,
    case: 'default',
    programHash,
    sourceHash,
    sourcePath: 'workflows/crowd.yaml',
    isDirty: true,
    isSimulated: true,
    trigger: 'manual',
    inputs: {},
  }
}

const say = (): void => undefined
export const silent: Log = { debug: say, info: say, warn: say, error: say }
