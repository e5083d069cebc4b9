import { parseExpression, type ExpressionTree } from './expression-parser.ts'
import { type Binding, namesIn, type Reading, readingsOf, type Reference, referencesOf } from './expression-tree.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Between an object and what is read of it: blanks, comments and the parentheses that end around the object. */
const beforeAccess = /^(?:[\s)]|\/\/[^\n]*\n)*/

/**
 * The source in which the names it reads are replaced; everything else stays as it is written.
 *
 * `rename` is asked about each name alone, and where it gives nothing, about the name with its first member. What it
 * gives is a name or a chain of accesses. A macro variable that would capture such a name is renamed, too. A source
 * that does not parse stays as it is.
 *
 * @example renameReferences('inputs.x + 1', ({ root }) => root === 'inputs' ? 'steps["with"].output' : undefined)
 */
export function renameReferences(source: string, rename: (reference: Reference) => string | undefined): string {
  const tree = treeOf(source)
  if (!tree) return source
  const edits: Edit[] = []
  const captors = new Set<Binding>()
  const incoming = new Set<string>()
  for (const reading of readingsOf(tree)) {
    const found = replacementOf(reading, rename)
    if (!found) continue
    edits.push({ ...rangeOf(reading.name), text: found.text })
    if (found.access) edits.push(removalOf(found.access, source))
    for (const { root } of referencesOf(parseExpression(found.text))) {
      incoming.add(root)
      for (let captor = reading.bindings.get(root); captor; captor = captor.hidden) captors.add(captor)
    }
  }
  const taken = new Set([...namesIn(tree), ...incoming])
  for (const binding of captors) edits.push(...renamedBinding(binding, taken))
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), source)
}

function treeOf(source: string): ExpressionTree | undefined {
  try {
    return parseExpression(source)
  } catch {
    return undefined
  }
}

function replacementOf(
  { name, access, reference }: Reading,
  rename: (reference: Reference) => string | undefined,
): { text: string; access?: ExpressionTree } | undefined {
  const alone = rename({ root: reference.root, ...rangeOf(name) })
  if (alone !== undefined) return { text: alone }
  if (!access || reference.member === undefined) return undefined
  const text = rename({ root: reference.root, member: reference.member, start: name.start, end: access.end })
  return text === undefined ? undefined : { text, access }
}

/** Takes `.read` or `["read"]` away: the replacement of the name stands for both. */
function removalOf(access: ExpressionTree, source: string): Edit {
  const [object] = access.args as [ExpressionTree, unknown]
  const [kept = ''] = beforeAccess.exec(source.slice(object.end, access.end)) ?? []
  return { start: object.end + kept.length, end: access.end, text: '' }
}

function renamedBinding(binding: Binding, taken: Set<string>): Edit[] {
  let text = `${binding.variable.args}_`
  while (taken.has(text)) text += '_'
  taken.add(text)
  return [binding.variable, ...binding.uses].map(node => ({ ...rangeOf(node), text }))
}

function rangeOf({ start, end }: ExpressionTree): { start: number; end: number } {
  return { start, end }
}
