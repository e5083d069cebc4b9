import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { createMachine } from 'xstate'
import { expect, test } from 'vitest'
import { printLiteral } from '../../src/compiler/export-literal.ts'
import { type ExportedMeta, type ExportedState, exportedMachine, toXState } from '../../src/compiler/export-xstate.ts'
import type { ChartState, Program } from '../../src/compiler/program.ts'
import { visibleText } from '../../src/model/visible-text.ts'
import { compiled, gallery } from '../gallery/run-gallery.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { programOfSteps, soundProgram } from '../runtime/sound-program.ts'

/** The config of the machine that a module exports, after XState and JSON have had it. */
function evaluated(text: string): ExportedState {
  const script = text
    .replace("import { createMachine } from 'xstate'\n", '')
    .replace('export const machine =', 'var machine =')
  const world: { createMachine: typeof createMachine; machine?: { config: object } } = { createMachine }
  runInNewContext(script, world)
  return JSON.parse(JSON.stringify(world.machine?.config)) as ExportedState
}

/** The charts and lists that the states of an export bring with them. */
interface Brought {
  readonly charts: Map<string, ExportedState>
  readonly lists: Map<string, unknown>
}

function gather(state: ExportedState, brought: Brought): void {
  const meta: ExportedMeta = state.meta ?? {}
  for (const [step, chart] of Object.entries(meta.charts ?? {})) {
    expect(brought.charts.has(step)).toBe(false)
    brought.charts.set(step, chart)
    gather(chart, brought)
  }
  if (meta.list) brought.lists.set(state.invoke?.input.step ?? '', meta.list)
  for (const [holder, list] of Object.entries(meta.lists ?? {})) brought.lists.set(holder, list)
  const last = meta.finally ? [meta.finally.chart] : []
  for (const child of [...last, ...Object.values(state.states ?? {})]) gather(child, brought)
}

/** The chart that an exported one was made of: without what the export has added. */
function original({ meta: _added, states, description, ...own }: ExportedState, chart: ChartState): ChartState {
  const children = Object.entries(states ?? {}).map(
    ([key, child]) => [key, original(child, chart.states?.[key] ?? {})] as const,
  )
  return {
    ...own,
    ...(chart.description !== undefined && description !== undefined && { description }),
    ...(states && { states: Object.fromEntries(children) }),
  }
}

function expectWhole(config: ExportedState, program: Program): void {
  const brought: Brought = { charts: new Map(), lists: new Map() }
  gather(config, brought)
  expect(original(config, program.machine)).toStrictEqual(program.machine)
  expect([...brought.charts.keys()].toSorted()).toEqual(Object.keys(program.charts).toSorted())
  for (const [step, chart] of brought.charts) {
    const compiledChart = program.charts[step] ?? {}
    expect(original(chart, compiledChart)).toStrictEqual(compiledChart)
  }
  expect(Object.fromEntries(brought.lists)).toStrictEqual(program.lists)
  const last = config.meta?.finally
  expect(last?.steps).toEqual(program.finally?.steps)
  expect(last && original(last.chart, program.finally?.chart ?? {})).toStrictEqual(program.finally?.chart)
  const undo = Object.entries(program.steps).flatMap(([id, entry]) => (entry.undo ? [[id, entry.undo]] : []))
  expect(Object.entries(config.meta?.undo ?? {})).toEqual(undo)
}

test('the exported module is the machine of the program, with every chart and list that it starts', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const { program } = soundProgram(source)
      expectWhole(evaluated(toXState(program)), program)
    }),
    cases(150),
  )
})

test('the modules of the gallery are evaluated by Node in a project that has XState', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrate-xstate-'))
  try {
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    const names = [...gallery.keys()]
    for (const name of names) await writeFile(join(folder, `${name}.mjs`), toXState(compiled(name).program))
    const imports = names.map((name, index) => `import { machine as m${index} } from './${name}.mjs'`)
    const print = `console.log(JSON.stringify([${names.map((_, index) => `m${index}.config`).join(',')}]))`
    await writeFile(join(folder, 'print.mjs'), [...imports, print].join('\n'))
    const printed = execFileSync(process.execPath, [join(folder, 'print.mjs')], { encoding: 'utf8' })
    const configs = JSON.parse(printed) as ExportedState[]
    names.forEach((name, index) => expectWhole(configs[index] ?? {}, compiled(name).program))
    expect(configs).toHaveLength(names.length)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the same program is the same text, also when it comes out of a journal', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const { compiled, program } = soundProgram(source)
      expect(toXState(program)).toBe(toXState(compiled))
    }),
    cases(60),
  )
})

