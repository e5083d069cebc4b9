import type { JournalEvent } from '../model/journal-event.ts'
import { applyEvent } from '../runtime/fold.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { Workspace } from '../workspace.ts'
import { type Display, treeDisplay } from './follow-run.ts'

/** Shows each run that begins in this process, with a live tree of its own, and tells when it has settled. */
export function followEveryRun(workspace: Workspace, onSettled: (status: RunStatus) => void): void {
  const shown = new Map<string, { display: Display; status: RunStatus }>()
  const show = (event: JournalEvent): void => {
    const known = shown.get(event.runId)
    const after = applyEvent(known?.status, event)
    const display = known?.display ?? displayOf(workspace, after)
    shown.set(event.runId, { display, status: after })
    display.event(event, known?.status, after)
    if (event.body.type !== 'run-settled') return
    display.end(after)
    shown.delete(event.runId)
    onSettled(after)
  }
  workspace.keeper.listen({
    onText: (request, text) => shown.get(request.runId)?.display.text(request, text),
    onEvents: events => {
      for (const event of events) if (event.body.type === 'run-created' || shown.has(event.runId)) show(event)
    },
  })
}

function displayOf(workspace: Workspace, status: RunStatus): Display {
  return treeDisplay(workspace.program(status.programHash), () => workspace.ports.clock.now())
}
