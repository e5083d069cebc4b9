import { describe, expect, test } from 'vitest'
import { evaluate, workflowPaths } from '../../src/controller/evaluate.ts'
import { readShelf } from '../../src/controller/shelf.ts'
import type { Sources } from '../../src/git/sources.ts'
import { codes, play, programOf, read, sound } from './play.ts'

function workspace(files: Readonly<Record<string, string>>): Sources {
  return {
    files: new Map(Object.keys(files).map(path => [path, { id: path }])),
    read: path => Promise.resolve(files[path] ?? ''),
  }
}

const steps = 'steps: [{ prompt: x }]'

describe('a workspace', () => {
  test('needs nothing but workflows', async () => {
    const sources = workspace({ 'workflows/a.yaml': steps })
    const { library, diagnostics } = await readShelf(sources)
    expect([...diagnostics]).toEqual([])
    expect((await evaluate(sources, library, 'workflows/a.yaml')).program).toBeDefined()
  })

  test('has a workflow in every YAML and Markdown file below `workflows`, but no template', () => {
    const paths = [
      'workflows/a.yaml',
      'workflows/deep/b.yml',
      'workflows/c.workflow.md',
      'workflows/templates/t.yaml',
      'workflows/README.md',
      'b.yaml',
    ]
    expect(workflowPaths(workspace(Object.fromEntries(paths.map(path => [path, steps]))))).toEqual(paths.slice(0, 3))
  })

  test('names a workflow by its path below `workflows` without ending', () => {
    expect(
      ['workflows/a.yaml', 'workflows/deep/b.yml', 'workflows/c.workflow.md'].map(
        path => sound(path.endsWith('.md') ? '# C\n\n## Go\nDo it.' : steps, path).name,
      ),
    ).toEqual(['a', 'deep/b', 'c'])
    expect(sound(`name: A title\n${steps}`).name).toBe('w')
  })

  test('has agents, skills, prompts, schemas, templates and a configuration in their folders', async () => {
    const { library, configuration } = await readShelf(
      workspace({
        'agents/deep/judge.agent.md': 'You judge.',
        'skills/a/b/SKILL.md': '---\nname: b\ndescription: d\n---\nBody.',
        'prompts/p.md': 'Ask.',
        'schemas/s.json': '{"type": "object"}',
        'workflows/templates/deep/t.yaml': steps,
        'orchestrate.yaml': 'limits: { runs: 3 }',
      }),
    )
    expect(
      [library.agents, library.skills, library.prompts, library.schemas, library.templates].map(map => [...map.keys()]),
    ).toEqual([['judge'], ['b'], ['prompts/p.md'], ['schemas/s.json'], ['deep/t']])
    expect(configuration.limits.runs).toBe(3)
  })
})

