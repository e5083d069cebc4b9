import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import type { JournalEventBody } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import { createAskExecutor, createWaitExecutor } from '../../src/executors/wait.ts'
import { loadProgram } from '../../src/runtime/chart-logic.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import { createdFor } from '../runtime/sound-program.ts'
import { VirtualWorld } from '../runtime/virtual-world.ts'
import { checkedCase, isFailing, type Reply, type Way } from './cases.ts'

/** The program of a folder's workflow. Throws where the workflow is not sound. */
export function programOf(folder: string): Program {
  const { workflow, places, diagnostics } = checkedCase(folder)
  if (!workflow) throw new Error(`${folder}: ${JSON.stringify(diagnostics.map(({ message }) => message))}`)
  return JSON.parse(JSON.stringify(compile(workflow, places))) as Program
}

/**
 * Goes one way through a workflow and tells what happened, a line for everything that begins or ends. Waits and questions
 * are the real ones; people answer at once unless they are slow or silent.
 */
export async function storyOf(folder: string, way: Way): Promise<string[]> {
  using world = new VirtualWorld({}, clock => ({ ask: createAskExecutor(clock), wait: createWaitExecutor(clock) }))
  const program = programOf(folder)
  void world.keeper.start('run', createdFor(program, way.inputs), loadProgram(program), new Map())
  const script = new Script(way)
  for (await world.clock.rest(); world.keeper.live.size > 0; await world.clock.rest()) {
    const sent = world.keeper.sent('run')
    const open = sent.filter(request => request.work.kind !== 'wait' && !script.isSilent(request))
    const quick = open.find(request => !script.isSlow(request))
    const event = quick ? undefined : script.nextEvent()
    const request = quick ?? open[0]
    if (script.cancels(sent)) void world.keeper.signal('run', 'cancel')
    else if (event) void world.keeper.signal('run', 'event', event)
    else if (request) reply(world, request, script.replyTo(request))
    else if (!(await world.clock.next())) throw new Error(`${folder} waits for nothing and has not ended`)
  }
  script.refuseUnused(folder)
  return world.store.read('run').flatMap(({ body }) => lineOf(body) ?? [])
}

function reply(world: VirtualWorld, request: AttemptRequest, answer: Reply): void {
  if (isFailing(answer)) world.execution(request.path).fail(answer.fails)
  else if (request.work.kind === 'ask') void world.keeper.answer(request, { output: answer })
  else world.execution(request.path).answer(answer)
}

/** What the steps of one run answer. */
class Script {
  readonly #way: Way
  readonly #used = new Map<string, number>()
  readonly #events: [string, Json][]
  #hasCancelled = false

  constructor(way: Way) {
    this.#way = way
    this.#events = Object.entries(way.events)
  }

  isSlow({ path, stepId }: AttemptRequest): boolean {
    return [path, stepId].some(name => this.#way.slow.includes(name))
  }

  isSilent({ path, stepId }: AttemptRequest): boolean {
    return [path, stepId].some(name => this.#way.silent.includes(name))
  }

  /** True once: when the step is under way at which the run is cancelled. */
  cancels(sent: readonly AttemptRequest[]): boolean {
    const isThere = sent.some(({ path }) => path === this.#way['cancelled-at'])
    const isNow = isThere && !this.#hasCancelled
    this.#hasCancelled ||= isThere
    return isNow
  }

  /** The next event that comes; each comes once. */
  nextEvent(): { readonly event: string; readonly value: Json } | undefined {
    const [event, value = null] = this.#events.shift() ?? []
    return event === undefined ? undefined : { event, value }
  }

  replyTo({ path, stepId }: AttemptRequest): Reply {
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
    unused.push(...this.#events.map(([event]) => event))
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
      return body.signal === 'event' ? `the event ${body.event} comes` : `somebody sends ${body.signal}`
    case 'step-settled':
      return `${body.path} ${body.status}${body.error ? ` (${body.error.reason})` : shown(body.output)}`
    case 'run-settled':
      return `the run has ${body.status}${shown(body.outputs)}`
    default:
      return undefined
  }
}

const shown = (output: Json): string => (output === null ? '' : `: ${JSON.stringify(output)}`)
