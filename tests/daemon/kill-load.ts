import type { Dice } from '../../src/mock-host/dice.ts'

/** Steps of each kind of work that a daemon is killed in; `word` tells the workflow from all others. */
const kinds: Readonly<Record<string, (word: string) => string>> = {
  chain: word => `
  - { id: first, prompt: "Begin ${word}." }
  - { id: second, prompt: "Go on. \${steps.first.output}" }
  - { id: third, prompt: "Go on. \${steps.second.output}" }
  - { id: last, prompt: "End. \${steps.third.output}" }`,
  parallel: word => `
  - id: sides
    parallel:
      - { id: north, prompt: "North of ${word}" }
      - { id: south, prompt: "South of ${word}" }
      - { id: west, prompt: "West of ${word}" }
      - { id: nap, wait: 120ms }
  - { id: last, prompt: "Join \${steps.north.output} and \${steps.south.output}" }`,
  loop: word => `
  - id: refine
    loop:
      while: index < 3
      max: 5
      steps:
        - { id: draft, prompt: "Draft ${word}, turn \${string(index)}" }
        - { id: judge, prompt: "Judge \${steps.draft.output}" }`,
  each: word => `
  - id: parts
    each:
      in: [a, b, c, d]
      as: part
      steps:
        - { id: read, prompt: "Read \${part} of ${word}" }
        - { id: sum, prompt: "Sum up \${steps.read.output}" }`,
  wait: word => `
  - { id: first, prompt: "Before ${word}" }
  - { id: pause, wait: 200ms }
  - { id: last, prompt: "After. \${steps.first.output}" }`,
  ask: word => `
  - { id: draft, prompt: "Draft ${word}" }
  - { id: approval, ask: "Is this good? \${steps.draft.output}" }
  - { id: last, prompt: "They said \${steps.approval.output}" }
  - { set: { said: ["\${steps.approval.output}"] } }`,
  asks: word => `
  - id: people
    each:
      in: [ada, bob, eve]
      steps:
        - { id: greet, prompt: "Greet \${item} of ${word}" }
        - { id: approval, ask: "\${steps.greet.output}" }
  - { set: { said: "\${steps.people.output}" } }`,
  event: word => `
  - { id: first, prompt: "Before ${word}" }
  - { id: news, wait: { event: news } }
  - { id: last, prompt: "News: \${string(steps.news.output)}" }`,
  child: word => `
  - { id: first, prompt: "Before ${word}" }
  - { id: inner, workflow: child, with: { word: "${word}" } }
  - { id: last, prompt: "After ${word}" }`,
}

// Often enough that no fault of a host ends a run.
const defaults = 'defaults: { agent: terse, retry: { attempts: 9, backoff: 60ms, factor: 1 } }'

/** What is there from the start: an agent of few words, and a workflow that only others start. */
export const beginning: Readonly<Record<string, string>> = {
  'agents/terse.agent.md': '---\ndescription: Says little\nmax-tokens: 12\n---\nYou say little.\n',
  'workflows/child.yaml': `on: manual
${defaults}
inputs: { word: string }
steps:
  - { id: one, prompt: "One of \${inputs.word}" }
  - { id: two, prompt: "Two. \${steps.one.output}" }
`,
}

/** A source of workflows, each of its own name, so that each commit of one is to start exactly one run. */
export class Load {
  /** The names of those that have been committed. */
  readonly committed: string[] = []
  /** How many kinds of work there are. */
  readonly kinds = Object.keys(kinds).length
  readonly #dice: Dice
  #left: string[] = []

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** The next workflow. Every kind comes once before one comes again. */
  next(): { name: string; files: Record<string, string> } {
    if (this.#left.length === 0) this.#left = Object.keys(kinds)
    const kind = this.#dice.pick(this.#left)
    this.#left = this.#left.filter(other => other !== kind)
    const name = `${kind}-${this.committed.length}`
    this.committed.push(name)
    const text = `${defaults}\nsteps:${kinds[kind]?.(name) ?? ''}\n`
    return { name, files: { [`workflows/${name}.yaml`]: text } }
  }
}
