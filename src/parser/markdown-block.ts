import type { Source } from './document.ts'
import { MapBuilder } from './map-builder.ts'
import type { Mark, Range } from './mark.ts'
import { readFieldValue } from './markdown-field.ts'
import type { Bullet } from './markdown-head.ts'
import { splitAtCommas } from './template.ts'
import { listOf, type Reading } from './reading.ts'

/** What a step below a switch says of the branch it belongs to. */
export interface Branching {
  readonly type: 'case' | 'when' | 'default'
  readonly bullet: Bullet
}

/** A step read from a heading, and what its bullets say of the things around it. */
export interface MarkdownStep extends Reading {
  readonly heading: Range
  readonly branching: Branching | undefined
}

/** The `loop` of a bullet such as `until steps.judge.output.ok, max 3`, around steps that were read. */
export function readLoop(source: Source, bullet: Bullet, steps: Reading): Reading {
  const loop = new MapBuilder(source)
  for (const { word, text, range } of clausesOf(source, bullet)) {
    const key: Range = [range[0], range[0] + word.length]
    const value: Range = [range[1] - text.length, range[1]]
    const isNumber = word === 'max' && /^\d+$/.test(text)
    loop.add(word, key, isNumber ? { value: Number(text), mark: { value } } : readFieldValue(source, word, text, value))
  }
  loop.add('steps', bullet.key, steps)
  return loop.finish(bullet.value)
}

interface Clause {
  readonly word: string
  readonly text: string
  readonly range: Range
}

/** Clauses begin with `while`, `until` or `max` after a comma that stands in no bracket; another comma is part of one. */
function clausesOf(source: Source, { text, value }: Bullet): Clause[] {
  const found: { word: string; start: number; end: number }[] = []
  let index = 0
  for (const piece of splitAtCommas(text)) {
    const word = /^\s*(while|until|max)\s/i.exec(piece)?.[1]?.toLowerCase()
    const start = index + piece.length - piece.trimStart().length
    index += piece.length + 1
    const last = found.at(-1)
    if (word !== undefined) found.push({ word, start, end: index - 1 })
    else if (last) last.end = index - 1
    else if (piece.trim() !== '') {
      source.report('BAD_LOOP', 'A loop says how often it turns.', value, 'Write Loop: until <condition>, max 3')
    }
  }
  return found.map(({ word, start, end }) => {
    const clause = text.slice(start, end).trimEnd()
    return { word, text: clause.slice(word.length).trim(), range: [value[0] + start, value[0] + start + clause.length] }
  })
}

/**
 * Adds `switch`, `cases` and `default` to a step: with a value, its children say `Case` or `Default`; without one, `When`
 * or `Default`. Children that follow one another with the same words share a branch.
 */
export function readSwitch(source: Source, bullet: Bullet, children: readonly MarkdownStep[], step: MapBuilder): void {
  const hasValue = bullet.text !== ''
  const branches = branchesOf(source, children, hasValue ? 'case' : 'when')
  if (!hasValue) {
    step.add(
      'switch',
      bullet.key,
      listOf(
        branches.map(branch => whenBranch(source, branch)),
        bullet.value,
      ),
    )
    return
  }
  step.add('switch', bullet.key, readFieldValue(source, 'switch', bullet.text, bullet.value))
  const cases = new MapBuilder(source)
  for (const { branching, steps } of branches) {
    const { value } = branching.bullet
    if (branching.type === 'case') cases.add(branching.bullet.text, value, listOf(steps, value))
  }
  if (branches.some(({ branching }) => branching.type === 'case'))
    step.add('cases', bullet.key, cases.finish(bullet.value))
  for (const { branching, steps } of branches) {
    if (branching.type === 'default') step.add('default', branching.bullet.key, listOf(steps, branching.bullet.value))
  }
}

interface MarkdownBranch {
  readonly branching: Branching
  readonly steps: MarkdownStep[]
}

function branchesOf(source: Source, children: readonly MarkdownStep[], wanted: 'case' | 'when'): MarkdownBranch[] {
  const branches: MarkdownBranch[] = []
  for (const child of children) {
    const { branching } = child
    const last = branches.at(-1)
    if (branching?.type === wanted || branching?.type === 'default') {
      if (last && isSame(last.branching, branching)) last.steps.push(child)
      else branches.push({ branching, steps: [child] })
      continue
    }
    const bullet = wanted === 'case' ? '* **Case:** value' : '* **When:** condition'
    const message = 'A step below a switch says which branch it belongs to.'
    source.report('MISSING_CASE', message, child.heading, `Write ${bullet} or * **Default** under this heading.`)
    last?.steps.push(child)
  }
  return branches
}

function isSame(a: Branching, b: Branching): boolean {
  return a.type === b.type && a.bullet.text === b.bullet.text
}

function whenBranch(source: Source, { branching, steps }: MarkdownBranch): Reading {
  const { key, value, text } = branching.bullet
  const branch = new MapBuilder(source)
  if (branching.type === 'when') branch.add('when', key, readFieldValue(source, 'when', text, value))
  branch.add('steps', key, listOf(steps, value))
  const last: Mark | undefined = steps.at(-1)?.mark
  return branch.finish([steps[0]?.mark.value[0] ?? value[0], last?.value[1] ?? value[1]])
}