test('a scheduler brings its list, and a chart for each step that is more than a leaf', () => {
  const { program } = programOfSteps(
    { id: 'a', prompt: 'A.' },
    { id: 'b', prompt: 'B.', needs: [] },
    { id: 'c', if: "steps.a.output != ''", prompt: 'C.', needs: ['a', 'b'] },
  )
  const meta = exportedMachine(program).states?.['Scheduler']?.meta
  expect(meta?.list).toEqual([
    { step: 'a', after: [] },
    { step: 'b', after: [] },
    { step: 'c', after: ['a', 'b'] },
  ])
  expect(Object.keys(meta?.charts ?? {})).toEqual(['c'])
})

test('the state of a step says what the step does, in its own words where it has some', () => {
  const { program } = programOfSteps(
    { id: 'a', prompt: 'A.' },
    { id: 'b', prompt: 'B.', description: 'The second thing.' },
  )
  const { states } = exportedMachine(program)
  expect([states?.['a']?.description, states?.['b']?.description]).toEqual([
    'Ask the default model',
    'The second thing.',
  ])
})

test('items, handlers, undo and finally are exported with their charts', () => {
  const { program } = soundProgram({
    steps: [
      {
        id: 'plan',
        prompt: 'Plan.',
        output: { parts: 'list' },
        undo: { steps: [{ run: 'rm plan' }, { run: 'rm more' }] },
      },
      {
        id: 'parts',
        each: {
          in: 'steps.plan.output.parts',
          steps: [
            { id: 'part', prompt: '${item}' },
            { id: 'count', run: 'wc' },
          ],
        },
      },
      { id: 'words', each: { in: 'steps.plan.output.parts', steps: [{ id: 'word', prompt: '${item}' }] } },
      { id: 'risky', run: 'make', 'on-error': { steps: [{ id: 'mend', prompt: 'Mend.' }] } },
    ],
    finally: [{ id: 'clean', run: 'make clean' }],
  })
  const config = evaluated(toXState(program))
  expectWhole(config, program)
  const text = JSON.stringify(config)
  for (const id of ['part', 'mend', 'clean']) expect(text).toContain(`"id":"${id}"`)
  expect(config.meta).toMatchObject({ undo: { plan: expect.any(String) }, finally: { steps: ['clean'] } })
  const items = (id: string): ExportedMeta | undefined => config.states?.[id]?.states?.['Items']?.meta
  expect(items('parts')).toMatchObject({ body: ['part', 'count'], charts: { 'parts:item': {} } })
  expect(items('words')).toEqual({ body: ['word'] })
})

test('what nothing seems to start is found at the root: nothing is lost', () => {
  const { program } = programOfSteps({ id: 'a', prompt: 'A.' })
  const strange = {
    ...program,
    charts: { later: { id: 'later:chart', initial: 'x', states: { x: {} } } },
    lists: { '': [{ step: 'a', after: [] }] },
  }
  expectWhole(exportedMachine(strange), strange)
})

test('the module names what a reader has to provide', () => {
  const { program } = programOfSteps({ id: 'a', prompt: 'A.' }, { id: 'b', prompt: 'B.', if: "steps.a.output == ''" })
  expect(toXState(program).split('\n').slice(0, 7)).toEqual([
    "import { createMachine } from 'xstate'",
    '',
    '// To run it, say what its names do: machine.provide({ actors, guards, actions })',
    '// actors: step',
    '// guards: failed, holds, isInvalid',
    '// actions: reject, skip',
    'export const machine = createMachine({',
  ])
})

test('every JSON value is printed as a literal that means the same and hides nothing', () => {
  const key = fc.oneof(fc.constantFrom('__proto__', 'a', 'a-b', '7', 'class', ''), fc.string({ unit: 'binary' }))
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.constantFrom("it's", '"', '\\', "\\'", '\u2028\u202e', '\r\n', '${x}', '</script>', -1.5, true, null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(value, given => {
      const text = printLiteral(given)
      expect(visibleText(text)).toBe(text)
      expect(JSON.stringify(runInNewContext(`(${text})`))).toBe(JSON.stringify(given))
    }),
    cases(500),
  )
})

test('what fits stands on one line, and keys are bare where they can be', () => {
  expect(printLiteral({ on: { begin: [{ target: 'a' }] }, 'a-b': {}, list: [] })).toBe(
    "{ on: { begin: [{ target: 'a' }] }, 'a-b': {}, list: [] }",
  )
  const long = 'x'.repeat(90)
  expect(printLiteral({ a: [long, { b: 1 }] })).toBe(`{\n  a: [\n    '${long}',\n    { b: 1 },\n  ],\n}`)
})
