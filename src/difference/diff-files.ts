import { isMap, type Json } from '../model/json.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../parser/parse.ts'
import { parsePrompt } from '../parser/prompt.ts'
import type { Change, FileDifference, FileKind } from './changes.ts'
import { diffWorkflows } from './diff.ts'
import { diffFields } from './diff-fields.ts'
import { diffLines } from './diff-lines.ts'

/** Texts by path. */
export type Texts = ReadonlyMap<string, string>

const kinds: readonly (readonly [RegExp, FileKind])[] = [
  [/(^|\/)workflows\/templates\/.+\.ya?ml$/, 'template'],
  [/(^|\/)orchestrate\.yaml$/, 'configuration'],
  [/\.agent\.md$/, 'agent'],
  [/(^|\/)SKILL\.md$/, 'skill'],
  [/(^|\/)prompts\/.+\.md$/, 'prompt'],
  [/(^|\/)schemas\/.+\.json$/, 'schema'],
  [/\.(workflow\.md|ya?ml)$/, 'workflow'],
]

/** What a file is, by its path; undefined for one that decides nothing. */
export function fileKind(path: string): FileKind | undefined {
  return kinds.find(([pattern]) => pattern.test(path))?.[1]
}

/** Files with less than this share of their lines in common, of 1, are not taken for one that was renamed. */
const leastInCommon = 0.6
/** Where there are more pairs than this, only files that are the same byte for byte count as renamed. */
const mostPairs = 400

/** What has become of some files, sorted by path; files of which both sides have the same text are left out. */
export function diffFiles(before: Texts, after: Texts): FileDifference[] {
  const renames = renamesOf(before, after)
  const from = new Set(renames.values())
  const found: FileDifference[] = []
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [kind, was, is] = [fileKind(path), before.get(path), after.get(path)]
    if (kind === undefined || was === is || from.has(path)) continue
    const old = renames.get(path)
    if (old !== undefined) {
      const changes = diffTexts(kind, before.get(old) ?? '', is ?? '', path)
      found.push({ path, kind, change: 'renamed', from: old, changes })
    } else if (was === undefined) found.push({ path, kind, change: 'added', changes: [] })
    else if (is === undefined) found.push({ path, kind, change: 'removed', changes: [] })
    else found.push({ path, kind, change: 'changed', changes: diffTexts(kind, was, is, path) })
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What differs between two texts of a file, in the words of its kind. */
export function diffTexts(kind: FileKind, before: string, after: string, path: string): Change[] {
  const [one, other] = [valueOf(kind, before, path), valueOf(kind, after, path)]
  // What cannot be read is still a text, and so is what it has become.
  if (one === undefined || other === undefined) return diffFields({ text: before }, { text: after })
  if (kind === 'workflow' || kind === 'template') return diffWorkflows(one, other)
  return diffFields(one, other)
}

type Fields = Readonly<Record<string, Json>>

function valueOf(kind: FileKind, text: string, path: string): Fields | undefined {
  switch (kind) {
    case 'workflow':
    case 'template':
      return fieldsOf(parseWorkflow(text, path).value)
    case 'configuration':
      return fieldsOf(parseConfiguration(text, path).value)
    case 'agent': {
      const { value, system } = parseAgent(text, path)
      return isMap(value) ? { ...fieldsOf(value), system } : undefined
    }
    case 'skill': {
      const { value, body } = parseSkill(text, path)
      return isMap(value) ? { ...fieldsOf(value), body } : undefined
    }
    case 'prompt':
      return { text: parsePrompt(text, path).value }
    case 'schema':
      try {
        return fieldsOf(JSON.parse(text))
      } catch {
        return undefined
      }
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return isMap(value) ? (value as Fields) : undefined
}

/** The old path of each file that only the second side has and that was another one before. */
function renamesOf(before: Texts, after: Texts): Map<string, string> {
  const gone = [...before].filter(([path]) => !after.has(path))
  const come = [...after].filter(([path]) => !before.has(path))
  const isThorough = gone.length * come.length <= mostPairs
  const scored = gone.flatMap(([from, was]) =>
    come
      .filter(([to]) => fileKind(to) === fileKind(from))
      .map(([to, is]) => ({ from, to, score: was === is ? 1 : isThorough ? inCommon(was, is) : 0 })),
  )
  const renames = new Map<string, string>()
  const taken = new Set<string>()
  for (const { from, to, score } of scored.toSorted((a, b) => b.score - a.score)) {
    if (score < leastInCommon || taken.has(from) || renames.has(to)) continue
    renames.set(to, from)
    taken.add(from)
  }
  return renames
}

function inCommon(before: string, after: string): number {
  const lines = diffLines(before, after)
  const same = lines.filter(({ mark }) => mark === ' ').length
  return (2 * same) / Math.max(1, lines.length + same)
}
