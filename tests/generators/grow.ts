import type { StepSource } from '../../src/model/step-source.ts'
import type { ListShape, Shape } from './shape.ts'

/** A step that may be read, and how. */
export interface Readable {
  readonly id: string
  readonly names: readonly string[]
  /** False where the step stands in a branch that is perhaps not taken, or in a loop that perhaps never turns. */
  readonly isCertain: boolean
  /** What a `switch` can tell apart: any text, or one of these values. */
  readonly choices: 'text' | readonly string[] | undefined
}

/** What can be read at a point of a workflow. */
export interface Scope {
  readonly readable: readonly Readable[]
  readonly inputs: readonly string[]
  /** Ids of the body of the innermost loop. */
  readonly body: readonly string[] | undefined
}

interface Grown {
  readonly step: StepSource
  readonly readable: readonly Readable[]
}

const words = ['draft', 'review', 'plan', 'judge', 'build_it', 'score_2', 'ask', 'collect', 'notes', 'a']
const nameWords = ['Plan', 'Report', 'Risks', 'AnalysisReport', 'summary_text']
const caseWords = ['bug', 'question', 'two words', '7', 'true']

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
      const needs = this.#needs(member, above, shape.isShuffled)
      grown.push({ shape: member, step: { ...result.step, ...(needs !== undefined && { needs }) } })
      readable.push(...result.readable)
    }
    // Whatever order the list is written in: each step of it needs, and reads, only steps that grew before.
    if (shape.isShuffled) grown.sort((a, b) => a.shape.rank - b.shape.rank)
    return { steps: grown.map(({ step }) => step), readable }
  }

  #needs({ needs, word }: Shape, above: readonly string[], isShuffled: boolean): StepSource['needs'] {
    if (!needs && !isShuffled) return undefined
    const chosen = [...new Set((needs ?? []).flatMap(number => above[number % Math.max(1, above.length)] ?? []))]
    const [only] = chosen
    return chosen.length === 1 && only !== undefined && word % 2 === 0 ? only : chosen
  }

  #step(shape: Shape, scope: Scope): Grown {
    const id = shape.isNamed || isBlock(shape) ? this.#id(shape.word) : undefined
    const as = this.#as(shape)
    const body = this.#body(shape, scope)
    const step: StepSource = {
      ...(id !== undefined && { id }),
      ...body.step,
      ...(shape.condition !== undefined && { if: condition(shape.condition, scope) }),
      ...(as !== undefined && { as }),
      ...shape.common,
    }
    const own = { names: [as ?? []].flat(), isCertain: true, choices: choicesOf(step) }
    return { step, readable: [...body.readable, ...(id === undefined ? [] : [{ id, ...own }])] }
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
    switch (shape.kind) {
      case 'prompt':
        return leaf({ prompt: template(shape, scope), ...shape.leaf, ...promptFields(shape, scope) })
      case 'run':
        return leaf({ run: runSource(shape), ...shape.leaf, ...runFields(shape, scope) })
      case 'set':
        return leaf({ set: { value: template(shape, scope), nested: [{ text: shape.text }, shape.rank, null] } })
      case 'parallel':
      case 'steps': {
        const { steps, readable } = this.list(shape.lists[0] ?? noSteps, scope)
        return { step: { [shape.kind]: steps }, readable }
      }
      case 'loop':
        return this.#loop(shape, scope)
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

function isBlock({ kind }: Shape): boolean {
  return kind !== 'prompt' && kind !== 'run' && kind !== 'set'
}

function leaf(step: StepSource): Grown {
  return { step, readable: [] }
}

function uncertain(step: Readable): Readable {
  return { ...step, isCertain: false, choices: undefined }
}

function choicesOf(step: StepSource): Readable['choices'] {
  if (Array.isArray(step.as) || step.if !== undefined || step['on-error'] === 'continue') return undefined
  if (Array.isArray(step.output)) return step.output.map(String)
  if (step.output === 'boolean') return ['true', 'false']
  return (step.prompt ?? step.run) !== undefined && (step.output ?? 'text') === 'text' ? 'text' : undefined
}

/** A text that reads what it can, with the expressions before, between and after its words. */
function template({ text, reads, rank }: Shape, scope: Scope): string {
  const expressions = reads.map(number => `\${${rank % 2 ? ' ' : ''}${reading(number, scope)}}`)
  if (rank % 5 === 0 && expressions[0] !== undefined) return expressions[0]
  return [text, ...expressions].join(rank % 3 ? ' ' : '\n')
}

function promptFields({ output, context, reads, names }: Shape, scope: Scope): StepSource {
  const read = new Set(reads.flatMap(number => target(number, scope)?.id ?? []))
  return {
    ...(output !== undefined && names !== 1 && { output }),
    ...(context !== undefined && { context: context === 'read' ? [...read] : context }),
  }
}

function runSource({ command, hasNetwork, rank }: Shape): NonNullable<StepSource['run']> {
  return rank % 3 === 0 ? { command, network: hasNetwork } : command
}

function runFields(shape: Shape, scope: Scope): StepSource {
  const { reads, output } = shape
  return {
    ...(reads.length > 0 && { env: { TOPIC: template(shape, scope), _n1: '1' } }),
    ...((output === 'json' || output === 'text') && { output }),
  }
}

/** The step that a number chooses to read; undefined where it chooses another value. */
function target(number: number, { readable }: Scope): Readable | undefined {
  return number % 4 === 0 ? undefined : readable[number % Math.max(1, readable.length)]
}

/** An expression with any value. */
export function reading(number: number, scope: Scope): string {
  const step = target(number, scope)
  const [name] = step?.names ?? []
  if (step && !step.isCertain) return `first(steps.${step.id}.output, "none {}")`
  if (step && name !== undefined && number % 3 === 0) return name
  if (step) return number % 7 === 0 ? `{"a": [steps.${step.id}.output]}.a` : `steps.${step.id}.output`
  if (scope.body && number % 3 === 0) return 'index + 1'
  const input = scope.inputs[number % Math.max(1, scope.inputs.length)]
  if (input === undefined) return '"nothing }"'
  return number % 5 === 0 ? `inputs.${input}` : input
}

/** A condition: an expression that is true or false, or just one of these. */
export function condition(number: number, scope: Scope): string | boolean {
  const certain = scope.readable.filter(step => step.isCertain)
  const step = certain[number % Math.max(1, certain.length)]
  const earlier = scope.body?.[number % Math.max(1, scope.body.length)]
  const possible: (string | boolean)[] = ['run.branch != "a, b"', number % 2 === 0, '!(1 > 2) ? true : false']
  if (step) possible.push(`steps.${step.id}.status == "succeeded"`, `steps.${step.id}.output != null`)
  if (scope.body) possible.push('index < 2', 'index != 1 && !(index > 5)')
  if (earlier !== undefined)
    possible.push(`previous.${earlier}.output == null`, `previous.${earlier}.status != 'failed'`)
  if (scope.inputs.includes('is_ready')) possible.push('inputs.is_ready', '!is_ready')
  if (scope.inputs.includes('depth')) possible.push('depth in [1, 2, 3]', '${depth >= 2}')
  return possible[number % possible.length] ?? true
}

function chooserOf(word: number, scope: Scope): { chooser: string; values: readonly string[] } {
  const choosable = scope.readable.filter(step => step.isCertain && step.choices !== undefined)
  const step = choosable[word % Math.max(1, choosable.length)]
  const values = caseWords.slice(word % 3)
  if (step && word % 3 > 0) {
    return { chooser: `steps.${step.id}.output`, values: step.choices === 'text' ? values : (step.choices ?? values) }
  }
  return { chooser: scope.inputs.includes('kind') ? 'inputs.kind' : 'run.trigger', values }
}

/** Lets some of the prompts of a loop read the turn before. */
function withPrevious(steps: readonly StepSource[], body: readonly string[], word: number): StepSource[] {
  return steps.map((step, index) => {
    const id = body[(word + index) % Math.max(1, body.length)]
    if (step.prompt === undefined || id === undefined || (word + index) % 2 === 0) return step
    return { ...step, prompt: `${step.prompt}\n\${first(previous.${id}.output, index)}` }
  })
}
