import { describe, expect, test } from 'vitest'
import { begin, codes, fails, play, programOf, sound } from './play.ts'

describe('the work, with everything resolved,', () => {
  const asked = (step: string, inputs = 'a: { type: string, default: "x y" }'): unknown =>
    play(`inputs: { ${inputs} }\nsteps: [{ id: it, ${step} }]`).work.get('it')

  test.each([
    [
      'a prompt, with its agent',
      'prompt: "On ${a}.", agent: writer',
      {
        kind: 'prompt',
        agent: 'writer',
        models: ['coder'],
        sampling: { temperature: 0.5 },
        messages: [
          { role: 'system', content: 'You write.' },
          { role: 'user', content: 'On x y.' },
        ],
      },
    ],
    ['a prompt to a model without an agent', 'prompt: Go., model: gpt-4o', { kind: 'prompt', models: ['gpt-4o'] }],
    [
      'a text of the prompt library',
      'prompt: { file: prompts/ask.md, with: { what: "${a}" } }',
      {
        messages: [{ role: 'user', content: 'Ask x y in w.' }],
      },
    ],
    ['files that a model is shown', 'prompt: { text: See., files: ["out/${a}.png"] }', { files: ['out/x y.png'] }],
    [
      'fields of an agent that are changed here',
      'prompt: Go., agent: { name: writer, temperature: 0, seed: 7 }',
      {
        agent: 'writer',
        sampling: { temperature: 0, seed: 7 },
      },
    ],
    [
      'a tool',
      'tool: files.read_file, with: { path: "${a}", n: 2 }',
      {
        kind: 'tool',
        tool: 'files.read_file',
        arguments: { path: 'x y', n: 2 },
      },
    ],
    [
      'a command',
      'run: echo "$A", env: { A: "${a}" }',
      { kind: 'run', command: 'echo "$A"', network: false, env: { A: 'x y' } },
    ],
    ['a command with the network', 'run: { command: ls, network: true }', { command: 'ls', network: true }],
    [
      'a request',
      'http: { method: POST, url: "https://h.org/${a}", headers: { k: "B ${secrets.K}" }, query: { q: "${a}" }, json: { a: "${a}" } }',
      {
        kind: 'http',
        method: 'POST',
        url: 'https://h.org/x%20y',
        headers: { k: ['B ', { secret: 'K' }] },
        query: { q: 'x y' },
        json: { a: 'x y' },
        anyStatus: false,
      },
    ],
    [
      'a request whose answer is judged by `expect`',
      'http: { url: "https://h.org", body: "${a}" }, expect: "true"',
      {
        method: 'GET',
        body: 'x y',
        anyStatus: true,
      },
    ],
    [
      'a task for Kilo',
      'kilo: { task: "Do ${a}.", agent: code, model: m, permissions: { bash: deny }, commit: true }',
      {
        kind: 'kilo',
        task: 'Do x y.',
        mode: 'code',
        model: 'm',
        permissions: { bash: 'deny' },
        commit: true,
      },
    ],
    ['a task for Kilo in a line', 'kilo: Do it.', { task: 'Do it.', permissions: {}, commit: false }],
    [
      'a question',
      'ask: { question: "${a}?", assignees: [ada], default: "no" }, output: [yes, no]',
      {
        kind: 'ask',
        question: 'x y?',
        assignees: ['ada'],
        default: 'no',
        output: { type: 'schema', schema: { enum: ['yes', 'no'] } },
      },
    ],
    ['a while', 'wait: 10m', { kind: 'wait', durationMs: 600_000 }],
    ['a time', 'wait: { until: "2026-12-01T09:00Z" }', { kind: 'wait', until: '2026-12-01T09:00Z' }],
    ['an event', 'wait: { event: "done ${a}" }', { kind: 'wait', event: 'done x y' }],
    ['a child run', 'workflow: child, with: { n: 3 }', { kind: 'workflow', workflow: 'child', inputs: { n: 3 } }],
    [
      'a function',
      'code: steps/score.ts#score, with: { of: "${a}" }',
      {
        kind: 'code',
        module: 'steps/score.ts',
        function: 'score',
        arguments: { of: 'x y' },
      },
    ],
  ])('of %s reaches the executor', (_, step, work) => {
    expect(asked(step)).toMatchObject(work)
  })

  test('the skills of an agent stand in its system prompt, with description and body', () => {
    const { messages } = asked('prompt: Go., agent: setter') as { messages: { role: string; content: string }[] }
    expect(messages[0]).toMatchObject({ role: 'system', content: expect.stringMatching(/^You set\./) as string })
    for (const part of ['tables', 'How we set tables.', 'Use few lines.']) expect(messages[0]?.content).toContain(part)
  })

  test('labels of a worker, the priority and a time for each attempt go with it', () => {
    const { drive } = begin('- { id: it, run: x, runs-on: gpu, priority: batch, timeout: 90s }')
    const [request] = drive.everSent
    expect(request).toMatchObject({ runsOn: ['gpu'], priority: 'batch' })
    expect((request?.deadlineMs ?? 0) - (request?.startedMs ?? 0)).toBe(90_000)
  })
})

