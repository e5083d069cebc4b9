import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/model/journal-event.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import { bodiesOf, Drive } from './drive.ts'
import { programOfSteps } from './sound-program.ts'

/** Runs steps to their end, attempts ending last come first served; gives what each prompt was shown, by path. */
function shownTo(
  steps: StepSource[],
  failing: readonly string[] = [],
  order: 'first' | 'last' = 'last',
): Map<string, readonly Message[]> {
  const drive = new Drive(programOfSteps(...steps)).start()
  while (!drive.run.isSettled) {
    drive.advance(drive.waiting.at(order === 'first' ? 0 : -1) ?? '', path =>
      failing.includes(path)
        ? { type: 'failed', failure: { reason: 'CommandFailed', message: 'no' } }
        : { type: 'answered', output: `<${path}>` },
    )
  }
  return new Map(bodiesOf(drive.events, 'attempt-started').map(({ path, messages }) => [path, messages ?? []]))
}

const ask = (id: string, more: StepSource = {}): StepSource => ({ id, prompt: `Do ${id}.`, ...more })
const user = (...content: string[]): Message => ({ role: 'user', content: content.join('\n\n') })
const assistant = (...content: string[]): Message => ({ role: 'assistant', content: content.join('\n\n') })
const system = (content: string): Message => ({ role: 'system', content })

describe('a prompt that names no step sees what all steps upstream said', () => {
  test('in a row, its own agent as the assistant and the others as the user', () => {
    const shown = shownTo([ask('a'), { id: 'b', run: 'true' }, ask('c', { agent: 'writer' }), ask('d')])
    expect(shown.get('a')).toEqual([user('Do a.')])
    expect(shown.get('c')).toEqual([system('You are writer.'), user('a:\n<a>', 'b:\n<b>', 'Do c.')])
    expect(shown.get('d')).toEqual([assistant('<a>'), user('b:\n<b>', 'c:\n<c>', 'Do d.')])
  })

  test('in the order of the file, whoever finished first', () => {
    const steps = [
      { id: 'p', parallel: [ask('a'), ask('b'), ask('c', { agent: 'judge' })] },
      ask('end', { agent: 'judge' }),
    ]
    const wanted = [system('You are judge.'), user('a:\n<a>', 'b:\n<b>'), assistant('<c>'), user('Do end.')]
    for (const order of ['first', 'last'] as const) expect(shownTo(steps, [], order).get('end')).toEqual(wanted)
  })

  test('but not what runs beside it', () => {
    const shown = shownTo([ask('a'), { id: 'p', parallel: [ask('b'), ask('c'), ask('d', { needs: ['b'] })] }])
    expect(shown.get('c')).toEqual([assistant('<a>'), user('Do c.')])
    expect(shown.get('d')).toEqual([assistant('<a>', '<b>'), user('Do d.')])
  })

  test('with `needs` instead of the step above, only what it waits for', () => {
    const shown = shownTo([ask('a'), ask('b', { needs: [] }), ask('c', { needs: ['b'] })])
    expect(shown.get('c')).toEqual([assistant('<b>'), user('Do c.')])
  })

  test('without steps that were skipped or failed, and without blocks', () => {
    const group: StepSource = { id: 'g', if: 'false', steps: [ask('inner')] }
    const shown = shownTo(
      [ask('a', { if: 'false' }), ask('b', { 'on-error': 'continue' }), group, { set: { x: 1 } }, ask('c')],
      ['b'],
    )
    expect(shown.get('c')).toEqual([user('set-1:\n{"x":1}', 'Do c.')])
  })

  test('of a switch only the branch that was taken', () => {
    const choice: StepSource = { id: 's', switch: 'run.trigger', cases: { commit: [ask('yes')] }, default: [ask('no')] }
    expect(shownTo([choice, ask('end')]).get('end')).toEqual([assistant('<yes>'), user('Do end.')])
  })
})

describe('a prompt in a loop sees the earlier turns, too', () => {
  const loop: StepSource = { id: 'l', loop: { max: 2, steps: [ask('a'), ask('b', { agent: 'judge' })] } }

  test('whole, and its own turn as far as it has come', () => {
    const shown = shownTo([ask('start'), loop])
    expect(shown.get('l/0/a')).toEqual([assistant('<start>'), user('Do a.')])
    expect(shown.get('l/1/a')).toEqual([assistant('<start>', '<l/0/a>'), user('b:\n<l/0/b>', 'Do a.')])
    expect(shown.get('l/1/b')).toEqual([
      system('You are judge.'),
      user('start:\n<start>', 'a:\n<l/0/a>'),
      assistant('<l/0/b>'),
      user('a:\n<l/1/a>', 'Do b.'),
    ])
  })

  test('and after the loop, all of its turns are seen', () => {
    expect(shownTo([loop, ask('end')]).get('end')).toEqual([
      assistant('<l/0/a>'),
      user('b:\n<l/0/b>'),
      assistant('<l/1/a>'),
      user('b:\n<l/1/b>', 'Do end.'),
    ])
  })

  test('in loops of loops, by the turns of each', () => {
    const outer: StepSource = {
      id: 'o',
      loop: { max: 2, steps: [{ id: 'i', loop: { max: 2, steps: [ask('a')] } }, ask('b')] },
    }
    const shown = shownTo([outer])
    expect(shown.get('o/1/i/1/a')).toEqual([
      assistant('<o/0/i/0/a>', '<o/0/i/1/a>', '<o/0/b>', '<o/1/i/0/a>'),
      user('Do a.'),
    ])
  })
})

