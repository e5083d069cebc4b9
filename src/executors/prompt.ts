import type { Call, Fleet, Reply } from '../hosts/fleet.ts'
import { type HostTry, StepFailure } from '../model/failure.ts'
import type { Message } from '../model/journal-event.ts'
import type { Output } from '../model/step.ts'
import { addUsage, type Usage } from '../model/usage.ts'
import type { Answer, AttemptRequest, Executor, Work } from '../runtime/ports.ts'
import { readAnswer, requestedFormat } from './answer-format.ts'

type PromptWork = Work & { readonly kind: 'prompt' }

const noFiles = 'This version cannot show files to a model yet: put what it is to read into the prompt.'

/**
 * Asks a model.
 *
 * An answer that is not what the step wants is shown to the model once, with what is wrong about it; when the second one
 * is no better, the step fails with `InvalidOutput`.
 */
export function createPromptExecutor(fleet: Fleet): Executor {
  return {
    async execute(request, signal, onText) {
      const { work } = request
      if (work.kind !== 'prompt') throw new TypeError(`a prompt executor was given a ${work.kind} step`)
      if (work.files.length > 0) throw new StepFailure({ reason: 'Unsupported', message: noFiles })
      const first = await fleet.ask(callOf(request, work, work.messages, ''), signal, onText)
      const answer = readAnswer(first.text, work.output)
      if (answer.ok) return { output: answer.value, ...rawOf(first, work.output), ...provenance([first]) }
      const messages = [...work.messages, ...repair(first.text, answer.message)]
      const second = await askAgain(fleet, callOf(request, work, messages, '-repair'), first, signal, onText)
      const repaired = readAnswer(second.text, work.output)
      if (repaired.ok) return { output: repaired.value, ...rawOf(second, work.output), ...provenance([first, second]) }
      throw invalidOutput(repaired.message, [first, second])
    },
  }
}

/** A host is not waited for longer than that, whatever the step says. */
const longestMs = 86_400_000

function callOf(
  { path, startedMs, deadlineMs, idempotencyKey }: AttemptRequest,
  work: PromptWork,
  messages: readonly Message[],
  suffix: string,
): Call {
  return {
    models: work.models,
    messages,
    sampling: work.sampling,
    format: requestedFormat(work.output),
    // A server that answers by key must not give the first answer again.
    idempotencyKey: idempotencyKey + suffix,
    step: path,
    deadlineMs: deadlineMs ?? startedMs + longestMs,
  }
}

/** Asks for a repair; its failure tells of the tries before it, too. */
async function askAgain(
  fleet: Fleet,
  call: Call,
  first: Reply,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Reply> {
  try {
    return await fleet.ask(call, signal, onText)
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error
    const { failure } = error
    throw new StepFailure({ ...failure, tries: [...first.tries, ...(failure.tries ?? [])] }, { cause: error })
  }
}

function repair(text: string, problem: string): Message[] {
  return [
    { role: 'assistant', content: text },
    { role: 'user', content: `${problem}\n\nAnswer again, with the corrected JSON only.` },
  ]
}

function invalidOutput(message: string, replies: readonly Reply[]): StepFailure {
  const output = replies.at(-1)?.text ?? ''
  return new StepFailure({ reason: 'InvalidOutput', message, output, tries: triesOf(replies) })
}

/** The text as it came, where the step is given something else. */
function rawOf({ text }: Reply, output: Output): { raw?: string } {
  return output.type === 'text' ? {} : { raw: text }
}

function provenance(replies: readonly Reply[]): Omit<Answer, 'output' | 'raw'> {
  const last = replies.at(-1)
  const usages = replies.map(reply => reply.usage)
  const usage = usages.every(counted => counted !== undefined) ? usages.reduce(addUsage) : undefined
  return {
    ...(last && { host: last.host, model: last.model }),
    simulated: replies.some(reply => reply.simulated),
    ...(usage && ({ usage } satisfies { usage: Usage })),
    tries: triesOf(replies),
  }
}

function triesOf(replies: readonly Reply[]): HostTry[] {
  return replies.flatMap(reply => reply.tries)
}
