import type { RunStatus, StepStatus } from '../runtime/status.ts'
import { openQuestions } from '../runtime/status.ts'
import { stepIdOf } from '../trace/step-order.ts'
import { visibleText } from '../model/visible-text.ts'

/** Longer questions are cut on a line, in characters; `show --step` has them whole. */
const longestQuestion = 160

/** What a step waits for, on one line; nothing for one that does not. */
export function awaitedText({ phase, attempts }: StepStatus): string[] {
  const waiting = phase === 'waiting' ? attempts.at(-1)?.waiting : undefined
  switch (waiting?.for) {
    case undefined:
      return []
    case 'answer': {
      const to = waiting.assignees.length > 0 ? ` (${waiting.assignees.join(', ')})` : ''
      const question = visibleText(waiting.question).replaceAll(/\s+/g, ' ').trim()
      const shown =
        question.length > longestQuestion ? `${question.slice(0, longestQuestion).toWellFormed()}…` : question
      return [`${shown}${visibleText(to)}`]
    }
    case 'event':
      return [`waits for the event ${visibleText(waiting.event)}`]
    case 'time':
      // Swedish dates are written like those of ISO 8601.
      return [`waits until ${new Date(waiting.untilMs).toLocaleString('sv-SE')}`]
  }
}

/** Where an answer came from, where no step of this run was executed for it. */
export function originText({ attempts }: StepStatus): string[] {
  const { by, origin } = { ...attempts.at(-1) }
  return [
    ...(by === undefined ? [] : [`by ${visibleText(by)}`]),
    ...(origin === undefined ? [] : [`${origin.path === '' ? 'run' : 'from run'} ${origin.runId}`]),
  ]
}

/** The commands that a run waits for: one that lets a paused run go on, those that answer its questions. */
export function nextCommands(status: RunStatus): string[] {
  if (status.phase === 'paused') return ['step', 'resume'].map(verb => `orchestrate ${verb} ${status.id}`)
  const paths = openQuestions(status).map(({ path }) => path)
  return paths.map(path => {
    const id = stepIdOf(path)
    const isOnly = paths.filter(other => stepIdOf(other) === id).length === 1
    return `orchestrate answer ${status.id} ${isOnly ? id : path} <value>`
  })
}
