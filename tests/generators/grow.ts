import type { StepSource } from '../../src/model/step-source.ts'
import { growLeaf } from './grow-leaf.ts'
import { chooserOf, condition, expectation, listToGoThrough, type Readable, type Scope } from './reading.ts'
import type { BlockKind, LeafKind, ListShape, Shape } from './shape.ts'

interface Grown {
  readonly step: StepSource
  readonly readable: readonly Readable[]
}

const words = ['draft', 'review', 'plan', 'judge', 'build_it', 'score_2', 'ask', 'collect', 'notes', 'a']
const nameWords = ['Plan', 'Report', 'Risks', 'AnalysisReport', 'summary_text']

/** Grows skeletons into steps of which each reads only what has certainly settled before it starts. */
export class Grower {
  #ids = 0
  #names = 0

  list(shape: ListShape, scope: Scope): { steps: StepSource[]; readable: Readable[] } {
    const grown: { shape: Shape; step: StepSource }[] = []
    const readable: Readable[] = []
    for (const member of shape.steps) {
      const above = grown.flatMap(({ step }) => step.id ?? [])
      const result = this.#step(member, { ...scope, readable: [...scope.readable, ...readable] })
      const needs = needsOf(member, above, shape.isShuffled)
      grown.push({ shape: member, step: { ...result.step, ...(needs !== undefined && { needs }) } })
      readable.push(...result.readable)
    }
    // Whatever order the list is written in: each step of it needs, and reads, only steps that grew before.
    if (shape.isShuffled) grown.sort((a, b) => a.shape.rank - b.shape.rank)
    return { steps: grown.map(({ step }) => step), readable }
  }

  #step(shape: Shape, scope: Scope): Grown {
    const id = shape.isNamed || isBlock(shape) ? this.#id(shape.word) : undefined
    const as = this.#as(shape)
    const body = this.#body(shape, scope)
    const hasItems = shape.kind === 'loop' || shape.kind === 'each'
    const own: Readable[] = id === undefined ? [] : [{ id, names: [], isCertain: false, choices: undefined, hasItems }]
    // From a handler, an undo and a condition on the output, the step itself can be read, and what is inside it.
    const after = { ...scope, readable: [...scope.readable, ...body.readable.map(uncertain), ...own] }
    const attached = this.#attached(shape, after)
    const step: StepSource = {
      ...(id !== undefined && { id }),
      ...body.step,
      ...(shape.condition !== undefined && { if: condition(shape.condition, scope) }),
      ...(as !== undefined && { as }),
      ...(shape.expect !== undefined && { expect: expectation(shape.expect, id, after) }),
      ...(shape.retry !== undefined && { retry: shape.retry }),
      ...(shape.timeout !== undefined && { timeout: shape.timeout }),
      ...shape.common,
      ...attached.fields,
    }
    const isCaught = (step['on-error'] ?? 'fail') !== 'fail'
    const inside = isCaught || step.if !== undefined ? body.readable.map(uncertain) : body.readable
    const names = [as ?? []].flat()
    const readable = own.map(read => ({ ...read, names, isCertain: true, choices: choicesOf(step) }))
    return { step, readable: [...inside, ...attached.readable.map(uncertain), ...readable] }
  }

  #attached({ handler, undo }: Shape, scope: Scope): { fields: StepSource; readable: readonly Readable[] } {
    const handled = handler && this.list(handler, { ...scope, isHandling: true })
    const undone = undo && this.#step(undo, { ...scope, isHandling: false })
    return {
      fields: {
        ...(handled && { 'on-error': { steps: handled.steps } }),
        ...(undone && { undo: undone.step }),
      },
      readable: handled?.readable ?? [],
    }
  }

  #id(word: number): string {
    this.#ids += 1
    const base = words[word % words.length] ?? 'step'
    return word < words.length ? `${base}_${this.#ids}` : `${base}${'_x'.repeat(this.#ids % 2)}_${this.#ids}`
  }

  #as({ names, word, kind }: Shape): StepSource['as'] {
    if (names === 0) return this.#name(word)
    if (names === 1 && kind === 'prompt') return [this.#name(word), this.#name(word + 1)]
    return undefined
  }

  #name(word: number): string {
    this.#names += 1
    return `${nameWords[word % nameWords.length]}${this.#names}`
  }

  #body(shape: Shape, scope: Scope): Grown {
    if (!isBlock(shape)) return { step: growLeaf(shape as Shape & { kind: LeafKind }, scope), readable: [] }
    const grown = this.#block(shape, scope)
    return { ...grown, step: { ...grown.step, ...handedDown(shape) } }
  }

  #block(shape: Shape & { kind: BlockKind }, scope: Scope): Grown {
    switch (shape.kind) {
      case 'parallel':
      case 'steps': {
        const { steps, readable } = this.list(shape.lists[0] ?? noSteps, scope)
        return { step: { [shape.kind]: steps }, readable }
      }
      case 'loop':
        return this.#loop(shape, scope)
      case 'each':
        return this.#each(shape, scope)
      case 'switch':
        return this.#switch(shape, scope)
      case 'switch-when':
        return this.#branches(shape, scope)
    }
  }

  #loop(shape: Shape, scope: Scope): Grown {
    // The ids of the body are not known before it has grown: only steps that grew so far can be read as `previous`.
    const { steps, readable } = this.list(shape.lists[0] ?? noSteps, { ...scope, body: [] })
    const inside = { ...scope, body: readable.filter(step => step.isCertain).map(step => step.id) }
    const hasWhile = shape.rank % 3 === 0
    const loop = {
      ...(hasWhile && { while: condition(shape.rank, inside) }),
      ...(shape.until !== undefined && {
        until: condition(shape.until, { ...inside, readable: [...scope.readable, ...readable] }),
      }),
      max: shape.max,
      steps: withPrevious(steps, inside.body, shape.word),
    }
    return { step: { loop }, readable: hasWhile ? readable.map(uncertain) : readable }
  }

  /** Nothing outside an `each` can read a step of its body. */
  #each(shape: Shape, scope: Scope): Grown {
    const { rank, max } = shape
    const name = rank % 2 === 0 ? undefined : `part_${rank}_${this.#names++}`
    const { steps } = this.list(shape.lists[0] ?? noSteps, { ...scope, items: [...scope.items, name ?? 'item'] })
    const each = {
      in: listToGoThrough(shape.word, scope) as string,
      ...(name !== undefined && { as: name }),
      ...(rank % 3 > 0 && { parallel: max }),
      steps,
    }
    return { step: { each }, readable: [] }
  }

  #switch({ lists, word }: Shape, scope: Scope): Grown {
    const { chooser, values } = chooserOf(word, scope)
    const grown = lists.map(list => this.list(list, scope))
    const last = grown.at(-1)
    const entries = grown.slice(0, -1).flatMap((branch, index) => {
      const value = values[index]
      return value === undefined ? [] : [[value, branch.steps] as const]
    })
    const used = [...grown.slice(0, entries.length), ...(last ? [last] : [])]
    return {
      step: { switch: chooser, cases: Object.fromEntries(entries), default: last?.steps ?? [] },
      readable: used.flatMap(branch => branch.readable.map(uncertain)),
    }
  }

  #branches({ lists, word }: Shape, scope: Scope): Grown {
    const grown = lists.map(list => this.list(list, scope))
    const branches = grown.map(({ steps }, index) =>
      index === grown.length - 1 ? { steps } : { when: condition(word + index, scope), steps },
    )
    return { step: { switch: branches }, readable: grown.flatMap(branch => branch.readable.map(uncertain)) }
  }
}

