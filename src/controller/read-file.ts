import type { Sources } from '../git/sources.ts'
import { type Diagnostic, spanAt } from '../model/diagnostic.ts'

/** Reads a file and what can be made of it; a file that is not text is a diagnostic, like any other problem in it. */
export async function readFile<T extends { readonly diagnostics: readonly Diagnostic[] }>(
  sources: Sources,
  path: string,
  use: (text: string) => T,
): Promise<Partial<Omit<T, 'diagnostics'>> & { readonly diagnostics: readonly Diagnostic[] }> {
  let text: string
  try {
    text = await sources.read(path)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { diagnostics: [{ code: 'UNREADABLE', severity: 'error', message, span: spanAt(path, [0], 0, 0) }] } as never
  }
  return use(text)
}
