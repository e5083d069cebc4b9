import { Failure, StepFailure } from '../model/failure.ts'
import type { Json } from '../model/json.ts'
import type { Executor } from '../runtime/ports.ts'
import type { Redactor } from '../trace/redact.ts'

/** An executor whose answers and failures are redacted before anyone journals them: secrets never reach the disk. */
export function redacted(executor: Executor, redactor: () => Redactor): Executor {
  return {
    async execute(request, signal, onText) {
      const { text, json, stream } = redactor()
      const shown = stream()
      const show = (piece: string): void => {
        if (piece !== '') onText(piece)
      }
      try {
        const answer = await executor.execute(request, signal, piece => show(shown.push(piece)))
        show(shown.end())
        const { output, raw } = answer
        return { ...answer, output: json(output), ...(raw !== undefined && { raw: text(raw) }) }
      } catch (error) {
        if (!(error instanceof StepFailure)) throw error
        throw new StepFailure(Failure.parse(json(error.failure as Json)), { cause: error })
      }
    },
  }
}
