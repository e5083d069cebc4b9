import type { Program } from '../compiler/program.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { folderSources, type Sources } from '../git/sources.ts'
import { evaluate } from './evaluate.ts'
import { readShelf } from './shelf.ts'

/** What a text would be as a workflow. */
export interface CheckedText {
  readonly ok: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** Null where it is not sound. */
  readonly graph: Program['graph'] | null
}

/** Checks a text as if it stood at a path of a workspace, among the files that are saved there. Nothing is written. */
export async function checkText(root: string, path: string, source: string): Promise<CheckedText> {
  return checkAmong(await folderSources(root), path, source)
}

/** Checks a text as if it stood at a path among other files. */
export async function checkAmong(others: Sources, path: string, source: string): Promise<CheckedText> {
  const files = new Map([...others.files, [path, { id: 'unsaved' }] as const])
  const sources = { files, read: (each: string) => (each === path ? Promise.resolve(source) : others.read(each)) }
  const { library } = await readShelf(sources)
  const { program, diagnostics } = await evaluate(sources, library, path)
  return { ok: program !== undefined, diagnostics, graph: program?.graph ?? null }
}
