import fc from 'fast-check'
import { check } from '../../src/checker/check.ts'
import { hasErrors } from '../../src/model/diagnostic.ts'
import { isMap, type Json } from '../../src/model/json.ts'
import type { Place } from '../../src/parser/document.ts'
import { EditRefused } from '../../src/parser/edit-refused.ts'
import { type Edit, valueAt } from '../../src/parser/edit-value.ts'
import { editYaml } from '../../src/parser/edit.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { orderOf } from '../../src/parser/print-order.ts'
import { decoratedYaml } from './decorated-yaml.ts'
import { generatedLibrary } from './library.ts'

/** A sound workflow and two sound versions of it, each changed in one to three ways. */
export interface Triple {
  readonly base: string
  readonly ours: string
  readonly theirs: string
  /** What was changed, on either side. */
  readonly changes: readonly ChangeKind[]
}

export const triplePath = 'workflows/a.yaml'

// biome-ignore format: one line a thought
const changeKinds = [
  'set', 'unset', 'reword', 'append', 'insert', 'remove', 'move', 'wrap', 'comment', 'refer', 'need', 'tag', 'untag',
  'rename', 'rename-output',
] as const
type ChangeKind = (typeof changeKinds)[number]

interface Change {
  readonly kind: ChangeKind
  readonly step: number
  readonly other: number
}

const change = fc.record({ kind: fc.constantFrom(...changeKinds), step: fc.nat(999), other: fc.nat(999) })
const changes: fc.Arbitrary<Change[]> = fc.array(change, { minLength: 1, maxLength: 3 })

/** Both sides change something, or `null` where none of the changes kept the workflow sound. */
export function editedTwice(): fc.Arbitrary<Triple | null> {
  return fc.tuple(decoratedYaml, changes, changes).map(([{ text: base }, mine, other]) => {
    const ours = changed(base, mine, 'ours')
    const theirs = changed(base, other, 'theirs')
    const isReal = ours.text !== base && theirs.text !== base && ours.text !== theirs.text
    return isReal ? { base, ours: ours.text, theirs: theirs.text, changes: [...ours.kinds, ...theirs.kinds] } : null
  })
}

/** True for a text that the checker accepts, given the generated library. */
export function isSound(text: string): boolean {
  return !hasErrors(check(parseWorkflow(text, triplePath), generatedLibrary).diagnostics)
}

/** The places of all steps of a workflow, outer ones first. */
export function stepPlaces(value: unknown, place: Place = []): Place[] {
  const entries = Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value) : []
  return entries.flatMap(([name, item]) => {
    const here = [...place, name]
    const isStep = typeof name === 'number' && orderOf(here)[0] === 'id' && isMap(item)
    return [...(isStep ? [here] : []), ...stepPlaces(item, here)]
  })
}

/** The text after each change that can be made and leaves it sound. */
function changed(base: string, wanted: readonly Change[], word: string): { text: string; kinds: ChangeKind[] } {
  let text = base
  const kinds: ChangeKind[] = []
  wanted.forEach((change, index) => {
    try {
      const next = afterChange(text, change, `${word}_${index}`)
      if (next === text || !isSound(next)) return
      text = next
      kinds.push(change.kind)
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error
    }
  })
  return { text, kinds }
}

function afterChange(text: string, { kind, step: number, other }: Change, word: string): string {
  const document = parseWorkflow(text, triplePath)
  const places = stepPlaces(document.value)
  const place = places[number % places.length] ?? []
  const step = valueAt(document.value, place)
  const second = valueAt(document.value, places[other % places.length] ?? [])
  if (!isMap(step) || !isMap(second)) return text
  if (kind === 'comment') return withComment(text, document.spanOf(place).offset, word)
  if (kind === 'rename') return renamed(text, step['id'], word)
  if (kind === 'rename-output') return renamed(text, step['as'], `Name_${word}`)
  const tags = valueAt(document.value, ['tags'])
  if (kind === 'tag' || kind === 'untag') {
    if (!Array.isArray(tags) || tags.length === 0) return text
    const index = other % tags.length
    const edit: Edit =
      kind === 'tag' ? { place: ['tags'], insert: index, value: word } : { place: ['tags', index], remove: true }
    return editYaml(text, [edit])
  }
  return editYaml(text, editsFor(kind, { place, step, second, other, word }))
}

interface Target {
  readonly place: Place
  readonly step: Record<string, unknown>
  readonly second: Record<string, unknown>
  readonly other: number
  readonly word: string
}

function editsFor(kind: ChangeKind, { place, step, second, other, word }: Target): Edit[] {
  const list = place.slice(0, -1)
  const index = Number(place.at(-1))
  const field = harmless[other % harmless.length] ?? 'timeout'
  const values = { description: `Because of ${word}.`, timeout: `${other + 1}s`, retry: other % 7 }
  const fresh = { id: `added_${word}`, prompt: `Do what ${word} wants.`, timeout: '1m' }
  const saying = (change: (prompt: string) => string): Edit[] =>
    typeof step['prompt'] === 'string' ? [{ place: [...place, 'prompt'], set: change(step['prompt']) }] : []
  const moved: Edit = { place: list, insert: index > 0 ? index - 1 : 0, value: step as Json }
  const edits: Partial<Record<ChangeKind, () => Edit[]>> = {
    set: () => [{ place: [...place, field], set: values[field] }],
    unset: () => (field in step ? [{ place: [...place, field], remove: true }] : []),
    reword: () => saying(prompt => (other % 2 ? `${word} first.\n${prompt}` : `${prompt}\nAnd ${word}.`)),
    refer: () => saying(prompt => `${prompt}\n\${steps.${String(second['id'])}.output}`),
    append: () => [{ place: list, insert: index + 1, value: fresh }],
    insert: () => [{ place: list, insert: index, value: fresh }],
    remove: () => [{ place, remove: true }],
    move: () => [{ place, remove: true }, moved],
    wrap: () => [{ place, set: { id: `block_${word}`, steps: [step as Json] } }],
    need: () => [{ place: [...place, 'needs'], set: [...[step['needs'] ?? []].flat(), second['id']] as Json }],
  }
  return edits[kind]?.() ?? []
}

const harmless = ['description', 'timeout', 'retry'] as const

/** A comment on a line of its own above what begins at an offset, if that begins its line. */
function withComment(text: string, offset: number, word: string): string {
  const start = text.lastIndexOf('\n', offset) + 1
  const indent = /^ *(?=- )/.exec(text.slice(start, offset))?.[0]
  const end = /\r?\n/.exec(text)?.[0] ?? '\n'
  return indent === undefined ? text : `${text.slice(0, start)}${indent}# Said by ${word}.${end}${text.slice(start)}`
}

/** The text with one name in the place of another, wherever it stands. */
function renamed(text: string, name: unknown, other: string): string {
  return typeof name === 'string' ? text.replace(new RegExp(String.raw`\b${name}\b`, 'g'), other) : text
}
