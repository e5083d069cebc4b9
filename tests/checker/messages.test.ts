import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { foreignFields } from '../../src/model/field-names.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { generatedLibrary } from '../generators/workflow-source.ts'

const tidy = parseWorkflow('steps:\n  - run: make tidy\n', 'workflows/tidy.yaml')
const library = { ...generatedLibrary, workflows: new Map([['tidy', tidy]]) }

/** All that is said of a workflow: code, message and hint. */
function saidOf(text: string): string[] {
  const { diagnostics } = check(parseWorkflow(text, 'workflows/made.yaml'), library)
  return diagnostics.map(({ code, message, hint }) => `${code} ${message} | ${hint ?? ''}`)
}

test('a variable that many steps inherit is told of once, where it is written', () => {
  const said = saidOf('defaults: { env: { TOKEN: $TOKEN } }\nsteps:\n  - run: x\n  - run: y\n')
  expect(said).toEqual([expect.stringContaining('LITERAL_TEXT `$TOKEN` is not computed')])
})

test('what may be meant as it is written is left alone', () => {
  const text = `
inputs: { notes: { type: string, default: x } }
steps:
  - id: a
    prompt: Explain {{ handlebars }} and {{ user.name }} of other languages.
    output: { sort: [string, number], kind: { enum: [string] } }
    on-error: { steps: [{ prompt: x, output: { ok: boolean } }] }
  - if: steps.a.output
    run: x
    env: { PRICE: $5, FILE: notes.md, PATH: $HOME/bin, PART: steps.b.output }
  - set: { file: steps.md, run: run.sh }
`
  expect(saidOf(text)).toEqual([])
})

test.each([
  'steps:\n  - id: a\n  prompt: x\n  - id: b\n    prompt: y\n',
  'steps:\n  - id: a\n   prompt: x\n    needs: [b]\n  - id: b\n    prompt: y\n',
  'steps:\n- id: a\n prompt: x\n- id: b\n  prompt: y\n',
])('a field that is indented too little is one mistake: %j', text => {
  expect(saidOf(text)).toEqual([expect.stringContaining('YAML_SYNTAX This line is indented unlike')])
})

