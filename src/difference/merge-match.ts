import { kindKeys } from '../model/step-source.ts'
import { at, type Block, fieldOf, type Group } from './block.ts'
import { matches } from './common-subsequence.ts'

/** What a step is called in all three texts, whatever its id is in one of them. */
export type Token = string

/** A step of one text: its lines, and the list it stands in. */
export interface PlacedStep {
  readonly block: Block
  readonly list: string
}

/** One of the texts of a merge, with the tokens of its steps. */
export interface Version {
  readonly root: Group
  readonly tokens: ReadonlyMap<Block, Token>
  readonly steps: ReadonlyMap<Token, PlacedStep>
  /** What each group of blocks is called in all three texts. */
  readonly places: ReadonlyMap<Group, string>
}

/** Gives the steps of the base tokens: their ids, or for want of one their number. */
export function baseVersion(root: Group): Version {
  const found = stepsBelow(root)
  return versionOf(
    root,
    uniqueTokens(found.map(({ block }, index) => [block, block.name === '' ? `#${index}` : block.name])),
  )
}

/**
 * Gives the steps of a side the tokens of the steps in the base that they are: those of the same id, those that do the
 * same under another id, and those without an id where nothing else can be meant.
 */
export function sideVersion(root: Group, base: Version): Version {
  const matcher = new Matcher(stepsBelow(root), base)
  matcher.matchNames()
  matcher.matchContents()
  matcher.matchGaps(root)
  return versionOf(root, uniqueTokens(matcher.result()), base)
}

/** What a step does, without its id and what surrounds it; empty where that cannot be told. */
export function essenceOf(block: Block): string {
  if (!block.inner) return at(block, 0).replace(/\bid: *[\w"']+,? */, '')
  const told = kindKeys.flatMap(kind => fieldOf(block, kind) ?? [])
  return told.map(field => at({ text: field.text, column: field.column }, 0).trim()).join('\n')
}

interface Found {
  readonly block: Block
  readonly group: Group
}

function stepsBelow(group: Group): Found[] {
  return group.blocks.flatMap(block => [
    ...(group.role === 'steps' ? [{ block, group }] : []),
    ...(block.inner ? stepsBelow(block.inner) : []),
  ])
}

function uniqueTokens(pairs: readonly (readonly [Block, Token])[]): Map<Block, Token> {
  const counts = new Map<Token, number>()
  return new Map(
    pairs.map(([block, token]) => {
      const count = counts.get(token) ?? 0
      counts.set(token, count + 1)
      return [block, count === 0 ? token : `${token} ${count}`]
    }),
  )
}

/** The version of a text whose steps have these tokens; its items get theirs from those in the same place of the base. */
function versionOf(root: Group, stepTokens: ReadonlyMap<Block, Token>, base?: Version): Version {
  const tokens = new Map(stepTokens)
  const steps = new Map<Token, PlacedStep>()
  const places = new Map<Group, string>()
  const groups = new Map([...(base?.places ?? [])].map(([group, place]) => [place, group]))
  const visit = (group: Group, place: string): void => {
    places.set(group, place)
    if (group.role === 'items') {
      const known = base ? groups.get(place) : group
      for (const pair of itemTokens(group, known)) tokens.set(...pair)
    }
    for (const block of group.blocks) {
      const token = group.role === 'fields' ? block.name : tokens.get(block)
      if (group.role === 'steps' && token !== undefined) steps.set(token, { block, list: place })
      if (block.inner) visit(block.inner, group.role === 'steps' ? `${token}:` : `${place}/${token}`)
    }
  }
  visit(root, '')
  return { root, tokens, steps, places }
}

/** Items are those of the base that are written alike, and between these, as many as there were, those in their place. */
function itemTokens(group: Group, base: Group | undefined): Map<Block, Token> {
  const before = base?.role === 'items' ? base.blocks : []
  const text = (block: Block): string => at(block, 0).trim()
  const found = matches(before.map(text), group.blocks.map(text))
  const tokens: [Block, Token][] = []
  let [from, first] = [0, 0]
  for (const [index, other] of [...found, [before.length, group.blocks.length] as const]) {
    const isPaired = index - from === other - first
    group.blocks.slice(first, other).forEach((block, count) => {
      tokens.push([block, isPaired ? String(from + count) : `+${text(block)}`])
    })
    const block = group.blocks[other]
    if (block) tokens.push([block, String(index)])
    ;[from, first] = [index + 1, other + 1]
  }
  return uniqueTokens(tokens)
}

class Matcher {
  readonly #found: readonly Found[]
  readonly #base: Version
  readonly #tokens = new Map<Block, Token>()
  readonly #free: Map<Token, PlacedStep>

  constructor(found: readonly Found[], base: Version) {
    this.#found = found
    this.#base = base
    this.#free = new Map(base.steps)
  }

  result(): [Block, Token][] {
    return this.#found.map(({ block }) => [block, this.#tokens.get(block) ?? `+${block.name || essenceOf(block)}`])
  }

  matchNames(): void {
    for (const { block } of this.#found) {
      if (block.name !== '' && this.#free.get(block.name)?.block.name === block.name) this.#take(block, block.name)
    }
  }

  /** Steps that do the same, as far as there is one such step on either side; those without ids in their order. */
  matchContents(): void {
    const free = Map.groupBy([...this.#free], ([, { block }]) => essenceOf(block))
    const open = Map.groupBy(this.#open(), essenceOf)
    for (const [essence, blocks] of open) {
      const candidates = free.get(essence) ?? []
      const isUnnamed = [...blocks, ...candidates.map(([, { block }]) => block)].every(({ name }) => name === '')
      const isCertain = essence !== '' && blocks.length === 1 && candidates.length === 1
      if (!isUnnamed && !isCertain) continue
      for (const [index, block] of blocks.entries()) {
        const token = candidates[index]?.[0]
        if (token !== undefined) this.#take(block, token)
      }
    }
  }

  /** A lone step between the same neighbours is the same one, when it has no id on one of the sides. */
  matchGaps(root: Group): void {
    const open = new Set(this.#open())
    const sides = gapsOf(versionOf(root, this.#tokens), block => open.has(block))
    const gaps = gapsOf(this.#base, (_, token) => this.#free.has(token))
    for (const [gap, blocks] of sides) {
      const [block, second] = blocks
      const [candidate, other] = gaps.get(gap) ?? []
      if (!block || !candidate || second || other || (block.name !== '' && candidate.name !== '')) continue
      const token = this.#base.tokens.get(candidate)
      if (token !== undefined && kindOf(block) === kindOf(candidate)) this.#take(block, token)
    }
  }

  #open(): Block[] {
    return this.#found.map(({ block }) => block).filter(block => !this.#tokens.has(block))
  }

  #take(block: Block, token: Token): void {
    this.#tokens.set(block, token)
    this.#free.delete(token)
  }
}

/** The field that says what a step does. */
export function kindOf(block: Block): string | undefined {
  return kindKeys.find(kind => fieldOf(block, kind))
}

/** The unmatched steps of each list, by the matched step above them. */
function gapsOf(version: Version, isOpen: (block: Block, token: Token) => boolean): Map<string, Block[]> {
  const gaps = new Map<string, Block[]>()
  for (const [group, list] of version.places) {
    if (group.role !== 'steps') continue
    let above = ''
    for (const block of group.blocks) {
      const token = version.tokens.get(block) ?? ''
      const gap = `${list} > ${above}`
      if (isOpen(block, token)) gaps.set(gap, [...(gaps.get(gap) ?? []), block])
      else above = token
    }
  }
  return gaps
}
