import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import type { JournalEventBody } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import { loadProgram } from '../../src/runtime/chart-logic.ts'
import { createdFor } from '../runtime/sound-program.ts'
import { type Execution, VirtualWorld } from '../runtime/virtual-world.ts'
import { checkedCase, isFailing, type Reply, type Way } from './cases.ts'

/** The program of a folder's workflow. Throws where the workflow is not sound. */
export function programOf(folder: string): Program {
  const { workflow, places, diagnostics } = checkedCase(folder)
  if (!workflow) throw new Error(`${folder}: ${JSON.stringify(diagnostics.map(({ message }) => message))}`)
  return JSON.parse(JSON.stringify(compile(workflow, places))) as Program
}

/** Goes one way through a workflow and tells what happened, a line for everything that begins or ends. */
export async function storyOf(folder: string, way: Way): Promise<string[]> {
  using world = new VirtualWorld()
  const program = programOf(folder)
  void world.keeper.start('run', createdFor(program, way.inputs), loadProgram(program), new Map())
  const script = new Script(way)
  const answered = new Set<Execution>()
  for (await world.clock.rest(); world.keeper.live.size > 0; await world.clock.rest()) {
    if (script.cancels(world.executions)) {
      void world.keeper.signal('run', 'cancel')
      continue
    }
    const open = world.executions.filter(
      execution => !answered.has(execution) && !execution.signal.aborted && !script.isSilent(execution),
    )
    const execution = open.find(each => !script.isSlow(each)) ?? open[0]
    if (!execution) {
      if (await world.clock.next()) continue
      throw new Error(`${folder} waits for nothing and has not ended`)
    }
    answered.add(execution)
    const reply = script.replyTo(execution)
    if (isFailing(reply)) execution.fail(reply.fails)
    else execution.answer(reply)
  }
  script.refuseUnused(folder)
  return world.store.read('run').flatMap(({ body }) => lineOf(body) ?? [])
}

/** What the steps of one run answer. */
class Script {
  readonly #way: Way
  readonly #used = new Map<string, number>()
  #hasCancelled = false

  constructor(way: Way) {
    this.#way = way
  }

  isSlow({ request }: Execution): boolean {
    return [request.path, request.stepId].some(name => this.#way.slow.includes(name))
  }

  isSilent({ request }: Execution): boolean {
    return [request.path, request.stepId].some(name => this.#way.silent.includes(name))
  }

  /** True once: when the step is under way at which the run is cancelled. */
  cancels(executions: readonly Execution[]): boolean {
    const isThere = executions.some(({ request }) => request.path === this.#way['cancelled-at'])
    const isNow = isThere && !this.#hasCancelled
    this.#hasCancelled ||= isThere
    return isNow
  }

  replyTo({ request: { path, stepId } }: Execution): Reply {
    const key = path in this.#way.answers ? path : stepId
    const turn = this.#used.get(key) ?? 0
    this.#used.set(key, turn + 1)
    const written = this.#way.answers[key]
    const reply = Array.isArray(written) ? written[turn] : written
    if (reply === undefined) throw new Error(`nothing says what ${path} answers`)
    return reply
  }

  /** Throws where an answer was never asked for: the script does not tell what happens. */
  refuseUnused(folder: string): void {
    const unused = Object.keys(this.#way.answers).filter(key => !this.#used.has(key))
    if (unused.length > 0) throw new Error(`${folder}: nobody asks ${unused.join(', ')}`)
  }
}

function lineOf(body: JournalEventBody): string | undefined {
  switch (body.type) {
    case 'attempt-started':
      return `${body.path} starts${body.attempt > 1 ? ` again (${body.attempt})` : ''}`
    case 'attempt-failed':
      return `${body.path} attempt ${body.attempt}: ${body.failure.reason}`
    case 'branch-taken':
      return `${body.path} takes ${body.branch}`
    case 'items-resolved':
      return `${body.path} has ${body.count} items`
    case 'failure-caught':
      return `${body.path} catches ${body.error.reason} of ${body.error.step}`
    case 'signal-received':
      return `somebody sends ${body.signal}`
    case 'step-settled':
      return `${body.path} ${body.status}${body.error ? ` (${body.error.reason})` : shown(body.output)}`
    case 'run-settled':
      return `the run has ${body.status}${shown(body.outputs)}`
    default:
      return undefined
  }
}

const shown = (output: Json): string => (output === null ? '' : `: ${JSON.stringify(output)}`)
