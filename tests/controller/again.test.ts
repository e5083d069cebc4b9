import { expect, test } from 'vitest'
import { type Again, retryRequest, rollbackRequest } from '../../src/controller/again.ts'
import type { RunStatus } from '../../src/runtime/status.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { Drive } from '../runtime/drive.ts'
import { programOfSteps } from '../runtime/sound-program.ts'

const sound = programOfSteps({ id: 'a', prompt: 'x', undo: { run: 'echo a' } }, { id: 'b', prompt: 'y' })
const running = foldRun(new Drive(sound).start().events)
const ended: RunStatus = { ...running, phase: 'succeeded', endedMs: 2 }

const again = (over: Partial<Again> = {}): Again => ({
  ...{ id: 'new', status: ended, program: sound.program, source: 'steps: []', isSimulated: false },
  ...over,
})

test('a retry runs the same program on the same inputs under another id, and says whose answers it takes up', () => {
  expect(retryRequest(again(), 'b')).toMatchObject({
    ...{ id: 'new', inputs: ended.inputs, case: ended.case, trigger: 'manual', evaluation: { program: sound.program } },
    reuse: { kind: 'retry', runId: ended.id, from: 'b' },
  })
})

test('a rollback has a trace of its own, beside that of the run it takes back', () => {
  expect(rollbackRequest(again())).toMatchObject({ case: 'rollback', reuse: { kind: 'rollback', runId: ended.id } })
})

test.each([
  ['a run that has not ended', { status: running }, undefined, 'has not ended', 'cancel'],
  ['a step that it does not have', {}, 'bb', 'has no step bb', 'Did you mean b?'],
  ['real answers beside made-up ones', { isSimulated: true }, undefined, 'has real answers', 'Leave --mock out'],
  [
    'made-up answers beside real ones',
    { status: { ...ended, isSimulated: true } },
    undefined,
    'are made up',
    'Add --mock',
  ],
] as const)('%s is refused, with what to do', (_, over, from, message, hint) => {
  expect(() => retryRequest(again(over), from)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) }),
  )
})

test('a run of which nothing can be taken back is not rolled back', () => {
  const { program } = programOfSteps({ id: 'a', prompt: 'x' })
  expect(() => rollbackRequest(again({ program }))).toThrow('no step of w has an `undo`')
})
