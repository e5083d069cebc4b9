import type { Configuration } from '../model/configuration.ts'
import { ExpressionError } from '../model/expression.ts'
import { hashValue } from '../model/hash.ts'
import type { Json } from '../model/json.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import type { Board, InForce } from './board.ts'
import { resolveInputs } from './inputs.ts'
import type { Memory } from './memory.ts'
import { type DueTick, Scheduler } from './scheduler.ts'
import type { StartRequest } from './start-request.ts'
import { triggeredInputs } from './triggered-inputs.ts'

/** What schedules and webhooks need of a workspace. */
export interface TriggeredWorkspace {
  readonly ports: {
    readonly clock: Clock
    readonly log: Log
    readonly environment: Readonly<Record<string, string>>
  }
  readonly store: Memory & { hasRun(id: string): boolean }
  readonly configuration: Pick<Configuration, 'triggers'>
  start(request: StartRequest): Promise<void>
}

/** A message to a workflow that starts nothing. */
export class HookRefused extends Error {
  override readonly name = 'HookRefused'
  readonly reason: 'NotFound' | 'NoKey' | 'Suspended' | 'BadInputs'

  constructor(reason: HookRefused['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** Starts runs that no commit asks for: when a schedule says so, and when a signed message comes. */
export class StandingTriggers {
  readonly scheduler: Scheduler
  readonly #workspace: TriggeredWorkspace
  readonly #board: Board

  constructor(workspace: TriggeredWorkspace, board: Board) {
    this.#workspace = workspace
    this.#board = board
    const { clock, log } = workspace.ports
    this.scheduler = new Scheduler({
      ...{ clock, log, memory: workspace.store },
      inForce: () => board.inForce(),
      start: due => this.#startTick(due),
    })
  }

  /** The key that messages to a workflow, or to `git`, are signed with. Throws `HookRefused`. */
  async hookKey(name: string): Promise<string> {
    const { configuration, ports } = this.#workspace
    const secret =
      name === 'git'
        ? configuration.triggers.secret
        : (await this.#hooked(name)).evaluation.program.triggers.webhook?.secret
    if (secret === undefined) throw new HookRefused('NotFound', `Nothing listens at /hooks/${name}.`)
    const key = ports.environment[secret]
    if (key) return key
    ports.log.warn({ workflow: name, secret }, 'webhook refused: the environment has no such secret')
    throw new HookRefused('NoKey', `The key of /hooks/${name} is not set in the daemon's environment.`)
  }

  /** Starts the run that a signed message asks for, once for each id. Throws `HookRefused`. */
  async deliver(
    name: string,
    {
      id,
      headers,
      body,
    }: { readonly id: string; readonly headers: Readonly<Record<string, string>>; readonly body: Json },
  ): Promise<{ readonly runId: string; readonly isNew: boolean }> {
    const workflow = await this.#hooked(name)
    const { webhook } = workflow.evaluation.program.triggers
    if (workflow.isSuspended) throw new HookRefused('Suspended', `Workflow ${name} is suspended.`)
    // A message is the same on whichever branch it is taken.
    const runId = hashValue({ workflow: name, trigger: 'webhook', delivery: id }).slice(0, 16)
    const isNew = !this.#workspace.store.hasRun(runId)
    if (!isNew) return { runId, isNew }
    const problems = await this.#start(workflow, runId, 'webhook', webhook?.with ?? {}, { headers, body })
    if (problems.length > 0) throw new HookRefused('BadInputs', problems.join(' '))
    return { runId, isNew }
  }

  async #hooked(name: string): Promise<InForce> {
    const found = (await this.#board.inForce()).find(({ evaluation }) => evaluation.workflow === name)
    if (found?.evaluation.program.triggers.webhook) return found
    throw new HookRefused('NotFound', `Nothing listens at /hooks/${name}.`)
  }

  async #startTick({ runId, workflow, schedule, event }: DueTick): Promise<void> {
    if (this.#workspace.store.hasRun(runId)) return
    const problems = await this.#start(workflow, runId, 'schedule', schedule.with, event)
    const fields = { workflow: workflow.evaluation.workflow, time: event.time }
    // It will be no better in five seconds: the tick is over.
    if (problems.length > 0) this.#workspace.ports.log.error({ ...fields, problems }, 'scheduled run could not start')
  }

  /** Answers with what keeps the run from being started; nothing when it was. */
  async #start(
    { branch, revision, evaluation }: InForce,
    id: string,
    trigger: 'schedule' | 'webhook',
    values: Readonly<Record<string, Json>>,
    event: Json,
  ): Promise<readonly string[]> {
    const { workflow, program } = evaluation
    const given = filled(values, { id, workflow, branch, revision, trigger, event })
    if ('problem' in given) return [given.problem]
    const resolved = resolveInputs(program, given.inputs)
    if (!resolved.ok) return resolved.problems
    const { inputs } = resolved
    const place = { branch, revision, isDirty: false }
    await this.#workspace.start({ id, evaluation, inputs, case: trigger, trigger, event, ...place })
    this.#workspace.ports.log.info({ runId: id, workflow, branch, revision, trigger }, 'run started')
    return []
  }
}

function filled(
  values: Readonly<Record<string, Json>>,
  run: Readonly<Record<string, Json>>,
): { readonly inputs: Record<string, Json> } | { readonly problem: string } {
  try {
    return { inputs: triggeredInputs(values, run) }
  } catch (error) {
    if (error instanceof ExpressionError) return { problem: error.message }
    throw error
  }
}
