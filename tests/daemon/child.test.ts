import { expect, test } from 'vitest'
import { controlRoom, isOver, waitsAt } from './control-room.ts'

const parent = `steps:
  - id: call
    workflow: child
    with: { topic: tea }
  - { id: after, set: { said: "\${steps.call.output}" } }
`
const child = `inputs:
  topic: string
steps:
  - { id: gate, ask: "More of \${topic}?" }
outputs: \${steps.gate.output}
`
const files = { 'workflows/parent.yaml': parent, 'workflows/child.yaml': child }

test('a child that waits is found again after kill -9, and none is started beside it', async () => {
  await using room = controlRoom([], files)
  const first = await room.daemon('--mock')
  const id = await room.start('parent')
  const childId = await childOf(room, id)
  await room.until(childId, waitsAt('gate'))
  await first.kill('SIGKILL')
  await room.daemon('--mock')
  expect((await room.tell('answer', childId, 'gate', 'yes')).code).toBe(0)
  const status = await room.until(id, isOver)
  expect([status.phase, status.outputs]).toEqual(['succeeded', { said: 'yes' }])
  expect(status.steps.get('call')?.attempts).toMatchObject([{ attempt: 1, origin: { runId: childId, path: '' } }])
  expect(room.runs().toSorted()).toEqual([id, childId].toSorted())
  expect(room.status(childId)).toMatchObject({ trigger: 'workflow', case: 'parent-call', inputs: { topic: 'tea' } })
  // A run of its own is no answer that was recorded elsewhere.
  const shown = await room.tell('show', id)
  expect(shown.stdout).toMatch(new RegExp(`✓ call .* run ${childId}\n`))
  // Taken up again, the step is answered without another child.
  const retried = await room.tell('retry', id, '--json')
  expect(retried.code).toBe(0)
  expect(JSON.parse(retried.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    steps: { call: { cached: true } },
  })
  expect(room.runs()).toHaveLength(3)
})

test('a child is cancelled with its parent, and one that fails or is cancelled fails the step that called it', async () => {
  await using room = controlRoom([], files)
  await room.daemon('--mock')
  const cancelled = await room.start('parent')
  const inside = await childOf(room, cancelled)
  await room.until(inside, waitsAt('gate'))
  await room.tell('cancel', cancelled)
  expect((await room.until(cancelled, isOver)).phase).toBe('cancelled')
  expect((await room.until(inside, isOver)).phase).toBe('cancelled')

  const failing = await room.start('parent')
  const stopped = await childOf(room, failing)
  await room.until(stopped, waitsAt('gate'))
  await room.tell('cancel', stopped)
  const status = await room.until(failing, isOver)
  expect(status).toMatchObject({ phase: 'failed', error: { step: 'call', reason: 'ChildFailed' } })
  expect(status.error?.message).toBe(`Run ${stopped} was cancelled.`)
})

/** The id of the run that a step of a run has started. */
async function childOf(room: ReturnType<typeof controlRoom>, parentId: string): Promise<string> {
  const found = (): string | undefined =>
    room
      .runs()
      .find(id => room.journal(id).some(({ body }) => body.type === 'run-created' && body.parent?.runId === parentId))
  while (found() === undefined) await new Promise(resolve => setTimeout(resolve, 20))
  return found() ?? ''
}