const noSteps: ListShape = { steps: [], isShuffled: false }

function needsOf({ needs, word }: Shape, above: readonly string[], isShuffled: boolean): StepSource['needs'] {
  if (!needs && !isShuffled) return undefined
  const chosen = [...new Set((needs ?? []).flatMap(number => above[number % Math.max(1, above.length)] ?? []))]
  const [only] = chosen
  return chosen.length === 1 && only !== undefined && word % 2 === 0 ? only : chosen
}

function isBlock(shape: Shape): shape is Shape & { kind: BlockKind } {
  return shape.lists.length > 0
}

/** What a block gives to the steps inside it. */
function handedDown({ output, context, rank }: Shape): StepSource {
  return {
    ...(rank % 5 === 0 && output === 'json' && { output }),
    ...(rank % 5 === 1 && (context === 'none' || context === 'all') && { context }),
    ...(rank % 5 === 2 && { env: { STAGE: 'inner' } }),
  }
}

function uncertain(step: Readable): Readable {
  return { ...step, isCertain: false, choices: undefined }
}

function choicesOf(step: StepSource): Readable['choices'] {
  const isSure = step.if === undefined && (step['on-error'] ?? 'fail') === 'fail'
  if (Array.isArray(step.as) || !isSure) return undefined
  if (Array.isArray(step.output)) return step.output.map(String)
  if (step.output === 'boolean') return ['true', 'false']
  return (step.prompt ?? step.run) !== undefined && (step.output ?? 'text') === 'text' ? 'text' : undefined
}

/** Lets some of the prompts of a loop read the turn before. */
function withPrevious(steps: readonly StepSource[], body: readonly string[], word: number): StepSource[] {
  return steps.map((step, index) => {
    const id = body[(word + index) % Math.max(1, body.length)]
    if (typeof step.prompt !== 'string' || id === undefined || (word + index) % 2 === 0) return step
    return { ...step, prompt: `${step.prompt}\n\${first(previous.${id}.output, index)}` }
  })
}
