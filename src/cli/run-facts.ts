import { visibleText } from '../model/visible-text.ts'
import type { RunStatus } from '../runtime/status.ts'
import { nextCommands } from './awaited-text.ts'
import type { Paint } from './paint.ts'

/** What it waits for from a person, where and why a run has failed, if it has, and where its trace is, if it has one: a line each. */
export function runFacts(status: RunStatus, paint: Paint): string[] {
  const { error, trace } = status
  return [
    ...nextCommands(status).map(line => `next: ${line}`),
    ...(error ? [`${paint('red', 'failed')} in ${error.step}: ${error.reason}: ${visibleText(error.message)}`] : []),
    ...(trace
      ? [`trace ${visibleText(trace.folder)} in commit ${trace.commit.slice(0, 7)} of ${visibleText(trace.ref)}`]
      : []),
  ]
}
