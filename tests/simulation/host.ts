import { StepFailure } from '../../src/model/failure.ts'
import { hashText } from '../../src/model/hash.ts'
import type { Answer, Clock, Executor } from '../../src/runtime/ports.ts'
import { oracle } from '../runtime/outcomes.ts'
import type { SoundProgram } from '../runtime/sound-program.ts'

/** Of 100 calls so many fail. */
const failing = 20

/**
 * Hosts, commands and tools in one: quick or slow, now and then failing, and now and then silent until their time is
 * over. An attempt that is made again gets the same answer.
 */
export function simulatedHost(seed: number, clock: Clock, programOf: (runId: string) => SoundProgram): Executor {
  return {
    execute: (request, signal) =>
      new Promise<Answer>((resolve, reject) => {
        const { path, attempt, deadlineMs } = request
        const { workflow } = programOf(request.runId)
        const outcome = oracle(seed, failing, workflow)(`${request.runId}/${path}`, attempt)
        const end = (): void => {
          if (outcome.type === 'answered') resolve({ output: outcome.output })
          else reject(new StepFailure(outcome.failure))
        }
        const draw = Number.parseInt(hashText(`${seed} ${request.idempotencyKey} slow`).slice(0, 8), 16)
        const isSilent = draw % 12 === 0 && deadlineMs !== undefined
        const delayMs = draw % 3 === 0 ? 0 : draw % 90_000
        const clear = isSilent ? () => undefined : clock.at(clock.now() + delayMs, end)
        signal.addEventListener('abort', clear, { once: true })
      }),
  }
}
