// Workflows of any size, as text: what the bench of the language reads, compiles and runs.

/** Ten steps as people write them: prompts with templates, a command, a condition, a switch and a loop. */
const tenSteps = (index: number): string => material(index) + rewriting(index)

function material(index: number): string {
  const before = index === 0 ? 'inputs.topic' : `steps.summary_${index - 1}.output`
  return `
  # Part ${index}: from material to a summary.
  - id: material_${index}
    prompt: |
      Collect what is known about \${${before}}.
      Write at most \${inputs.words} words, for \${inputs.audience}.
  - id: facts_${index}
    description: The facts of part ${index}, as data.
    prompt: List the facts in \${steps.material_${index}.output}, and how sure you are of each.
    output: { sure: number, kind: [news, opinion, fiction] }
    retry: 2
  - id: count_${index}
    run: wc -w <<< "$TEXT"
    env: { TEXT: "\${steps.material_${index}.output}" }
    timeout: 30s
  - id: check_${index}
    if: steps.facts_${index}.output.sure < 0.5 && inputs.words > 10
    prompt: Look again at \${steps.material_${index}.output}. What is wrong with it?`
}

function rewriting(index: number): string {
  return `
  - id: style_${index}
    switch: steps.facts_${index}.output.kind
    cases:
      news:
        - id: sober_${index}
          prompt: Rewrite it soberly - \${steps.material_${index}.output}
    default:
      - id: lively_${index}
        prompt: Rewrite it in a lively way - \${steps.material_${index}.output}
  - id: refine_${index}
    needs: [style_${index}, check_${index}, count_${index}]
    loop:
      max: 3
      until: steps.judge_${index}.output.score >= 0.8
      steps:
        - id: summary_${index}
          prompt: |
            Summarise it. The last summary was: \${previous.summary_${index}.output}
            What was said of it: \${previous.judge_${index}.output}
        - id: judge_${index}
          prompt: How good is \${steps.summary_${index}.output}?
          output: { score: number }`
}

/** A workflow of about so many steps, every kind of block among them. */
export function mixedWorkflow(steps: number): string {
  const parts = Array.from({ length: steps / 10 }, (_, index) => tenSteps(index))
  return `name: Digest
description: A digest of many parts.
inputs:
  topic: { type: string, default: owls }
  words: { type: integer, default: 100 }
  audience: { type: string, default: children }
steps:${parts.join('')}
`
}

/** Steps in a row that compute. They are short: ten thousand must fit into one file. */
export function setChain(steps: number): string {
  return `steps:\n${'- set: { x: "${1 + 1}" }\n'.repeat(steps)}`
}

/** Steps in a row, each of which asks and reads the one before. */
export function promptChain(steps: number): string {
  const rows = Array.from(
    { length: steps },
    (_, index) =>
      `  - { id: s${index}, prompt: "Go on from ${index === 0 ? 'here' : `\${steps.s${index - 1}.output}`}" }`,
  )
  return `steps:\n${rows.join('\n')}\n`
}

/** Steps that need up to three of those above them, the same ones every time. */
export function randomGraph(steps: number): string {
  let state = 1
  const roll = (bound: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % bound
  }
  const rows = Array.from({ length: steps }, (_, index) => {
    const needs = Array.from({ length: Math.min(index, roll(4)) }, () => `s${roll(index)}`)
    return `  - { id: s${index}, needs: [${[...new Set(needs)].join(', ')}], prompt: "Question ${index}", context: none }`
  })
  return `steps:\n${rows.join('\n')}\n`
}

/** A body of one or two steps for every item of a list. */
export function eachOf(items: number, bodySteps: 1 | 2, parallel = 16): string {
  const second = bodySteps === 2 ? '\n        - { id: b, prompt: "Shorten ${steps.a.output}" }' : ''
  return `inputs:
  items: { type: list, default: [${Array.from({ length: items }, (_, index) => index).join(', ')}] }
steps:
  - id: all
    each:
      in: inputs.items
      parallel: ${parallel}
      steps:
        - { id: a, prompt: "Read \${item}" }${second}
`
}

/** Branches that begin together, a prompt each. */
export function parallelOf(branches: number): string {
  const rows = Array.from({ length: branches }, (_, index) => `      - { id: s${index}, prompt: "Question ${index}" }`)
  return `steps:\n  - id: all\n    parallel:\n${rows.join('\n')}\n`
}
