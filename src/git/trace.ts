import type { TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { tracesFolder } from './merge-traces.ts'
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

/** The message of the commit of some traces: a subject, and of each run a trailer a line. */
export function messageOf(traces: readonly Trace[]): string {
  const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
  const [first, ...others] = traces.map(({ subject }) => oneLine(subject))
  const subject = others.length === 0 ? first : `${first}, and ${others.length} more`
  const list = others.length === 0 ? [] : [traces.map(trace => oneLine(trace.subject)).join('\n')]
  const blocks = traces.map(({ trailers }) =>
    Object.entries(trailers).map(([name, value]) => `${name}: ${oneLine(value)}`),
  )
  return `${[subject, ...list, blocks.flat().join('\n')].join('\n\n')}\n`
}