describe('a step', () => {
  test('without an id gets a stable one that nothing can refer to', () => {
    expect(sound('- prompt: a\n- run: b\n- prompt: c').steps.map(({ id }) => id)).toEqual([
      'prompt-1',
      'run-1',
      'prompt-2',
    ])
    expect(codes('- prompt: a\n- prompt: "${steps[\'prompt-1\'].output}"')).toEqual(['UNKNOWN_STEP'])
  })

  test('with a hyphen in its id is told the name with an underscore', () => {
    expect(codes('- { id: a-b, prompt: x }')).toEqual(['BAD_ID'])
  })

  test('has an id that no other step of the file has', () => {
    expect(codes('- { id: a, prompt: x }\n- steps: [{ id: a, prompt: y }]')).toEqual(['DUPLICATE_ID'])
  })

  test('has exactly one kind', () => {
    expect(codes('- { id: a }')).toEqual(['NO_KIND'])
    expect(codes('- { prompt: x, run: y }')).toEqual(['TWO_KINDS'])
  })

  test('that names the item it is for sees nothing else', () => {
    const { work } = play('- { id: a, prompt: x }\n- each: { in: [owls], steps: [{ id: b, prompt: "On ${item}." }] }')
    expect(work.get('each-1/0/b')).toMatchObject({ messages: [{ role: 'user', content: 'On owls.' }] })
  })

  test('that computes gives its values and asks nobody', () => {
    const { outputs, sent } = play('- { id: a, set: { score: "${2 * 3}", of: [x] } }')
    expect(outputs).toEqual({ score: 6, of: ['x'] })
    expect(sent).toEqual([])
  })
})

describe('the output', () => {
  test('of `parallel` is a map from step id to output', () => {
    const { outputs } = play('- parallel: [{ id: a, prompt: x }, { id: b, prompt: y }]')
    expect(outputs).toEqual({ a: '<a>', b: '<b>' })
  })

  test('of `each` is the list of its bodies’ outputs, in the order of the list', () => {
    const { drive, end } = begin('- { id: e, each: { in: [1, 2, 3], steps: [{ id: a, prompt: "${item}" }] } }')
    for (const path of ['e/2/a', 'e/0/a', 'e/1/a']) end(path)
    expect(drive.events.at(-1)?.body).toMatchObject({ outputs: ['<e/0/a>', '<e/1/a>', '<e/2/a>'] })
  })

  test.each([
    ['a group', '- { id: g, steps: [{ prompt: a }, { id: z, prompt: b }] }', '<z>'],
    ['a loop, that of its last turn', '- { id: l, loop: { max: 2, steps: [{ id: a, prompt: b }] } }', '<l/1/a>'],
    [
      'a switch, that of the case taken',
      '- { switch: run.trigger, cases: { commit: [{ id: y, prompt: a }] }, default: [] }',
      '<y>',
    ],
  ])('of %s is that of the last step', (_, text, output) => {
    expect(play(text).outputs).toBe(output)
  })

  test('has a schema that is `text` unless something else is written', () => {
    const outputOf = (written: string): unknown => {
      const [step] = sound(`- { prompt: x${written} }`).steps
      return step && 'output' in step ? step.output : undefined
    }
    expect(outputOf('')).toEqual({ type: 'text' })
    expect(outputOf(', output: json')).toEqual({ type: 'json' })
    expect(outputOf(', output: schemas/score.json')).toMatchObject({ type: 'schema', schema: { type: 'object' } })
    expect(outputOf(', output: [yes, no]')).toMatchObject({ schema: { enum: ['yes', 'no'] } })
    expect(outputOf(', output: number')).toMatchObject({ schema: { type: 'number' } })
    expect(outputOf(', output: { a: string }')).toMatchObject({
      schema: { required: ['a'], additionalProperties: false },
    })
    expect(outputOf(', output: { anyOf: [{ type: string }] }')).toMatchObject({
      schema: { anyOf: [{ type: 'string' }] },
    })
  })

  test('is named by `as`, and several texts of one answer by a list', () => {
    const { work } = play('- { prompt: a, as: Plan }\n- { id: b, prompt: "Do ${Plan}." }')
    expect(work.get('b')).toMatchObject({ messages: [{ content: 'Do <prompt-1>.' }] })
    const [step] = sound('- { prompt: a, as: [Plan, Risks] }').steps
    expect(step).toMatchObject({ output: { schema: { required: ['Plan', 'Risks'] } } })
    const { outputs } = play('- { prompt: a, as: [Plan, Risks] }\n- { set: { x: "${Risks}" } }', () => ({
      Plan: 'p',
      Risks: 'r',
    }))
    expect(outputs).toEqual({ x: 'r' })
  })
})