describe('a workflow', () => {
  test('has inputs in a short form, as a list of values, as a map of fields, and as JSON Schema with a default', () => {
    const { inputs } = sound(
      `inputs: { s: string, n: number, i: integer, b: boolean, l: list, o: object, t: [plain, cheerful], m: { score: number }, d: { type: integer, default: 2, minimum: 1, description: How deep } }\non: manual\n${steps}`,
    )
    expect(Object.values(inputs).map(({ schema }) => schema['type'] ?? schema['enum'])).toEqual([
      'string',
      'number',
      'integer',
      'boolean',
      'array',
      'object',
      ['plain', 'cheerful'],
      'object',
      'integer',
    ])
    expect(inputs['d']).toEqual({ schema: { type: 'integer', minimum: 1 }, default: 2, description: 'How deep' })
  })

  test('has cases, each a set of inputs that fits them', () => {
    expect(programOf(`inputs: { r: string }\ncases: { small: { r: a }, large: { r: b } }\n${steps}`).cases).toEqual({
      small: { r: 'a' },
      large: { r: 'b' },
    })
    expect(codes(`inputs: { n: integer }\ncases: { a: { n: x } }\n${steps}`)).toEqual(['BAD_ARGUMENT'])
    expect(codes(`cases: { a: { n: x } }\n${steps}`)).toEqual(['UNKNOWN_INPUT'])
  })

  test('is started by a commit unless it says otherwise', () => {
    expect(sound(steps).triggers).toEqual({ commit: { paths: [], each: false, with: {} }, schedules: [] })
    expect(sound(`on: manual\n${steps}`).triggers).toEqual({ schedules: [] })
    expect(sound(`on: { schedule: { cron: "0 9 * * 1-5" } }\n${steps}`).triggers.commit).toBeUndefined()
    expect(sound(`on: { commit: }\n${steps}`).triggers.commit).toBeDefined()
  })

  test('names branches, paths and whether each commit counts', () => {
    const { triggers } = sound(`on: { commit: { branches: [main], paths: [src/**], each: true } }\n${steps}`)
    expect(triggers.commit).toEqual({ branches: ['main'], paths: ['src/**'], each: true, with: {} })
  })

  test('has schedules, one or a list, with a time zone, inputs and what is made good', () => {
    const { triggers } = sound(
      `inputs: { r: string }\non: { schedule: [{ cron: "0 9 * * 1-5", timezone: Europe/Berlin, with: { r: x }, catch-up: last }, { cron: "1 * * * *", with: { r: "\${run.event.time}" } }] }\n${steps}`,
    )
    expect(triggers.schedules).toEqual([
      { cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', with: { r: 'x' }, catchUp: 'last' },
      { cron: '1 * * * *', timezone: 'UTC', with: { r: '${run.event.time}' }, catchUp: 'none' },
    ])
  })

  test('has a webhook that names its secret and gives inputs from the body', () => {
    const { triggers } = sound(
      `inputs: { r: string }\non: { webhook: { secret: HOOK, with: { r: "\${run.event.body.repo}" } } }\n${steps}`,
    )
    expect(triggers.webhook).toEqual({ secret: 'HOOK', with: { r: '${run.event.body.repo}' }, catchUp: 'none' })
  })

  test.each([
    ['a commit', ''],
    ['a schedule', 'on: { schedule: { cron: "0 9 * * *" } }\n'],
    ['a webhook', 'on: { webhook: { secret: S } }\n'],
  ])('gets a diagnostic for an input that %s leaves unset', (_, on) => {
    expect(codes(`inputs: { r: string }\n${on}${steps}`)).toEqual(['INPUT_UNSET'])
  })

  test('may be started by hand with inputs that have no default', () => {
    expect(codes(`inputs: { r: string }\non: manual\n${steps}`)).toEqual([])
  })

  test('has limits and a concurrency group, which are handed to the program', () => {
    const program = programOf(
      `inputs: { r: { type: string, default: x } }\nlimits: { tokens: 200000, usd: 2.50, time: 30m, parallel: 8 }\nconcurrency: { group: "\${inputs.r}", when-busy: cancel-running }\n${steps}`,
    )
    expect(program.limits).toEqual({ tokens: 200_000, usd: 2.5, timeMs: 1_800_000, parallel: 8 })
    expect(program.concurrency).toEqual({ group: '${inputs.r}', whenBusy: 'cancel-running' })
    expect(sound(`concurrency: { group: all }\n${steps}`).concurrency).toEqual({ group: 'all', whenBusy: 'queue' })
  })

  test('gives a map or one value, else the output of its last step', () => {
    const a = 'steps: [{ id: a, run: x }, { id: b, run: y }]'
    expect(play(`outputs: { r: "\${steps.a.output}" }\n${a}`).outputs).toEqual({ r: '<a>' })
    expect(play(`outputs: "\${steps.a.output}"\n${a}`).outputs).toBe('<a>')
    expect(play(a).outputs).toBe('<b>')
  })

  test('has a title, a description and tags that change nothing else', () => {
    expect(sound(`name: T\ndescription: D\ntags: [a]\n${steps}`)).toMatchObject({
      name: 'w',
      title: 'T',
      description: 'D',
      tags: ['a'],
    })
  })

  test('has no field that there is not', () => {
    expect(read(`stepss: []\n${steps}`).diagnostics).toMatchObject([
      { code: 'UNKNOWN_FIELD', hint: 'Did you mean `steps`?' },
    ])
  })
})
