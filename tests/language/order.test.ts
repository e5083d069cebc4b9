import { describe, expect, test } from 'vitest'
import { begin, codes, fails, play, sound, summary } from './play.ts'

describe('order', () => {
  const sentAtOnce = (text: string): readonly string[] => summary(begin(text).drive).sent

  test('a step starts when the step above it has settled', () => {
    const { drive, end } = begin('- { id: a, prompt: x }\n- { id: b, prompt: y }')
    expect(summary(drive).sent).toEqual(['a'])
    end('a')
    expect(summary(drive).sent).toEqual(['a', 'b'])
  })

  test('`needs` replaces the step above by steps of the same list', () => {
    const text = '- { id: a, prompt: x }\n- { id: b, needs: [], prompt: y }\n- { id: c, needs: a, prompt: z }'
    const { drive, end } = begin(text)
    expect(summary(drive).sent).toEqual(['a', 'b'])
    end('a')
    expect(summary(drive).sent).toEqual(['a', 'b', 'c'])
  })

  test('`needs` of steps in another list is refused', () => {
    expect(codes('- { id: a, prompt: x }\n- steps: [{ id: b, needs: [a], prompt: y }]')).toEqual(['NEEDS_ELSEWHERE'])
  })

  test('what a step reads, it also waits for', () => {
    const text = '- { id: a, prompt: x }\n- { id: b, needs: [], prompt: "${steps.a.output}" }'
    expect(sentAtOnce(text)).toEqual(['a'])
    expect(codes('- { id: a, prompt: x, needs: [] }\n- { id: b, needs: [], prompt: "${steps.a.output}" }')).toEqual([])
  })

  test('steps that wait for one another are refused', () => {
    expect(codes('- { id: a, needs: [b], prompt: x }\n- { id: b, prompt: "${steps.a.output}" }')).toEqual(['CYCLE'])
  })

  test('`parallel` starts all of its steps at once', () => {
    expect(sentAtOnce('- parallel: [{ id: a, run: x }, { id: b, run: y }]')).toEqual(['a', 'b'])
  })

  test('a skipped step counts as settled, its output is null, and the skip does not spread', () => {
    const { outputs, ends } = play('- { id: a, if: "false", prompt: x }\n- { id: b, set: { of: "${steps.a.output}" } }')
    expect(ends).toEqual(['a skipped', 'b succeeded'])
    expect(outputs).toEqual({ of: null })
  })
})

describe('switch', () => {
  test('takes the case that is the value, else the default', () => {
    const text = (value: string): string =>
      `- { id: k, set: { v: ${value} } }\n- { switch: steps.k.output.v, cases: { a: [{ id: x, run: x }], b: [{ id: y, run: y }] }, default: [{ id: z, run: z }] }`
    expect(['a', 'b', 'c'].map(value => play(text(value)).sent)).toEqual([['x'], ['y'], ['z']])
  })

  test('of a list of branches takes the first that holds', () => {
    const text =
      '- switch: [{ when: "1 > 2", steps: [{ id: x, run: x }] }, { when: "true", steps: [{ id: y, run: y }] }, { steps: [{ id: z, run: z }] }]'
    expect(play(text).sent).toEqual(['y'])
  })

  test('without a default is told so unless its cases are all there can be', () => {
    expect(codes('- { id: k, prompt: x }\n- { switch: steps.k.output, cases: { a: [] } }')).toEqual(['MISSING_DEFAULT'])
    expect(
      codes('- { id: k, prompt: x, output: [a, b] }\n- { switch: steps.k.output, cases: { a: [], b: [] } }'),
    ).toEqual([])
  })
})

