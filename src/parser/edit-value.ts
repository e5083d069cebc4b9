import { isMap, type Json } from '../model/json.ts'
import type { Place } from './document.ts'
import { EditRefused } from './edit-refused.ts'
import { isSame } from './same.ts'

/** A change of the authored value. */
export type Edit =
  /** Gives a place a value; fields and maps around it that are missing are made. */
  | { readonly place: Place; readonly set: Json }
  | { readonly place: Place; readonly remove: true }
  /** Gives the field at a place another name. */
  | { readonly place: Place; readonly rename: string }
  /** Adds an item to the list at a place, before the one of that index. */
  | { readonly place: Place; readonly insert: number; readonly value: Json }

/** The value after an edit; the one before stays as it was. Throws `EditRefused`. */
export function appliedTo(value: unknown, edit: Edit): unknown {
  if ('insert' in edit) return replaced(value, edit.place, list => inserted(list, edit.insert, edit.value))
  if ('set' in edit) return replaced(value, edit.place, () => edit.set)
  const [parent, name] = [edit.place.slice(0, -1), edit.place.at(-1)]
  if (name === undefined) throw new EditRefused('NoSuchPlace', 'The whole file cannot be removed or renamed.')
  return replaced(value, parent, around =>
    'rename' in edit ? renamed(around, name, edit.rename) : without(around, name),
  )
}

/** What stands at a place; undefined where nothing does. */
export function valueAt(value: unknown, place: Place): unknown {
  return place.reduce((part, name) => entryOf(part, name), value)
}

/**
 * The edits that turn a list into a list, or a map into a map, part by part; undefined where the two have nothing in
 * common that would be worth it.
 */
export function smallerEdits(old: unknown, wanted: Json, place: Place): Edit[] | undefined {
  if (Array.isArray(old) && Array.isArray(wanted)) return listEdits(old, wanted, place)
  if (!isMap(old) || !isMap(wanted) || !Object.keys(old).some(name => name in wanted)) return undefined
  const gone = Object.keys(old).filter(name => !Object.hasOwn(wanted, name))
  const changed = Object.entries(wanted).filter(([name, item]) => !isSame(old[name], item))
  return [
    ...changed.map(([name, item]) => ({ place: [...place, name], set: item })),
    ...gone.map(name => ({ place: [...place, name], remove: true as const })),
  ]
}

/** What the two lists begin and end with alike stays; items between are set one by one, the rest added or removed. */
function listEdits(old: readonly unknown[], wanted: readonly Json[], place: Place): Edit[] | undefined {
  const shorter = Math.min(old.length, wanted.length)
  if (shorter === 0) return undefined
  let start = 0
  while (start < shorter && isSame(old[start], wanted[start])) start += 1
  let end = 0
  while (end < shorter - start && isSame(old.at(-1 - end), wanted.at(-1 - end))) end += 1
  const kept = shorter - start - end
  const sets = wanted.slice(start, start + kept).map((item, index) => ({ place: [...place, start + index], set: item }))
  const added = wanted.slice(start + kept, wanted.length - end)
  const inserts = added.map((value, index) => ({ place, insert: start + kept + index, value }))
  const removed = Array.from({ length: Math.max(0, old.length - wanted.length) }, () => ({
    place: [...place, start + kept],
    remove: true as const,
  }))
  return [...sets, ...inserts, ...removed]
}

/** The value with what stands at a place replaced; maps on the way there that are missing are made. */
function replaced(value: unknown, [name, ...rest]: Place, change: (old: unknown) => unknown): unknown {
  if (name === undefined) return change(value)
  const inner = replaced(entryOf(value, name), rest, change)
  if (typeof name === 'number') {
    if (!Array.isArray(value) || !(name in value)) throw noSuchPlace(name)
    return value.with(name, inner)
  }
  if (isMap(value)) return { ...value, [name]: inner }
  if (value === undefined || value === null) return { [name]: inner }
  throw noSuchPlace(name)
}

function inserted(list: unknown, index: number, item: Json): unknown[] {
  if (!Array.isArray(list) || index < 0 || index > list.length) throw noSuchPlace(index)
  return list.toSpliced(index, 0, item)
}

function renamed(map: unknown, name: string | number, other: string): unknown {
  if (!isMap(map) || !Object.hasOwn(map, name)) throw noSuchPlace(name)
  if (other !== name && Object.hasOwn(map, other)) {
    throw new EditRefused('NameTaken', `There is a field "${other}" already.`)
  }
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key === name ? other : key, item]))
}

function without(value: unknown, name: string | number): unknown {
  if (Array.isArray(value) && typeof name === 'number' && name in value) return value.toSpliced(name, 1)
  if (!isMap(value) || !Object.hasOwn(value, name)) throw noSuchPlace(name)
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
}

function entryOf(value: unknown, name: string | number): unknown {
  if (Array.isArray(value) && typeof name === 'number') return value[name]
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function noSuchPlace(name: string | number): EditRefused {
  return new EditRefused(
    'NoSuchPlace',
    typeof name === 'number' ? `There is no item ${name}.` : `There is no "${name}".`,
  )
}
