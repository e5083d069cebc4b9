import type { ReactElement } from 'react'
import type { Json } from '../../model/json.ts'
import { Facts } from '../app/facts.tsx'
import { shortRevision } from '../app/figures.ts'
import type { LiveRun } from '../live/live-run.ts'
import { JsonText } from './json-text.tsx'

/** What a run was started with and what came of it: shown where no step is selected. */
export function RunFacts({ live: { run } }: { live: LiveRun }): ReactElement {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Run', run.id],
    ['File', run.sourcePath],
    ['Case', run.case],
    ['Trigger', run.by === undefined ? run.trigger : `${run.trigger}, by ${run.by}`],
    ['Began', new Date(run.startedMs).toLocaleString()],
    ['Trace', run.trace && `${run.trace.folder} in ${shortRevision(run.trace.commit)}`],
  ]
  return (
    <>
      <h2 className="text-title font-semibold">This run</h2>
      <p className="text-dim">
        Choose a step, or press <kbd>j</kbd> and <kbd>k</kbd>; <kbd>?</kbd> shows all keys.
      </p>
      <Facts facts={facts} />
      {Object.keys(run.inputs).length > 0 && <Values title="Inputs" value={run.inputs} />}
      {run.outputs !== null && <Values title="Outputs" value={run.outputs} />}
    </>
  )
}

function Values({ title, value }: { title: string; value: Json }): ReactElement {
  return (
    <section>
      <h3 className="mb-1 font-semibold">{title}</h3>
      <JsonText value={value} />
    </section>
  )
}
