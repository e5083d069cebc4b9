import { mockAnswer } from '../mock-host/answer.ts'
import type { Clock } from '../runtime/ports.ts'
import { type Completion, HostFailure, type HostRequest } from './host.ts'

/** The seed of answers made up in this process: the same question always gets the same answer. */
const seed = 0

/** A made-up answer after a delay, half way through which the first half of the text is heard. */
export async function simulate(
  request: HostRequest,
  delayMs: number,
  clock: Clock,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Completion> {
  const { model, messages, sampling, format } = request
  const { text, inputTokens, outputTokens } = mockAnswer(
    {
      model,
      messages,
      ...(sampling.seed !== undefined && { seed: sampling.seed }),
      ...(sampling.maxTokens !== undefined && { max_tokens: sampling.maxTokens }),
      ...(format.type === 'json' && { response_format: { type: 'json_object' } }),
      ...(format.type === 'schema' && {
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: format.schema } },
      }),
    },
    seed,
  )
  const words = text.match(/\S+\s*/g) ?? []
  for (const part of [words.slice(0, words.length >> 1), words.slice(words.length >> 1)]) {
    await wait(clock, Math.min(clock.now() + delayMs / 2, request.deadlineMs), signal)
    if (clock.now() >= request.deadlineMs && delayMs > 0)
      throw new HostFailure('Timeout', 'The simulated answer took too long.')
    onText(part.join(''))
  }
  return { text, usage: { inputTokens, outputTokens }, isSimulated: true }
}

function wait(clock: Clock, timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel()
      reject(new HostFailure('Stopped', 'The step was stopped.'))
    }
    const cancel = clock.at(timeMs, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