describe('loop', () => {
  test('is asked `while` before a turn and `until` after it, and turns at most `max` times without failing', () => {
    const turns = (more: string): number => play(`- loop: { ${more}, steps: [{ id: a, run: x }] }`).sent.length
    expect(turns('max: 3')).toBe(3)
    expect(turns('max: 3, until: "index == 1"')).toBe(2)
    expect(turns('max: 3, while: index < 1')).toBe(1)
    expect(turns('max: 3, while: "false"')).toBe(0)
    expect(play('- loop: { max: 2, until: "false", steps: [{ run: x }] }').status).toBe('succeeded')
  })

  test('must say how often it turns at most', () => {
    expect(codes('- loop: { until: "true", steps: [{ run: x }] }')).toEqual(['MISSING_FIELD'])
  })

  test('knows each body step as the turn before left it, and all null in the first turn', () => {
    const text =
      '- { id: l, loop: { max: 2, steps: [{ id: a, run: x }, { id: b, set: { was: "${previous.a.output}", how: "${previous.a.status}", why: "${previous.a.error}" } }] } }\n- { set: { all: "${steps.l.items}" } }'
    const { outputs } = play(text)
    expect(outputs).toMatchObject({
      all: [
        { output: { was: null, how: null, why: null } },
        { output: { was: '<l/0/a>', how: 'succeeded', why: null } },
      ],
    })
  })

  test('is read from below as its last turn', () => {
    expect(
      play('- loop: { max: 2, steps: [{ id: a, run: x }] }\n- { set: { of: "${steps.a.output}" } }').outputs,
    ).toEqual({ of: '<loop-1/1/a>' })
  })
})

describe('each', () => {
  test('runs its steps for every item, at most as many at once as it says', () => {
    const { drive, end } = begin('- { id: e, each: { in: [a, b, c], parallel: 2, steps: [{ id: x, run: y }] } }')
    expect(summary(drive).sent).toEqual(['e/0/x', 'e/1/x'])
    end('e/1/x')
    expect(summary(drive).sent).toEqual(['e/0/x', 'e/1/x', 'e/2/x'])
  })

  test('knows the item by `item` or the name in `as`, and its place by `index`', () => {
    const { outputs } = play(
      '- each: { in: [a, b], steps: [{ set: { of: "${item}${index}" } }] }\n- each: { in: [c], as: part, steps: [{ set: { of: "${part}" } }] }',
    )
    expect(outputs).toEqual([{ of: 'c' }])
    expect(play('- each: { in: [a, b], steps: [{ set: { of: "${item}${index}" } }] }').outputs).toEqual([
      { of: 'a0' },
      { of: 'b1' },
    ])
  })

  test('goes through a list that an expression gives, or that is written out', () => {
    const { outputs } = play(
      '- { id: k, set: { l: [1, 2] } }\n- each: { in: steps.k.output.l, steps: [{ set: { of: "${item + 1}" } }] }',
    )
    expect(outputs).toEqual([{ of: 2 }, { of: 3 }])
    expect(play('- each: { in: "${[7]}", steps: [{ set: { of: "${item}" } }] }').outputs).toEqual([{ of: 7 }])
  })

  test('is read from outside as the list of its outputs alone', () => {
    expect(codes('- { id: e, each: { in: [1], steps: [{ id: a, run: x }] } }\n- prompt: "${steps.a.output}"')).toEqual([
      'INSIDE_EACH',
    ])
    const { outputs } = play(
      '- { id: e, each: { in: [1, 2], steps: [{ id: a, run: x }] } }\n- { set: { of: "${steps.e.items.map(i, i.status)}" } }',
    )
    expect(outputs).toEqual({ of: ['succeeded', 'succeeded'] })
  })
})

