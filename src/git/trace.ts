import type { TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { tracesFolder } from './merge-traces.ts'
import type { RunFacts } from './run-facts.ts'
import type { TraceTarget } from './trace-place.ts'

/** A trace to commit. `Orchestrate-Run` among the trailers makes a repeated call harmless. */
export interface Trace {
  /** The branch that declared the run. */
  readonly branch: string
  /** The commit that was run. */
  readonly revision: string
  readonly target: TraceTarget
  /** `runs/<workflow>/<case>`: replaced as a whole. */
  readonly folder: string
  /** By path below the folder. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
  readonly subject: string
  readonly trailers: Readonly<Record<string, string>>
  /** True where it may have been committed before, and who did so never came to note it. */
  readonly mayBeThere?: boolean
}

const attributes = `**/run.json linguist-generated -diff
**/journal.jsonl linguist-generated -diff
** merge=orchestrate-run
`

/** What a trace changes in a tree. Throws `UnsafePath` for a path that leaves its folder. */
export function changesOf({ folder, files }: Trace): TreeChange[] {
  if (!folder.startsWith(`${tracesFolder}/`)) throw unsafe(folder)
  const written = [...files].map(([name, to]) => ({ path: `${folder}/${name}`, to }))
  for (const { path } of written) if (!isPlainPath(path)) throw unsafe(path)
  return [{ path: folder, to: undefined }, ...written, { path: `${tracesFolder}/.gitattributes`, to: attributes }]
}

function isPlainPath(path: string): boolean {
  if (/[\p{Cc}\\]/u.test(path)) return false
  return path.split('/').every(part => !['', '.', '..', '.git'].includes(part.toLowerCase()))
}

function unsafe(path: string): GitFailure {
  return new GitFailure('UnsafePath', `A trace cannot be written to ${path}.`)
}

/** The trailers of a run, by which its trace is found in the history. */
export function trailersOfRun({ id, workflow, revision, phase }: Omit<RunFacts, 'closureKey'>): Record<string, string> {
  return {
    'Orchestrate-Run': id,
    'Orchestrate-Workflow': workflow,
    'Orchestrate-Revision': revision,
    'Orchestrate-Result': phase,
  }
}

/** The subject of the commit that holds the trace of a run. */
export function subjectOfRun({ workflow, phase }: Pick<RunFacts, 'workflow' | 'phase'>): string {
  return `run(${workflow}): ${phase}`
}

/** The message of a commit that brings the traces of runs over. */
export function messageOfRuns(runs: readonly RunFacts[], isStale: boolean): string {
  if (runs.length === 0) return 'Bring traces over\n'
  const message = messageOf(runs.map(run => ({ subject: subjectOfRun(run), trailers: trailersOfRun(run) })))
  return isStale ? `${message}Orchestrate-Stale: true\n` : message
}

/** The message of the commit of some traces: a subject, and of each run a trailer a line. */
export function messageOf(traces: readonly Pick<Trace, 'subject' | 'trailers'>[]): string {
  const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
  const [first, ...others] = traces.map(({ subject }) => oneLine(subject))
  const subject = others.length === 0 ? first : `${first}, and ${others.length} more`
  const list = others.length === 0 ? [] : [traces.map(trace => oneLine(trace.subject)).join('\n')]
  const blocks = traces.map(({ trailers }) =>
    Object.entries(trailers).map(([name, value]) => `${name}: ${oneLine(value)}`),
  )
  return `${[subject, ...list, blocks.flat().join('\n')].join('\n\n')}\n`
}
