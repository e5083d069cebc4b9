import { describe, expect, test } from 'vitest'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { Run } from '../../src/runtime/run.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { createdFor, programOfSteps, soundProgram } from './sound-program.ts'

/** Runs a workflow; paths in `failing` fail for good, all others answer with their path. */
function runAll(source: WorkflowSource | StepSource[], failing: readonly string[] = []): Drive {
  const drive = new Drive(soundProgram(Array.isArray(source) ? { steps: source } : source)).start()
  return drive.toEnd(
    path =>
      failing.includes(path)
        ? { type: 'failed', failure: { reason: 'Unauthorized', message: `${path} may not` } }
        : { type: 'answered', output: path },
    () => 0,
  )
}

const ends = ({ events }: Drive): string[] =>
  bodiesOf(events, 'step-settled').map(({ path, status }) => `${path} ${status}`)
const outputs = ({ events }: Drive): Json | undefined => bodiesOf(events, 'run-settled')[0]?.outputs
const cause = ({ events }: Drive): string | undefined => bodiesOf(events, 'run-settled')[0]?.error?.step
const ask = (id: string, more: StepSource = {}): StepSource => ({ id, prompt: `Do ${id}.`, ...more })
const broken = (id: string, more: StepSource = {}): StepSource => ({ id, set: { x: '${[1][2]}' }, ...more })

describe('what a step is worth to others', () => {
  test('a step that was skipped has null for its output, and its skip does not spread', () => {
    const drive = runAll([
      ask('a', { if: 'false' }),
      { id: 'b', set: { was: '${steps.a.output}', status: '${steps.a.status}' } },
    ])
    expect(outputs(drive)).toEqual({ was: null, status: 'skipped' })
  })

  test('a step that may fail has null for its output, and says why', () => {
    const drive = runAll(
      [ask('a', { 'on-error': 'continue' }), { id: 'b', set: { was: '${steps.a.output}', why: '${steps.a.error}' } }],
      ['a'],
    )
    const why = { step: 'a', reason: 'Unauthorized', message: 'a may not', output: null }
    expect(outputs(drive)).toEqual({ was: null, why })
  })

  test('what a block that may fail had under way counts as cancelled for the very next step', () => {
    const block: StepSource = {
      id: 'p',
      'on-error': 'continue',
      parallel: [ask('a'), ask('b'), { id: 'l', loop: { max: 1, steps: [ask('c')] } }],
    }
    const next = ask('n', { if: 'steps.b.status == "cancelled" && steps.l.status == "cancelled"' })
    const all = ['a failed', 'l/0/c cancelled', 'b cancelled', 'l cancelled', 'p failed', 'n succeeded']
    expect(ends(runAll([block, next], ['a']))).toEqual(all)
  })

  test('a value alone keeps its type; in a text lists and maps are JSON and null is nothing', () => {
    const source: WorkflowSource = {
      steps: [
        {
          id: 'a',
          set: { list: '${[1, "x"]}', text: 'so: ${[1, "x"]} ${null}.', literal: '$${x}', nested: [{ n: '${1 + 1}' }] },
        },
      ],
    }
    expect(outputs(runAll(source))).toEqual({
      list: [1, 'x'],
      text: 'so: [1,"x"] .',
      literal: '${x}',
      nested: [{ n: 2 }],
    })
  })

  test('what a value contains is never computed again', () => {
    const source: WorkflowSource = {
      inputs: { x: { type: 'string', default: '${1 + 1}' } },
      steps: [{ set: { a: '${x}', b: 'is ${x}' } }],
    }
    expect(outputs(runAll(source))).toEqual({ a: '${1 + 1}', b: 'is ${1 + 1}' })
  })

  test('after a loop a step of its body is that of the last turn', () => {
    const loop: StepSource = { id: 'l', loop: { max: 3, until: 'index == 1', steps: [ask('a', { as: 'Draft' })] } }
    expect(outputs(runAll([loop, { set: { a: '${Draft}', l: '${steps.l.output}' } }]))).toEqual({
      a: 'l/1/a',
      l: 'l/1/a',
    })
  })

  test('the outputs of a run are those it names, or that of its last step', () => {
    expect(outputs(runAll({ steps: [ask('a'), ask('b')], outputs: '${steps.a.output}' }))).toBe('a')
    expect(outputs(runAll([ask('a'), ask('b')]))).toBe('b')
    const drive = runAll({ steps: [ask('a', { output: 'json' })], outputs: { x: '${steps.a.output.y}' } })
    expect(bodiesOf(drive.events, 'run-settled')[0]).toMatchObject({
      status: 'failed',
      error: { reason: 'InvalidExpression' },
    })
  })
})

