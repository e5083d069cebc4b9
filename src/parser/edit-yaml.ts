import { Source } from './document.ts'
import { EditRefused } from './edit-refused.ts'
import { appliedTo, type Edit, smallerEdits, valueAt } from './edit-value.ts'
import type { Range } from './mark.ts'
import { isSame } from './same.ts'
import { strangeCharacter } from './strange.ts'
import { readYaml } from './yaml.ts'
import { splicesFor } from './yaml-splice.ts'
import { readTree } from './yaml-tree.ts'

/** Edits the YAML in a range of a file, and gives the whole file. Throws `EditRefused`. */
export function editRange(file: string, range: Range, edit: Edit): string {
  const value = read(file, range)
  if (!value) throw new EditRefused('Unreadable', 'The text has errors that must be mended first.')
  const wanted = appliedTo(value.value, edit)
  if (isSame(value.value, wanted)) return file
  return inParts(file, range, value.value, edit, wanted) ?? inOnePiece(file, range, edit, wanted)
}

/** A list or map that takes the place of another one changes only where the two differ. */
function inParts(file: string, range: Range, value: unknown, edit: Edit, wanted: unknown): string | undefined {
  const parts = 'set' in edit ? smallerEdits(valueAt(value, edit.place), edit.set, edit.place) : undefined
  if (!parts) return undefined
  try {
    let text = file
    for (const part of parts) text = editRange(text, [range[0], range[1] + text.length - file.length], part)
    const after = read(text, [range[0], range[1] + text.length - file.length])
    return after && isSame(after.value, wanted) ? text : undefined
  } catch (error) {
    if (error instanceof EditRefused) return undefined
    throw error
  }
}

/** Tries the ways to write an edit, the nicest first, until one reads back as what was wanted. */
function inOnePiece(file: string, range: Range, edit: Edit, wanted: unknown): string {
  const tree = readTree(file, range)
  for (const {
    range: [from, to],
    text,
  } of splicesFor(file, range, tree, edit)) {
    const edited = file.slice(0, from) + text + file.slice(to)
    const after = read(edited, [range[0], range[1] + edited.length - file.length])
    if (after && isSame(after.value, wanted)) return edited
  }
  throw new EditRefused('NotLocal', 'The text around this place is written in a way that no local edit can keep.')
}

function read(file: string, range: Range): { readonly value: unknown } | undefined {
  if (strangeCharacter.test(file.slice(...range))) return undefined
  const source = new Source('', file)
  const reading = readYaml(source, range)
  return source.diagnostics.length === 0 && reading ? { value: reading.value } : undefined
}
