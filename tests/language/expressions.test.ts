import { describe, expect, test } from 'vitest'
import { codes, fails, play, read, sound } from './play.ts'

/** The value of an expression in a workflow with a few steps and inputs. */
function value(expression: string): unknown {
  const { outputs, cause } = play(`
    inputs: { n: { type: integer, default: 7 }, name: { type: string, default: ada }, o: { type: object, default: { a: 1 } } }
    steps:
      - { id: a, run: x, as: Named }
      - { id: s, if: "false", run: y }
      - { set: { v: ${JSON.stringify(expression)} } }`)
  return cause?.reason ?? (outputs as { v: unknown } | undefined)?.v
}

describe('a template', () => {
  test.each([
    ['a value that is one lone expression keeps its type', '${n}', 7],
    ['inside text a number is written out', 'n: ${n}', 'n: 7'],
    ['inside text a list or map is JSON', 'o: ${o} ${[1, "x"]}', 'o: {"a":1} [1,"x"]'],
    ['inside text null is nothing', '<${steps.s.output}>', '<>'],
    ['a doubled dollar is a literal one', '$${n}', '${n}'],
    ['what a value contains is never evaluated again', '${"$" + "{n}"}!', '${n}!'],
  ])('in a template, %s', (_, text, expected) => {
    expect(value(text)).toEqual(expected)
  })

  test('one pair of braces around a bare condition is accepted', () => {
    expect(sound('- { if: "${1 < 2}", run: x }').steps[0]?.if).toBe('1 < 2')
  })

  test('a command is never templated', () => {
    expect(codes('- { id: a, run: x }\n- { run: "echo ${steps.a.output}" }')).toEqual(['TEMPLATE_IN_COMMAND'])
    expect(play('- { id: a, run: "echo ${HOME}" }').work.get('a')).toMatchObject({ command: 'echo ${HOME}' })
  })
})

describe('an expression', () => {
  test.each([
    ['numbers mix freely', '${n + 0.5}', 7.5],
    ['numbers mix with text', '${"n" + n}', 'n7'],
    ['null compares with anything', '${steps.s.output == 3}', false],
    ['`first` is the first that exists and is not null', '${first(steps.s.output, steps.a.output.x, n)}', 7],
    ['`sum`', '${sum([1, 2])}', 3],
    ['`mean`', '${mean([1, 2])}', 1.5],
    ['`min`', '${min([2, 1])}', 1],
    ['`max`', '${max([2, 1])}', 2],
    ['`flatten`', '${flatten([[1], [2]])}', [1, 2]],
    ['`json`', '${json(o)}', '{"a":1}'],
    ['that fails, fails its step', '${[1][2]}', 'InvalidExpression'],
    ['an input by its path', '${inputs.n}', 7],
    ['an input by its bare name', '${name}', 'ada'],
    ['an output by its name', '${Named}', '<a>'],
    ['the status of a step', '${steps.a.status} ${steps.s.status}', 'succeeded skipped'],
    ['the attempts of a step', '${steps.a.attempts}', 1],
    ['the error of a step that has none', '${steps.a.error == null}', true],
    ['the run', '${run.id} ${run.workflow} ${run.branch} ${run.trigger}', 'r w main commit'],
  ])('gives %s', (_, text, expected) => {
    expect(value(text)).toEqual(expected)
  })

  test('knows `index` of the innermost loop or `each`', () => {
    const { outputs } = play(
      '- loop: { max: 2, steps: [{ each: { in: [1, 2], steps: [{ set: { i: "${index}" } }] } }] }',
    )
    expect(outputs).toEqual([{ i: 0 }, { i: 1 }])
  })

  test('in a handler knows the failure with its step, reason, message and output', () => {
    const handler = 'on-error: { steps: [{ set: { all: "${error}" } }] }'
    const { outputs } = play(`- { id: a, prompt: x, expect: "false", ${handler} }`)
    expect(outputs).toMatchObject({ all: { step: 'a', reason: 'Unexpected', output: '<a>' } })
    expect(play(`- { id: a, prompt: x, ${handler} }`, () => fails('Timeout')).outputs).toMatchObject({
      all: { reason: 'Timeout' },
    })
  })

  test('is bare in `if`, `while`, `until`, `switch`, `when`, `in` and `expect`', () => {
    const text =
      '- { id: a, if: "1 ==", expect: "1 ==", prompt: x }\n- loop: { max: 1, while: "1 ==", until: "1 ==", steps: [{ run: x }] }\n- { switch: "1 ==", cases: { a: [] }, default: [] }\n- { switch: [{ when: "1 ==", steps: [] }, { steps: [] }] }\n- each: { in: "1 ==", steps: [{ run: x }] }'
    expect(codes(text)).toEqual(Array.from({ length: 7 }, () => 'BAD_EXPRESSION'))
  })
})

