import type { Dispatcher } from './dispatcher.ts'
import { Gate } from './gate.ts'
import type { KeeperPorts } from './keeper-ports.ts'
import type { AttemptRequest } from './ports.ts'
import type { AttemptResult } from './dispatcher.ts'
import type { Run } from './run.ts'

type Report = (request: AttemptRequest, result: AttemptResult) => void

/**
 * What stands between an attempt and its executor: an answer that is known already, the limits of the run, an event that
 * has come before the step that waits for it.
 */
export class Departures {
  readonly #ports: Pick<KeeperPorts, 'clock' | 'decide'>
  readonly #dispatcher: Dispatcher
  readonly #report: Report
  readonly #gate = new Gate()

  constructor(ports: Pick<KeeperPorts, 'clock' | 'decide'>, dispatcher: Dispatcher, report: Report) {
    this.#ports = ports
    this.#dispatcher = dispatcher
    this.#report = report
  }

  send(run: Run, request: AttemptRequest): void {
    // It may have been stopped in the very transaction that it was started in, or while its run had no place.
    if (!run.awaits(request)) return
    const known = this.#ports.decide?.(request, run.created)
    if (known) return this.#report(request, known)
    const isPatient = this.#dispatcher.isPatient(request)
    const verdict = isPatient ? 'go' : this.#gate.admit(run, request, this.#ports.clock.now())
    if (verdict === 'wait') return
    if (verdict !== 'go') return this.#report(request, { type: 'failed', failure: verdict })
    this.#dispatcher.dispatch(request)
    this.#deliver(run, request)
  }

  /** Gives the steps that wait for events those that have come. */
  deliver(run: Run): void {
    for (const request of run.sent()) this.#deliver(run, request)
  }

  /** What has ended makes room within the limits of its run. */
  landed(run: Run, path: string): void {
    for (const request of this.#gate.leave(run.id, path)) this.send(run, request)
  }

  /** Takes back what a run that is paused has sent and what has not begun; some of it was never admitted. */
  withdraw(run: Run, unadmitted: readonly AttemptRequest[]): void {
    const queued = this.#dispatcher.withdraw(run.id)
    for (const request of [...unadmitted, ...this.#gate.withdraw(run.id), ...queued]) run.park(request)
    for (const { path } of queued) this.#gate.leave(run.id, path)
  }

  forget(runId: string): void {
    this.#gate.forget(runId)
  }

  /** The oldest event of the name that a step waits for. */
  #deliver(run: Run, request: AttemptRequest): void {
    const { work } = request
    const letter = work.kind === 'wait' && work.event !== undefined ? run.letter(work.event) : undefined
    if (!letter || !this.#dispatcher.end(request)) return
    this.#report(request, { type: 'answered', answer: { output: letter.value } })
  }
}
