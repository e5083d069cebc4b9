import type { Program, StepEntry } from '../compiler/program.ts'
import type { Message } from '../model/journal-event.ts'
import type { PromptStep, RunStep } from '../model/step.ts'
import type { Work } from './ports.ts'
import type { RunRecord, Turns } from './record.ts'
import { EarlierMessages } from './earlier-messages.ts'
import type { Evaluator } from './scope.ts'

/** What a step is asked to do, with everything resolved. Throws `ExpressionError`. */
export function resolveWork(
  step: PromptStep | RunStep,
  entry: StepEntry,
  program: Program,
  record: RunRecord,
  evaluator: Evaluator,
  turns: Turns,
): Work {
  const view = { loops: entry.loops, turns }
  if (step.kind === 'run') {
    const env = Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, evaluator.text(text, view)]))
    return { kind: 'run', command: step.command, env, network: step.network, output: step.output }
  }
  const { name, models, system, sampling } = step.agent
  const messages: Message[] = system === '' ? [] : [{ role: 'system', content: system }]
  messages.push(...new EarlierMessages(step, entry, program, record, turns).collect())
  messages.push({ role: 'user', content: evaluator.text(step.prompt, view) })
  return { kind: 'prompt', agent: name, models, messages: joinNeighbours(messages), sampling, output: step.output }
}

/** Several servers refuse two messages of one role in a row: neighbours become one message. */
function joinNeighbours(messages: readonly Message[]): Message[] {
  const joined: Message[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (last?.role === message.role)
      joined[joined.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` }
    else joined.push(message)
  }
  return joined
}