describe('on a block', () => {
  test('agent, model, context, tools, skills, output, env, cache and priority are defaults for its steps', () => {
    const block =
      'agent: judge, model: m, context: none, tools: [a.b], skills: [tables], output: json, cache: true, priority: batch'
    const [group] = sound(
      `- { ${block}, env: { A: "1" }, steps: [{ prompt: x }, { run: y, env: { B: "2" } }, { prompt: z, agent: writer, output: text }] }`,
    ).steps
    const [asked, ran, other] = group?.kind === 'steps' ? group.steps : []
    expect(asked).toMatchObject({
      agent: { name: 'judge', models: ['m'], tools: { allow: ['a.b'] }, skills: [{ name: 'tables' }] },
      context: 'none',
      output: { type: 'json' },
      isCached: true,
      priority: 'batch',
    })
    expect(ran).toMatchObject({ env: { A: '1', B: '2' } })
    expect(other).toMatchObject({ agent: { name: 'writer' }, output: { type: 'text' } })
  })

  test('retry acts on the block as one', () => {
    const text = '- { id: g, retry: 1, steps: [{ id: a, prompt: x }, { id: b, prompt: y }] }'
    const { sent, status } = play(text, path => (path.includes('0') && path.endsWith('b') ? fails('Timeout') : 'ok'))
    expect(status).toBe('succeeded')
    expect(sent).toEqual(['g/0/a', 'g/0/b', 'g/1/a', 'g/1/b'])
  })

  test('`if` skips all of it', () => {
    expect(play('- { id: g, if: "false", steps: [{ prompt: x }] }\n- { id: b, run: y }').sent).toEqual(['b'])
  })
})

test('`defaults` gives any common field to every step, and a step overrides it', () => {
  const text =
    'defaults: { agent: writer, timeout: 5m, retry: 2, on-error: continue, cache: true }\nsteps: [{ prompt: a }, { prompt: b, retry: 0, timeout: 1s, agent: judge }]'
  expect(sound(text).steps).toMatchObject([
    { agent: { name: 'writer' }, timeoutMs: 300_000, retry: { attempts: 2 }, onError: 'continue', isCached: true },
    { agent: { name: 'judge' }, timeoutMs: 1000, retry: { attempts: 0 } },
  ])
})

describe('a template', () => {
  const text =
    '- { id: a, use: sum, with: { text: owls } }\n- { id: b, use: sum, with: { text: "${steps.a.output}", words: 3 } }'

  test('is spliced in when the workflow is compiled, under ids of its own', () => {
    expect(programOf(text).order.filter(id => id.endsWith('draft'))).toEqual(['a-draft', 'b-draft'])
  })

  test('has the output of its last step, and defaults for what it is not given', () => {
    const { work, outputs } = play(text)
    const said = [...work.values()].map(each => (each.kind === 'prompt' ? each.messages.at(-1)?.content : ''))
    expect(said).toEqual(['Sum owls up in 9.', `Sum <a/a-draft> up in 3.`.replace('a/', '')])
    expect(outputs).toBe('<b-draft>')
  })

  test('may use another one', () => {
    expect(play('- { id: t, use: twice, with: { text: owls } }').status).toBe('succeeded')
  })

  test('is read from outside as a whole: its steps are nobody else’s', () => {
    expect(codes('- { id: a, use: sum, with: { text: owls } }\n- prompt: "${steps.draft.output}"')).toEqual([
      'UNKNOWN_STEP',
    ])
  })
})
