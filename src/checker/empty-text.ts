import { isMap } from '../model/json.ts'
import type { StepSource } from '../model/step-source.ts'
import { complain, type Origin, within } from './origin.ts'

/** Kinds that a text tells what to do: the field of their long form that holds it, and what to write there. */
const told = {
  prompt: { field: 'text', hint: 'Write what is asked, such as `Write one slogan.`.' },
  run: { field: 'command', hint: 'Write a command, such as `npm test`.' },
  kilo: { field: 'task', hint: 'Write a task, such as `Add a test for the parser.`.' },
  ask: { field: 'question', hint: 'Write a question, such as `Publish it?`.' },
} as const

const belowBullet = 'Write a command behind the bullet, or in a fenced block below it.'

/** Reports a text without a word where a step is told what to do: to do nothing is surely not what was meant. */
export function refuseEmptyText(kind: string, source: StepSource, origin: Origin): void {
  if (!isTold(kind)) return
  const { field, hint } = told[kind]
  const written: unknown = source[kind]
  const text = isMap(written) ? written[field] : written
  if (typeof text !== 'string' || text.trim() !== '') return
  const at = isMap(written) ? within(origin, kind, field) : within(origin, kind)
  const isBullet = kind === 'run' && origin.report.document.format === 'markdown'
  complain(at, 'BAD_VALUE', `\`${String(at.place.at(-1))}\` is empty.`, isBullet ? belowBullet : hint)
}

function isTold(kind: string): kind is keyof typeof told {
  return Object.hasOwn(told, kind)
}