describe('a failure', () => {
  test('ends the blocks around it, innermost first, with the same cause', () => {
    const drive = runAll([{ id: 'g', steps: [{ id: 'l', loop: { max: 2, steps: [ask('a')] } }] }], ['l/1/a'])
    expect(ends(drive).slice(1)).toEqual(['l/1/a failed', 'l failed', 'g failed'])
    expect(
      new Set(
        bodiesOf(drive.events, 'step-settled')
          .slice(1)
          .map(({ error }) => error?.step),
      ),
    ).toEqual(new Set(['l/1/a']))
  })

  test('of a condition is the cause of what it ends, whatever had failed before', () => {
    const drive = runAll(
      [{ id: 'g', steps: [ask('a', { 'on-error': 'continue' }), ask('b', { if: '[true][1]' })] }],
      ['a'],
    )
    expect(cause(drive)).toBe('b')
    expect(bodiesOf(drive.events, 'step-settled').at(-1)?.error?.step).toBe('b')
  })

  test('without an attempt keeps what would begin beside it from beginning', () => {
    for (const more of [[], [ask('d', { needs: ['a'] })]]) {
      const drive = runAll([{ id: 'p', parallel: [broken('a'), ask('b'), broken('c'), ...more] }])
      expect(ends(drive)).toEqual(['a failed', 'p failed'])
      expect([cause(drive), drive.everSent]).toEqual(['a', []])
    }
  })

  test('without an attempt takes back what the same turn was about to send', () => {
    const drive = runAll([{ id: 'p', parallel: [ask('a'), broken('b')] }])
    expect(ends(drive)).toEqual(['b failed', 'a cancelled', 'p failed'])
    expect(drive.turns[0]?.effects).toEqual([{ type: 'settled' }])
  })

  test('of the top list ends the run with the first of several', () => {
    const drive = runAll([broken('a', { needs: [] }), ask('b', { needs: [] }), broken('c', { needs: [] })])
    expect([cause(drive), ends(drive)]).toEqual(['a', ['a failed']])
  })
})

test('nobody waits for an answer to another attempt, of another path, or for a timer that was not set', () => {
  const drive = new Drive(programOfSteps(ask('a', { retry: 1 }))).start()
  const late = { type: 'attempt-succeeded' as const, path: 'a', attempt: 1, output: 'late' }
  expect(drive.run.feed({ ...late, attempt: 2 }, 5)).toBeUndefined()
  expect(drive.run.feed({ ...late, path: 'b' }, 5)).toBeUndefined()
  expect(drive.run.feed({ type: 'timer-fired', path: 'a' }, 5)).toBeUndefined()
  drive.advance('a', () => ({ type: 'failed', failure: { reason: 'Timeout', message: 'slow' } }))
  drive.advance('a', () => ({ type: 'answered', output: null }))
  expect(drive.sent.get('a')?.attempt).toBe(2)
  expect(drive.run.feed(late, 5)).toBeUndefined()
  expect(drive.run.feed({ ...late, attempt: 2 }, 5)).toBeDefined()
})

describe('a loop', () => {
  test('is not asked for another turn after its last', () => {
    const drive = runAll([{ id: 'l', loop: { max: 2, while: '[true, true][index]', steps: [ask('a')] } }])
    expect(outputs(drive)).toBe('l/1/a')
  })

  test('sees in `while` the turn that may begin, and in `until` the one that has ended', () => {
    const loop: StepSource = {
      id: 'l',
      loop: {
        max: 9,
        while: 'index < 4 && previous.a.output != "l/2/a"',
        until: 'steps.a.output == "l/7/a"',
        steps: [ask('a')],
      },
    }
    expect(bodiesOf(runAll([loop]).events, 'iteration-started').map(({ turn }) => turn)).toEqual([0, 1, 2])
  })

  test('that never turns has null for its output', () => {
    expect(outputs(runAll([{ id: 'l', loop: { max: 2, while: 'false', steps: [ask('a')] } }]))).toBeNull()
  })
})