describe('failure', () => {
  test('fails the enclosing list and cancels its siblings at once', () => {
    const { drive, end } = begin('- parallel: [{ id: a, run: x }, { id: b, run: y }]\n- { id: c, run: z }')
    end('a', () => fails())
    expect(summary(drive)).toMatchObject({
      status: 'failed',
      sent: ['a', 'b'],
      ends: ['a failed', 'b cancelled', 'parallel-1 failed'],
    })
  })

  test('with `continue` settles the step with null and its error', () => {
    const text =
      '- { id: a, run: x, on-error: continue }\n- { set: { was: "${steps.a.output}", how: "${steps.a.status}", why: "${steps.a.error}" } }'
    const { outputs, status } = play(text, () => fails())
    expect(status).toBe('succeeded')
    expect(outputs).toEqual({
      was: null,
      how: 'failed',
      why: { step: 'a', reason: 'Unauthorized', message: 'Unauthorized.', output: null },
    })
  })

  test('is handled by the steps of `on-error`, whose output stands in', () => {
    const text =
      '- { id: a, run: x, on-error: { steps: [{ id: h, prompt: "Mend ${error.step}: ${error.message}" }] } }\n- { set: { of: "${steps.a.output}" } }'
    const { outputs, work } = play(text, path => (path === 'a' ? fails() : `<${path}>`))
    expect(outputs).toEqual({ of: '<h>' })
    expect(work.get('h')).toMatchObject({ messages: [{ content: 'Mend a: Unauthorized.' }] })
  })

  test('is tried again as often as `retry` says, and a terminal one never', () => {
    const tries = (retry: string, reason: 'Timeout' | 'Unauthorized' | 'RateLimited'): number =>
      play(`- { id: a, run: x, retry: ${retry} }`, () => fails(reason)).sent.length
    expect(tries('3', 'Timeout')).toBe(4)
    expect(tries('3', 'Unauthorized')).toBe(1)
    expect(tries('{ attempts: 2, on: [RateLimited] }', 'Timeout')).toBe(1)
    expect(tries('{ attempts: 2, on: [RateLimited] }', 'RateLimited')).toBe(3)
  })

  test('has pauses of the lengths that `retry` says', () => {
    const text =
      '- { run: x, retry: { attempts: 3, backoff: 2s, factor: 2, max: 1m, jitter: 0.2, on: [Timeout, RateLimited] } }'
    const [step] = sound(text).steps
    expect(step?.retry).toEqual({
      attempts: 3,
      backoffMs: 2000,
      factor: 2,
      maxMs: 60_000,
      jitter: 0.2,
      on: ['Timeout', 'RateLimited'],
    })
    expect(sound('- { run: x, retry: 3 }').steps[0]?.retry).toMatchObject({
      attempts: 3,
      backoffMs: 2000,
      factor: 2,
      maxMs: 60_000,
      jitter: 0.2,
    })
  })

  test('of what was expected is Unexpected, for `retry` and `on-error` like any other', () => {
    const text =
      '- { id: a, prompt: x, output: { score: number }, expect: steps.a.output.score >= 0.8, retry: 1, on-error: continue }\n- { set: { why: "${steps.a.error.reason}" } }'
    const { outputs, sent } = play(text, () => ({ score: 0.5 }))
    expect(sent).toEqual(['a', 'a'])
    expect(outputs).toEqual({ why: 'Unexpected' })
    expect(play(text, () => ({ score: 0.9 })).sent).toEqual(['a'])
  })
})

describe('what is taken back and what runs whatever happened', () => {
  const text = `
    steps: [{ id: a, run: x, undo: { id: ua, run: ux } }, { id: b, run: y, undo: { id: ub, run: uy } }, { id: c, run: z }]
    finally: [{ id: f, prompt: "It has \${run.status}." }]`

  test('a failed run executes the undo of every step that succeeded, newest first, then `finally`', () => {
    const { sent, work, status } = play(text, path => (path === 'c' ? fails() : 'ok'))
    expect(sent).toEqual(['a', 'b', 'c', 'ub', 'ua', 'f'])
    expect(work.get('f')).toMatchObject({
      messages: [{ content: expect.stringContaining('It has failed.') as string }],
    })
    expect(status).toBe('failed')
  })

  test('a run that succeeds takes nothing back, and `finally` runs', () => {
    const { sent, status } = play(text)
    expect(sent).toEqual(['a', 'b', 'c', 'f'])
    expect(status).toBe('succeeded')
  })
})
