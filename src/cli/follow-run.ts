import type { Program } from '../compiler/program.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { applyEvent } from '../runtime/fold.ts'
import { runSummary, toExecutionEvents } from '../runtime/execution-event.ts'
import type { AttemptRequest } from '../runtime/ports.ts'
import { toText } from '../runtime/scope.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { Workspace } from '../workspace.ts'
import { treeOn } from './live-tree.ts'
import { type Paint, paintFor } from './paint.ts'
import { runFacts } from './run-facts.ts'

/** What shows a run to the person who started it. */
export interface Display {
  event(event: JournalEvent, before: RunStatus | undefined, after: RunStatus): void
  text(request: Pick<AttemptRequest, 'runId' | 'path'>, text: string): void
  /** The run is over and its trace, if it has one, is in git. */
  end(status: RunStatus): void
}

/** Shows a run of this process from its first event to its last; resolves when it has settled. */
export function followRun(workspace: Workspace, runId: string, display: Display): Promise<void> {
  return new Promise(resolve => {
    let status: RunStatus | undefined
    const stop = workspace.keeper.listen({
      onText: (request, text) => request.runId === runId && display.text(request, text),
      onEvents: events => {
        for (const event of events.filter(item => item.runId === runId)) {
          const before = status
          status = applyEvent(status, event)
          display.event(event, before, status)
          if (event.body.type !== 'run-settled') continue
          stop()
          resolve()
        }
      },
    })
  })
}

/** Machines read one event a line, and the result on the last. */
export function jsonDisplay(): Display {
  const print = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`)
  return {
    event: (event, before, after) => toExecutionEvents(event, before, after).forEach(print),
    text: () => undefined,
    end: status => print(runSummary(status)),
  }
}

/** People watch the tree on standard error; the outputs go to standard output. */
export function treeDisplay(program: Program, now: () => number): Display {
  const tree = treeOn(program, process.stderr, now)
  return {
    event: (_event, _before, after) => tree.update(after),
    text: (request, text) => tree.text(request.path, text.length),
    end: status => {
      tree.finish(status)
      if (status.phase === 'succeeded') process.stdout.write(`${readable(status.outputs)}\n`)
      else process.stderr.write(farewell(status, paintFor(process.stderr)))
    },
  }
}

/** The last that is said of a run that did not succeed: why, and where to read on. */
function farewell(status: RunStatus, paint: Paint): string {
  const facts = runFacts(status, paint)
  const more = `more: orchestrate show ${status.id}`
  return `${[...facts, ...(status.trace ? [] : [more])].join('\n')}\n`
}

function readable(outputs: Json): string {
  return typeof outputs === 'object' ? JSON.stringify(outputs, null, 2) : toText(outputs)
}
