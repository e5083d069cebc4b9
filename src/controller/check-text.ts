import type { Program } from '../compiler/program.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { folderSources } from '../git/sources.ts'
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
  const saved = await folderSources(root)
  const files = new Map([...saved.files, [path, { id: 'unsaved' }] as const])
  const sources = { files, read: (each: string) => (each === path ? Promise.resolve(source) : saved.read(each)) }
  const { library } = await readShelf(sources)
  const { program, diagnostics } = await evaluate(sources, library, path)
  return { ok: program !== undefined, diagnostics, graph: program?.graph ?? null }
}
