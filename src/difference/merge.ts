import { emptyLibrary, type Library } from '../checker/library.ts'
import { isMap } from '../model/json.ts'
import { parseWorkflow } from '../parser/parse.ts'
import type { Group } from './block.ts'
import { mergeBlocks } from './merge-blocks.ts'
import { withoutClashes } from './merge-join.ts'
import { keepsChanges } from './merge-kept.ts'
import { mergeLines } from './merge-lines.ts'
import { markdownBlocks, proseBlocks } from './markdown-blocks.ts'
import { baseVersion, sideVersion, type Version } from './merge-match.ts'
import { type Renames, renamesOf, repaired } from './merge-repair.ts'
import { conflict, type Markers, render, type Segment, segmentsOf, settled } from './merge-segment.ts'
import { errorsOfMerge, fileKindOf } from './merge-sound.ts'
import { yamlBlocks } from './yaml-blocks.ts'

/** A merged text; with conflicts, it holds markers around each. */
export interface Merge {
  readonly text: string
  readonly conflicts: number
}

export interface MergeOptions {
  readonly markers?: Partial<Markers>
  /** What the workflow names outside its file, as far as it is known. */
  readonly library?: Library
}

/**
 * Merges two texts of a workflow that both come from a third: step by step and field by field, so that the comments and
 * the layout of ours stay. The result is sound if both sides are, or has a conflict. An empty base joins two workflows.
 */
export function mergeWorkflows(
  base: string,
  ours: string,
  theirs: string,
  path: string,
  options: MergeOptions = {},
): Merge {
  if (ours === theirs || theirs === base) return { text: ours, conflicts: 0 }
  if (ours === base) return { text: theirs, conflicts: 0 }
  const [before, mine, other] = [base, ours, theirs].map(plainLines) as [string, string, string]
  const isJoined = before.trim() === '' && fileKindOf(path) !== 'prose'
  const joined = isJoined ? withoutClashes(mine, other, path) : other
  const merger = new Merger({ base: before, ours: mine, theirs: joined }, path, options)
  const { text, conflicts } = merger.merge()
  return { text: asWritten(text, base, ours, theirs), conflicts }
}

interface Texts {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

interface Versions {
  readonly base: Version
  readonly ours: Version
  readonly theirs: Version
}

class Merger {
  readonly #texts: Texts
  readonly #path: string
  readonly #library: Library
  readonly #markers: Markers

  constructor(texts: Texts, path: string, { markers, library = emptyLibrary }: MergeOptions) {
    this.#texts = texts
    this.#path = path
    this.#library = library
    this.#markers = { size: 7, ours: 'ours', theirs: 'theirs', ...markers }
  }

