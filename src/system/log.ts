import { pino } from 'pino'
import type { Log } from '../runtime/ports.ts'
import { visibleText } from '../model/visible-text.ts'

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const
type Level = (typeof levels)[number]

/** Where lines go, and whether people read them there. */
export interface LogTarget {
  readonly isTerminal: boolean
  write(line: string): void
}

const standardError: LogTarget = {
  isTerminal: process.stderr.isTTY,
  write: line => process.stderr.write(line),
}

/** The log: JSON lines, or plain lines on a terminal. An unknown level means `info`. */
export function createLog(level = process.env['ORCHESTRATE_LOG'], target: LogTarget = standardError): Log {
  const known: Level = levels.find(item => item === level) ?? 'info'
  const write = target.isTerminal ? (line: string) => target.write(plainLine(line)) : target.write
  const formatters = { level: (label: string) => ({ level: label }) }
  // A stack trace helps us, not the people who read the log.
  const error = (given: unknown): unknown =>
    given instanceof Error ? (known === 'debug' ? given.stack : given.message || String(given)) : given
  return pino({ level: known, base: null, formatters, serializers: { error } }, { write })
}

/** One line for people: time, level, message and fields. Text from elsewhere cannot move the cursor. */
function plainLine(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as { time: number; level: string; msg: string }
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const clockTime = new Date(time).toISOString().slice(11, 19)
  return `${visibleText([clockTime, level.padEnd(5), msg, ...pairs].join(' '))}\n`
}