describe('a prompt that names a step sees only what it names', () => {
  test.each([
    ['by its id', '${steps.a.output}'],
    ['by its name', '${Plan}'],
  ])('%s', (_, text) => {
    const shown = shownTo([ask('a', { as: 'Plan' }), ask('b'), { id: 'c', prompt: `Use ${text}.` }])
    expect(shown.get('c')).toEqual([user('Use <a>.')])
  })

  test('as the turn before', () => {
    const loop: StepSource = {
      id: 'l',
      loop: { max: 2, steps: [{ id: 'a', prompt: 'Mend ${first(previous.a.output, "nothing")}.' }] },
    }
    const shown = shownTo([ask('start'), loop])
    expect(shown.get('l/0/a')).toEqual([user('Mend nothing.')])
    expect(shown.get('l/1/a')).toEqual([user('Mend <l/0/a>.')])
  })

  test('while inputs and the facts of the run are no steps', () => {
    const shown = shownTo([ask('a'), { id: 'b', prompt: 'On ${run.branch}.' }])
    expect(shown.get('b')).toEqual([assistant('<a>'), user('On main.')])
  })
})

describe('`context` overrides the rule', () => {
  const row = (context: StepSource['context'], text = 'Do end.'): readonly Message[] | undefined =>
    shownTo([ask('a'), ask('b'), { id: 'end', prompt: text, context }]).get('end')

  test('none: nothing but the prompt', () => {
    expect(row('none')).toEqual([user('Do end.')])
  })

  test('needs: what it waits for', () => {
    expect(row('needs')).toEqual([assistant('<b>'), user('Do end.')])
  })

  test('all: everything upstream, even when it names a step', () => {
    expect(row('all', 'Use ${steps.a.output}.')).toEqual([assistant('<a>', '<b>'), user('Use <a>.')])
  })

  test('ids: those, in the order of the file, and of a block what is in it', () => {
    expect(row(['b', 'a'])).toEqual([assistant('<a>', '<b>'), user('Do end.')])
    const shown = shownTo([{ id: 'g', steps: [ask('x'), ask('y')] }, ask('z'), ask('end', { context: ['g'] })])
    expect(shown.get('end')).toEqual([assistant('<x>', '<y>'), user('Do end.')])
  })

  test('on a block, for the prompts in it', () => {
    const shown = shownTo([ask('a'), { id: 'g', context: 'none', steps: [ask('b'), ask('c', { context: 'all' })] }])
    expect(shown.get('b')).toEqual([user('Do b.')])
    expect(shown.get('c')).toEqual([assistant('<a>', '<b>'), user('Do c.')])
  })
})

describe('what is not a plain list', () => {
  const items = { in: '["x", "y"]', steps: [ask('read'), ask('rate')] }

  test('inside an item a prompt sees that item alone, after it all of them in their order', () => {
    const shown = shownTo([{ id: 'all', each: items }, ask('sum')])
    expect(shown.get('all/1/rate')).toEqual([assistant('<all/1/read>'), user('Do rate.')])
    expect(shown.get('sum')).toEqual([
      assistant('<all/0/read>', '<all/0/rate>', '<all/1/read>', '<all/1/rate>'),
      user('Do sum.'),
    ])
  })

  test('of a block that is tried again, the last try counts', () => {
    const block: StepSource = { id: 'b', retry: { attempts: 1, backoff: '1s' }, steps: [ask('a'), ask('f')] }
    expect(shownTo([block, ask('z')], ['b/0/f']).get('z')).toEqual([assistant('<b/1/a>', '<b/1/f>'), user('Do z.')])
  })

  test('a handler sees what had settled in its block, and what came before', () => {
    const block: StepSource = { id: 'b', steps: [ask('a'), ask('f')], 'on-error': { steps: [ask('mend')] } }
    expect(shownTo([ask('first'), block], ['f']).get('mend')).toEqual([assistant('<first>', '<a>'), user('Do mend.')])
  })

  test('skills are part of what an agent is told', () => {
    const [message] = shownTo([ask('a', { skills: 'release-notes' })]).get('a') ?? []
    expect(message?.role).toBe('system')
    expect(message?.content).toContain('Skill release-notes')
  })
})