describe('names that JavaScript knows, too', () => {
  test('are names like others', () => {
    const source: WorkflowSource = {
      inputs: { ['toString' as string]: 'string' as const, valueOf: { type: 'string', default: 'v' } },
      steps: [
        ask('a', { as: 'hasOwnProperty' }),
        { set: { x: '${toString} ${valueOf} ${hasOwnProperty} ${inputs.toString}' } },
      ],
    }
    expect(outputs(runAll(source))).toEqual({ x: 'tea v a tea' })
  })

  test('a case called default is not the default', () => {
    const choice: StepSource = { id: 's', switch: 'run.workflow', cases: { default: [ask('a')] }, default: [ask('b')] }
    expect(outputs(runAll([choice]))).toBe('b')
  })
})

describe('large workflows run to their end', () => {
  const chain = (count: number): StepSource[] =>
    Array.from({ length: count }, (_, at) => ({
      id: `s${at}`,
      set: { n: at === 0 ? 1 : `\${steps.s${at - 1}.output.n + 1}` },
    }))

  test('a chain of 2 000 steps that compute', () => {
    expect(outputs(runAll(chain(2000)))).toEqual({ n: 2000 })
  })

  test('a chain of 2 000 attempts, and its replay', () => {
    const drive = runAll(Array.from({ length: 2000 }, (_, at) => ({ id: `s${at}`, run: 'true' })))
    expect(outputs(drive)).toBe('s1999')
    expect(new Run('r', createdFor(drive.sound.program), drive.sound.loaded).replay(drive.events)).toEqual([])
  })

  test('a graph of 300 steps with needs of all kinds', () => {
    const roll = dice(7)
    const steps = Array.from({ length: 300 }, (_, at): StepSource => {
      const needs = new Set(Array.from({ length: at === 0 ? 0 : roll(4) }, () => `s${roll(at)}`))
      return ask(`s${at}`, { needs: [...needs], context: 'none' })
    })
    const drive = runAll(steps)
    const order = drive.events.flatMap(({ body }: JournalEvent) => (body.type === 'step-settled' ? [body.path] : []))
    expect(order.length).toBe(300)
    for (const { id = '', needs } of steps)
      for (const need of needs ?? []) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id))
  })

  test('500 branches at once', () => {
    const drive = runAll([{ id: 'p', parallel: Array.from({ length: 500 }, (_, at) => ask(`b${at}`)) }])
    expect(Object.keys(outputs(drive) ?? {}).length).toBe(500)
  })

  test('a loop of 10 000 turns', () => {
    const drive = runAll([
      { id: 'l', loop: { max: 10_000, steps: [{ id: 'a', set: { n: '${first(previous.a.output.n, 0) + 1}' } }] } },
    ])
    expect(outputs(drive)).toEqual({ n: 10_000 })
  })
})

test('what never began in a block that has failed leaves no word: no item is judged by its `expect` after another has failed', () => {
  const never: StepSource = {
    id: 'n',
    expect: 'false',
    loop: { while: 'false', max: 2, steps: [{ id: 'i', prompt: 'x' }] },
  }
  const drive = new Drive(
    programOfSteps({ id: 'e', each: { in: ['a', 'b', 'c'], parallel: 3, steps: [never, { id: 'z', prompt: 'x' }] } }),
  ).start()
  expect(bodiesOf(drive.events, 'step-settled').map(({ path, status }) => `${path} ${status}`)).toEqual([
    'e/0/n failed',
    'e failed',
  ])
})

test('a handler of a block reads the output that its `expect` could not judge, as that of a step does', () => {
  for (const kind of ['block', 'step'] as const) {
    const inner: StepSource[] = [{ id: 'i', prompt: 'x' }]
    const step: StepSource = kind === 'block' ? { id: 'b', steps: inner } : { id: 'b', prompt: 'x' }
    const handler: StepSource = { id: 'h', set: { left: '${error.output}', why: '${error.reason}' } }
    const drive = new Drive(
      programOfSteps({ ...step, expect: 'dyn("perhaps")', 'on-error': { steps: [handler] } }),
    ).start()
    drive.toEnd(() => ({ type: 'answered', output: 'words' }), dice(1))
    expect(bodiesOf(drive.events, 'run-settled')[0]?.outputs).toEqual({ left: 'words', why: 'InvalidExpression' })
  }
})
