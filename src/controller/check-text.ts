import type { Program } from '../compiler/program.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { folderSources, type Sources } from '../git/sources.ts'
import { workflowName } from '../checker/check.ts'
import { evaluate, workflowPaths } from './evaluate.ts'
import { readShelf } from './shelf.ts'

/** What a text would be as a workflow. */
export interface CheckedText {
  readonly ok: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** Null where it is not sound. */
  readonly graph: Program['graph'] | null
}

/**
 * Checks a text as if it stood at a path of a workspace, among the files that are saved there, but for the workflows that
 * the caller may not see. Nothing is written.
 */
export async function checkText(
  root: string,
  path: string,
  source: string,
  isSeen: (workflow: string) => boolean,
): Promise<CheckedText> {
  const { files, read } = await folderSources(root)
  const hidden = new Set(workflowPaths({ files }).filter(each => !isSeen(workflowName(each))))
  const seen = new Map([...files].filter(([each]) => !hidden.has(each)))
  return checkAmong({ files: seen, read }, path, source)
}

/** Checks a text as if it stood at a path among other files. */
export async function checkAmong(others: Sources, path: string, source: string): Promise<CheckedText> {
  const files = new Map([...others.files, [path, { id: 'unsaved' }] as const])
  const sources = { files, read: (each: string) => (each === path ? Promise.resolve(source) : others.read(each)) }
  const { library } = await readShelf(sources)
  const { program, diagnostics } = await evaluate(sources, library, path)
  return { ok: program !== undefined, diagnostics, graph: program?.graph ?? null }
}