describe('scope', () => {
  test.each([
    ['a step that comes later', '- { id: a, prompt: "${steps.b.output}" }\n- { id: b, prompt: x }', 'NOT_SETTLED'],
    ['a step beside it', '- parallel: [{ id: a, prompt: x }, { id: b, prompt: "${steps.a.output}" }]', undefined],
    ['a name that nothing has', '- prompt: "${Plann}"', 'UNKNOWN_NAME'],
    ['a step that there is not', '- prompt: "${steps.x.output}"', 'UNKNOWN_STEP'],
    ['`item` outside an `each`', '- prompt: "${item}"', 'OUTSIDE_LOOP'],
    ['`previous` outside a loop', '- prompt: "${previous.a.output}"', 'OUTSIDE_LOOP'],
    ['`error` outside a handler', '- prompt: "${error.message}"', 'OUTSIDE_HANDLER'],
    ['the items of what has none', '- { id: a, prompt: x }\n- prompt: "${steps.a.items}"', 'NULL_READ'],
    ['a secret in a prompt', '- prompt: "${secrets.KEY}"', 'SECRET_MISPLACED'],
    ['a secret in `env`', '- { run: x, env: { K: "${secrets.KEY}" } }', undefined],
    ['a secret in a header', '- http: { url: "https://h.org", headers: { k: "${secrets.KEY}" } }', undefined],
    ['a name given twice', '- { prompt: x, as: A }\n- { prompt: y, as: A }', 'DUPLICATE_NAME'],
    ['a name that is a word of CEL', '- { prompt: x, as: loop }', 'RESERVED_NAME'],
    ['a step that a prompt is to be shown and that there is not', '- { prompt: x, context: [none] }', 'UNKNOWN_STEP'],
    ['an agent that there is not', '- { prompt: x, agent: writr }', 'UNKNOWN_AGENT'],
    ['a computed agent', '- { id: a, prompt: x }\n- { prompt: x, agent: "${steps.a.output}" }', 'UNKNOWN_AGENT'],
    ['a computed duration', '- { id: a, prompt: x }\n- { run: x, timeout: "${steps.a.output}" }', 'BAD_VALUE'],
  ])('of %s says what may be read', (_, text, code) => {
    expect(codes(text)).toEqual(code === undefined ? [] : [code])
  })

  test('an unknown name is told the nearest one', () => {
    const { diagnostics } = read('- { prompt: x, as: Plan }\n- prompt: "${Plann}"')
    expect(diagnostics.map(({ hint }) => hint)).toEqual(['Did you mean `Plan`?'])
  })

  test('a step in a case not taken, or in a skipped block, counts as skipped', () => {
    const text =
      '- switch: [{ when: "false", steps: [{ id: a, run: x }] }, { steps: [] }]\n- { if: "false", steps: [{ id: b, run: y }] }\n- { set: { a: "${steps.a.status}", b: "${steps.b.status}", o: "${steps.a.output}" } }'
    expect(play(text).outputs).toEqual({ a: 'skipped', b: 'skipped', o: null })
  })

  test('an input that is a word of CEL is read by its path, and told so elsewhere', () => {
    const inputs = 'inputs: { type: { type: string, default: x }, loop: { type: string, default: y } }'
    expect(play(`${inputs}\nsteps: [{ set: { v: "\${inputs.type}\${inputs.loop}" } }]`).outputs).toEqual({ v: 'xy' })
    const { diagnostics } = read(`${inputs}\nsteps: [{ prompt: "\${type} \${loop}" }]`)
    expect(diagnostics.map(({ hint }) => hint)).toEqual(['Write `inputs.type`.', 'Write `inputs.loop`.'])
  })

  test('an output with a schema has a type: a field that it has not is refused', () => {
    expect(codes('- { id: a, prompt: x, output: { score: number } }\n- prompt: "${steps.a.output.scor}"')).toEqual([
      'UNKNOWN_FIELD',
    ])
    expect(codes('- { id: a, prompt: x, output: [yes, no] }\n- { if: "steps.a.output > 3", run: y }')).toEqual([
      'TYPE_MISMATCH',
    ])
  })

  test('every problem of a file is told at once', () => {
    expect(codes('- prompt: "${a}"\n- prompt: "${b}"\n- { prompt: x, retry: -1 }')).toHaveLength(3)
  })
})

test.each([['- if: !true\n  run: make'], ['- if: a ? b : c\n  run: make'], ['- set: { x: ${y} }']])(
  'what YAML misreads in %j is one diagnostic, whose hint is the quoted line',
  text => {
    const { diagnostics } = read(text)
    expect(diagnostics.map(({ code }) => code)).toEqual(['QUOTE_NEEDED'])
    expect(diagnostics[0]?.hint).toMatch(/^Write .*"/)
  },
)