  merge(): Merge {
    const versions = this.#versions()
    const segments = versions && mergeBlocks(versions.base, versions.ours, versions.theirs, formatOf(this.#path))
    return this.#sound(segments ?? this.#byLines(), versions)
  }

  #versions(): Versions | undefined {
    const read = (text: string): Group | undefined => (text.trim() === '' ? nothing : readBlocks(text, this.#path))
    const [before, mine, other] = [read(this.#texts.base), read(this.#texts.ours), read(this.#texts.theirs)]
    if (!before || !mine || !other) return undefined
    const base = baseVersion(before)
    return { base, ours: sideVersion(mine, base), theirs: sideVersion(other, base) }
  }

  #byLines(): Segment[] {
    const { base, ours, theirs } = this.#texts
    return segmentsOf(mergeLines(base, ours, theirs))
  }

  /** The merge as it stands if it is sound, repaired if that makes it so, and else with conflicts where it is not. */
  #sound(segments: readonly Segment[], versions: Versions | undefined): Merge {
    if (segments.some(({ isConflict }) => isConflict)) return this.#rendered(segments)
    const text = segments.map(segment => segment.text).join('')
    const errors = this.#errors(text)
    const renames = versions && renamesOf(versions.base, [versions.ours, versions.theirs])
    if (errors.length === 0) {
      return this.#keepsChanges(text, renames) ? { text, conflicts: 0 } : this.#rendered(wholeConflict(this.#texts))
    }
    const mended = renames && repaired(text, this.#path, renames)
    if (mended !== undefined && this.#errors(mended).length === 0) return { text: mended, conflicts: 0 }
    const places = new Set(errors.map(({ span }) => span.offset))
    const marked = withConflicts(segments, [...places])
    return this.#rendered(marked ?? wholeConflict(this.#texts))
  }

  /** What is broken, and what is no map, cannot be compared. */
  #keepsChanges(text: string, renames: Renames | undefined): boolean {
    const kind = fileKindOf(this.#path)
    if (kind === 'agent' || kind === 'skill' || kind === 'prose') return true
    const value = (each: string): unknown => parseWorkflow(each, this.#path).value
    const { base, ours, theirs } = this.#texts
    const values = { base: value(base), ours: value(ours), theirs: value(theirs), merged: value(text) }
    if (!Object.values(values).every(isMap)) return true
    return keepsChanges(values, new Set([...(renames?.ids.keys() ?? []), ...(renames?.ids.values() ?? [])]))
  }

  #errors(text: string) {
    return errorsOfMerge(text, [this.#texts.ours, this.#texts.theirs], this.#path, this.#library)
  }

  #rendered(segments: readonly Segment[]): Merge {
    const conflicts = segments.filter(({ isConflict }) => isConflict).length
    return { text: render(segments, this.#markers), conflicts }
  }
}

const nothing: Group = { role: 'fields', head: '', blocks: [], tail: '', column: 0 }

function formatOf(path: string): 'yaml' | 'markdown' {
  return path.endsWith('.md') ? 'markdown' : 'yaml'
}

/** The blocks of a text; undefined where it has none, or is too broken to tell. */
function readBlocks(text: string, path: string): Group | undefined {
  switch (fileKindOf(path)) {
    case 'workflow':
    case 'template':
    case 'configuration':
      if (parseWorkflow(text, path).diagnostics.some(({ code }) => code === 'YAML_SYNTAX')) return undefined
      return formatOf(path) === 'markdown' ? markdownBlocks(text, path) : yamlBlocks(text)
    case 'agent':
    case 'skill':
      return proseBlocks(text, path)
    case 'prose':
      return undefined
  }
}

/** The segments with a conflict at each of these offsets; undefined where the sides do not differ at any of them. */
function withConflicts(segments: readonly Segment[], offsets: readonly number[]): Segment[] | undefined {
  let start = 0
  let found = 0
  const marked = segments.map(segment => {
    const end = start + segment.text.length
    const isMeant = offsets.some(offset => start <= offset && offset < end) && segment.ours !== segment.theirs
    start = end
    if (!isMeant) return segment
    found += 1
    return conflict(segment.ours, segment.theirs)
  })
  return found > 0 ? marked : undefined
}

/** All that the two sides have not in common, as one conflict. */
function wholeConflict({ ours, theirs }: Texts): Segment[] {
  const hunks = mergeLines('', ours, theirs)
  return segmentsOf(hunks).map(segment =>
    segment.isConflict ? segment : settled(segment.text, segment.ours, segment.theirs),
  )
}

/** A text whose lines all end with `\n`. */
function plainLines(text: string): string {
  const plain = text.replaceAll('\r\n', '\n')
  return plain === '' || plain.endsWith('\n') ? plain : `${plain}\n`
}

/** The text with the line breaks of ours; without the last one where a side took it away. */
function asWritten(text: string, base: string, ours: string, theirs: string): string {
  const isWindows = /\r?\n/.exec(ours)?.[0] === '\r\n'
  const [before, mine, other] = [base, ours, theirs].map(each => each.endsWith('\n'))
  const endsLine = mine === before ? other : mine
  const ended = endsLine ? text : text.replace(/\n$/, '')
  return isWindows ? ended.replaceAll('\n', '\r\n') : ended
}