test.each<[fact: string, text: string, said: string[]]>([
  [
    'what the turn before left is null in the first turn',
    `
steps:
  - loop:
      max: 3
      steps:
        - id: judge
          prompt: Judge. \${previous.judge.output.score}
          output: { score: number }`,
    [
      'NULL_READ In the first turn `previous.judge.output` is null. | Say what is read then: `first(previous.judge.output.score, …)`.',
    ],
  ],
  [
    'a condition is no text, even where the text may be missing',
    `
steps:
  - id: a
    prompt: x
    on-error: continue
  - if: steps.a.output
    run: x`,
    [
      'TYPE_MISMATCH `steps.a.output` is a text, not true or false. | Compare it, for example `steps.a.output == "yes"`.',
    ],
  ],
  [
    'a run has but few statuses',
    `
steps:
  - run: x
finally:
  - if: run.status == "failure"
    run: y`,
    ['UNKNOWN_VALUE `run.status` is never "failure". | It is one of "running", "succeeded", "failed", "cancelled".'],
  ],
  [
    'a switch chooses by one value, not by a map',
    `
steps:
  - id: n
    prompt: x
    output: { score: number }
  - switch: steps.n.output
    cases: { 1: [{ run: x }] }
    default: []`,
    [
      'TYPE_MISMATCH `steps.n.output` is a map, not a text, a number or true or false. | Read a field of it, such as `steps.n.output.score`.',
    ],
  ],
  [
    'what only looks like a reference is told',
    `
steps:
  - id: a
    prompt: x
  - prompt: "See {{ steps.a.output }}"
  - run: x
    env: { TOKEN: $TOKEN }
outputs: { a: steps.a.output }`,
    [
      'LITERAL_TEXT `{{ steps.a.output }}` is not computed: it stays as it is written. | Write `${steps.a.output}`.',
      'LITERAL_TEXT `$TOKEN` is not computed: it stays as it is written. | Write `${secrets.TOKEN}`.',
      'LITERAL_TEXT `steps.a.output` is not computed: it stays as it is written. | Write `${steps.a.output}`.',
    ],
  ],
  [
    'a list of texts is not the text "string"',
    `
steps:
  - id: a
    prompt: x
    output: { chapters: [string] }`,
    [
      'LITERAL_TEXT `[string]` allows one value, the text "string". | For a list, write `{ type: array, items: { type: string } }`.',
    ],
  ],
  [
    'an input whose type is wrong is declared all the same',
    `
inputs:
  ticket: str
steps:
  - prompt: x \${ticket} \${inputs.ticket}`,
    ['BAD_VALUE `ticket` cannot be "str". | Write `string`.'],
  ],
  [
    'what belongs to a step is not told of again when its kind is wrong',
    `
steps:
  - tool: read_file
    with: { path: x }`,
    ['BAD_VALUE `tool` is "read_file". | Name a server and a tool: `server.tool`.'],
  ],
  [
    'a switch on an output whose schema is wrong may be complete',
    `
steps:
  - id: a
    prompt: x
    output: { type: enum, values: [a, b] }
  - switch: steps.a.output
    cases: { a: [{ run: x }] }`,
    ['BAD_SCHEMA There is no type "enum". | Write the allowed values as a list: `[yes, no]`.'],
  ],
  [
    'steps under names are steps that others may read',
    `
steps:
  - id: both
    parallel:
      left: { prompt: x }
      right: { prompt: y }
  - prompt: \${steps.both.output.left} \${steps.left.output}`,
    ['BAD_VALUE `parallel` must be a list, not a map. | Put `- ` before each step, and its name into `id`.'],
  ],
  [
    'a length of time has a unit',
    `
steps:
  - run: x
    timeout: 30
  - wait: 30
  - run: y
    retry: { attempts: 2, backoff: 5 }`,
    [
      'BAD_VALUE `timeout` needs a unit of time, and is 30. | Write `30s` for seconds.',
      'BAD_VALUE `wait` needs a unit of time, and is 30. | Write `30s` for seconds.',
      'BAD_VALUE `backoff` needs a unit of time, and is 5. | Write `5s` for seconds.',
    ],
  ],
  [
    'a form is told with an example of it',
    `
on: { schedule: "0 9 * * *" }
concurrency: deploy
steps:
  - http: https://example.org/x
  - loop: 3
  - each: steps.x.output
  - set: x = 1`,
    [
      'BAD_VALUE `schedule` must be a map or a list, not "0 9 * * *". | Write a map or a list, such as `{ cron: "0 9 * * 1-5", timezone: Europe/Berlin }`.',
      'BAD_VALUE `concurrency` must be a map, not "deploy". | Write a map, such as `{ group: "${inputs.repo}", when-busy: queue }`.',
      'BAD_VALUE `http` must be a map, not "https://example.org/x". | Write a map, such as `{ url: https://api.example.org/items, query: { page: 1 } }`.',
      'BAD_VALUE `loop` must be a map, not 3. | Write a map, such as `{ max: 5, steps: […] }`.',
      'BAD_VALUE `each` must be a map, not "steps.x.output". | Write a map, such as `{ in: steps.plan.output.parts, steps: […] }`.',
      'BAD_VALUE `set` must be a map, not "x = 1". | Write a map, such as `{ score: "${steps.a.output.x * 2}" }`.',
    ],
  ],
  [
    'a field that is missing is told with an example',
    `
steps:
  - run: x
    on-error:
      - run: y
  - loop:
      steps: [{ run: x }]
  - each:
      steps: [{ run: x }]`,
    [
      'BAD_VALUE `on-error` must be a map, not a list. | Write a map, such as `{ steps: […] }`.',
      'MISSING_FIELD `max` is missing. | Add `max`, such as `max: 5`.',
      'MISSING_FIELD `in` is missing. | Add `in`, such as `in: steps.plan.output.parts`.',
    ],
  ],
  [
    'a case has a list of steps',
    `
steps:
  - id: t
    prompt: x
    output: [bug, idea]
  - switch: steps.t.output
    cases:
      bug:
        prompt: fix
      idea:
        first: { prompt: x }`,
    [
      'BAD_VALUE `bug` must be a list, not a map. | Put `- ` before the step.',
      'BAD_VALUE `idea` must be a list, not a map. | Put `- ` before each step, and its name into `id`.',
    ],
  ],
  [
    'what other languages write has another form here',
    `
steps:
  - id: t
    prompt: x
  - prompt: \${{ steps.t.output }}
  - prompt: \${len(steps.t.output)} \${steps.t.output.length}
  - prompt: \${steps.t.output || "none"}
  - if: steps.t.output == yes
    run: x`,
    [
      'BAD_EXPRESSION Expected COLON, got RBRACE. | One pair of braces is enough: `${steps.t.output}`.',
      'BAD_EXPRESSION No function is called "len". | The size of a text, a list or a map is `size(…)`.',
      'TYPE_MISMATCH `steps.t.output` is a text, which has no fields. | Its size is `size(steps.t.output)`.',
      'TYPE_MISMATCH `steps.t.output` is a text, not true or false. | For the first of them that is not null, write `first(steps.t.output, "none")`.',
      'UNKNOWN_NAME Nothing is called "yes" here. | A text is written `"yes"`.',
    ],
  ],
  [
    'a step that reads itself is told so',
    `
steps:
  - each:
      in: [1, 2]
      steps:
        - id: same
          prompt: x \${steps.same.output}`,
    ['NOT_SETTLED `steps.same` is the step itself, which has given nothing yet. | Read a step above it.'],
  ],
  [
    'a step in a block without an id is waited for by the id of the block',
    `
steps:
  - parallel:
      - id: a
        prompt: x
      - id: b
        prompt: y
  - prompt: z
    needs: [a]`,
    [
      'NEEDS_ELSEWHERE `a` is not in the list of `prompt-1`. | Give the `parallel` that holds it an `id`, and name that.',
    ],
  ],
  [
    'a type has the name it has here',
    `
inputs:
  n: { type: int }
steps:
  - id: a
    prompt: x
    output: { type: int }
  - prompt: x
    output: { count: int, name: str }
  - prompt: x
    output: int`,
    [
      'INPUT_UNSET A commit cannot start this workflow: input "n" has no value. | Give it a `default`, a value in `cases` or `with`, or start it with `orchestrate run -i n=…`.',
      'BAD_SCHEMA There is no type "int". | Write `integer`.',
      'BAD_SCHEMA There is no type "int". | Write `integer`.',
      'BAD_SCHEMA There is no type "int". | Write `integer`.',
      'UNKNOWN_SCHEMA There is no schema `int`. | Did you mean `integer`?',
    ],
  ],
  [
    'a step is not told to read itself',
    `
steps:
  - id: both
    prompt: x
  - id: end
    prompt: \${steps.missing_one.output}`,
    ['UNKNOWN_STEP No step is called "missing_one". | Known here: both.'],
  ],
  [
    'a file begins with a name, not with a list',
    `
- prompt: x
- prompt: y`,
    ['BAD_VALUE The file must be a map, not a list. | Begin with a line `steps:`, and put the list of steps below it.'],
  ],
  [
    'a file without a line begins with steps',
    `
`,
    ['BAD_VALUE The file must be a map, not empty. | Begin with a line `steps:`, and put the list of steps below it.'],
  ],
  [
    'what takes no inputs says so',
    `
steps:
  - workflow: tidy
    with: { x: 1 }`,
    ['UNKNOWN_INPUT The workflow `tidy` has no input "x". | It takes no inputs: take this away, or declare it there.'],
  ],
  [
    'a field that belongs to another kind is told',
    `
steps:
  - run: x
    default: []`,
    ['UNKNOWN_FIELD `default` belongs to `switch`. | Take it away, or move it there.'],
  ],
  [
    'a loop has the turn before of a step that reads itself',
    `
steps:
  - loop:
      max: 2
      steps:
        - id: draft
          prompt: Better than \${steps.draft.output}`,
    [
      'NOT_SETTLED `steps.draft` is the step itself, which has given nothing yet. | What it gave in the turn before is `previous.draft`.',
    ],
  ],
  [
    'a choice by a bare text names its sides',
    `
steps:
  - id: a
    prompt: x
  - if: steps.a.output == "x" || "y"
    run: z`,
    ['TYPE_MISMATCH `"y"` is a text, not true or false. | Compare each side by itself: `… == "y"`.'],
  ],
])('%s', (_fact, text, said) => {
  expect(saidOf(text.trimStart())).toEqual(said)
})

const placesOf: Readonly<Record<string, (field: string) => string>> = {
  workflow: field => `${field}: {}\nsteps:\n  - run: x\n`,
  step: field => `steps:\n  - run: x\n    ${field}: x\n`,
  on: field => `on: { ${field}: {} }\nsteps:\n  - run: x\n`,
  ask: field => `steps:\n  - ask: { question: Go?, ${field}: [yes] }\n`,
  loop: field => `steps:\n  - loop: { max: 1, ${field}: 1, steps: [{ run: x }] }\n`,
  each: field => `steps:\n  - each: { in: [1], ${field}: 1, steps: [{ run: x }] }\n`,
}
const foreign = Object.entries(foreignFields).flatMap(([place, words]) =>
  Object.entries(words).map(([word, advice]) => ({ place, word, advice })),
)

test.each(foreign)('the word $word, in $place, is told with the word of this language', ({ place, word, advice }) => {
  for (const written of [word, word.replaceAll('-', '_')]) {
    const [said] = saidOf(placesOf[place]?.(written) ?? '')
    expect(said).toContain(`UNKNOWN_FIELD \`${written}\``)
    expect(said).toContain(advice)
  }
})
