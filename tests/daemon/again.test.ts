import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { type ControlRoom, controlRoom, copyGallery, isOver, waitsAt } from './control-room.ts'

const debate = ['workflows/debate.yaml', 'agents', 'schemas'] as const
const undoing = `inputs:
  fail: { type: boolean, default: false }
steps:
  - { id: book, prompt: Book., undo: { prompt: Unbook. } }
  - { id: pay, prompt: Pay., undo: { prompt: Refund. } }
  - { id: send, prompt: Send., undo: { prompt: Recall. } }
  - { id: note, set: { sent: true } }
`

test('a retry from the last step asks that one alone, a fork asks what has changed, and the first run stays as it is', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  await using room = controlRoom([host], {})
  copyGallery(room, ...debate)
  await room.daemon()
  const first = await room.start('debate')
  const status = await room.until(first, isOver)
  expect(status.phase).toBe('succeeded')
  const before = JSON.stringify(room.journal(first))
  const asked = host.requests.length
  const usage = status.steps.get('verdict')?.attempts[0]?.usage

  const retried = await room.tell('retry', first, '--from', 'verdict', '--json')
  expect(retried.code).toBe(0)
  expect(host.requests).toHaveLength(asked + 1)
  const summary = JSON.parse(retried.stdout.trimEnd().split('\n').at(-1) ?? '') as {
    id: string
    steps: Record<string, { cached: boolean }>
  }
  expect(summary).toMatchObject({ status: 'succeeded', outputs: status.outputs, usage })
  expect(Object.entries(summary.steps).flatMap(([path, { cached }]) => (cached ? path : []))).toEqual([
    ...[...status.steps.keys()].filter(path => /\/(pro|con|judge)$/.test(path)),
  ])
  const shown = await room.tell('show', summary.id)
  expect(shown.stdout).toMatch(new RegExp(`♻ judge .* from run ${first}\n`))
  expectReuseInTrace(room, first)

  const forked = await room.tell('fork', first, '-i', 'lead=9', '--detach')
  const fork = await room.until(forked.stdout.trim(), isOver)
  // The question of how clear a lead must be is in no prompt: every turn that was had is reused.
  expect(fork.inputs['lead']).toBe(9)
  for (const path of ['pro', 'con', 'judge'])
    expect(fork.steps.get(`exchange/0/${path}`)?.attempts[0]?.origin?.runId).toBe(first)

  expect(JSON.stringify(room.journal(first))).toBe(before)
}, 180_000)

/** The trace of a run again says which steps were not executed, and whose answers they have. */
function expectReuseInTrace(room: ControlRoom, first: string): void {
  const page = room.workspace.git('show', 'orchestrate/main:runs/debate/manual/README.md')
  expect(page).toContain('| ♻ reused | [exchange/0/pro](steps/exchange/0/pro/) |')
  expect(page).toContain('| ✓ succeeded | [verdict](steps/verdict/) |')
  const facts = JSON.parse(room.workspace.git('show', 'orchestrate/main:runs/debate/manual/run.json')) as {
    steps: Record<string, { attempts: readonly object[] }>
  }
  expect(facts.steps['exchange/0/pro']?.attempts[0]).toMatchObject({ origin: { runId: first, path: 'exchange/0/pro' } })
}

test('a fork asks nothing that was asked before, wherever, and an edited prompt anew', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  const source = (second: string): string =>
    `steps:\n  - { id: one, prompt: First. }\n  - { id: two, prompt: ${second} }\n`
  await using room = controlRoom([host], { 'workflows/two.yaml': source('Second.') })
  await room.daemon()
  const first = await room.start('two')
  await room.until(first, isOver)
  expect(host.requests).toHaveLength(2)
  const same = await room.tell('fork', first, '--json')
  expect([same.code, host.requests.length]).toEqual([0, 2])
  room.workspace.write('workflows/two.yaml', source('Anew.'))
  const edited = await room.tell('fork', 'latest', '--json')
  expect([edited.code, host.requests.length]).toEqual([0, 3])
  const steps = room.status(room.runs()[0] ?? '').steps
  // The answer has come through two runs, and its origin is still the first.
  expect(steps.get('one')?.attempts[0]?.origin).toEqual({ runId: first, path: 'one' })
  expect(steps.get('two')?.attempts[0]?.origin).toBeUndefined()
})

test('a rollback runs the undo steps newest first, and with --to only those of what came after', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  await using room = controlRoom([host], { 'workflows/order.yaml': undoing })
  await room.daemon()
  const first = await room.start('order')
  await room.until(first, isOver)
  const before = JSON.stringify(room.journal(first))
  const undone = async (...words: string[]): Promise<string[]> => {
    const asked = host.requests.length
    const told = await room.tell('rollback', first, ...words, '--json')
    expect(told.code).toBe(0)
    const { id } = JSON.parse(told.stdout.trimEnd().split('\n').at(-1) ?? '') as { id: string }
    const sent = room.journal(id).flatMap(({ body }) => {
      return body.type === 'attempt-started' ? (body.messages ?? []).map(({ content }) => content) : []
    })
    const acts = sent.filter(text => /Recall|Refund|Unbook/.test(text))
    // What is taken back is not done once more.
    expect(host.requests.length - asked).toBe(acts.length)
    return acts
  }
  expect(await undone()).toEqual(['Recall.', 'Refund.', 'Unbook.'])
  expect(await undone('--to', 'pay')).toEqual(['Recall.'])
  expect(await undone('--to', 'book')).toEqual(['Recall.', 'Refund.'])
  expect(JSON.stringify(room.journal(first))).toBe(before)
})

test('what cannot be done again says why and what to do', async () => {
  await using room = controlRoom([], {
    'workflows/order.yaml': undoing,
    'workflows/gate.yaml': 'steps:\n  - { id: gate, ask: Ready? }\n',
  })
  await room.daemon('--mock')
  const open = await room.start('gate')
  await room.until(open, waitsAt('gate'))
  const refused = async (...words: string[]): Promise<string> => {
    const told = await room.tell(...words)
    expect([told.code, told.stdout]).toEqual([2, ''])
    return told.stderr
  }
  expect(await refused('retry', open)).toBe(
    `error: Run ${open} has not ended.\nhint: First \`orchestrate cancel ${open}\`, or wait.\n`,
  )
  await room.tell('cancel', open)
  await room.until(open, isOver)
  expect(await refused('rollback', open)).toBe(
    `error: Nothing of run ${open} can be taken back: no step of gate has an \`undo\`.\n`,
  )
  expect(await refused('retry', open, '--from', 'gat')).toBe(
    'error: Workflow gate has no step gat.\nhint: Did you mean gate?\n',
  )
  expect(await refused('fork', open, '-i', 'x=1')).toMatch(
    /^error: .*\bx\b.*\nhint: Inputs are given with -i name=value\.\n$/,
  )
  expect(await refused('fork', open, '-i', 'x')).toBe('error: "x" is no input.\nhint: Write -i name=value.\n')
  expect(await refused('fork', 'zzz')).toBe('error: There is no run zzz.\nhint: `orchestrate runs` lists them all.\n')
})
