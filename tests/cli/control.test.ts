import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type ControlRoom, controlRoom, isOver, waitsAt } from '../daemon/control-room.ts'
import { start } from './command.ts'

const chain = `steps:
  - { id: gate, ask: Ready? }
  - { id: news, wait: { event: deployed } }
  - { id: one, prompt: First. }
`

/** Starts a run in a process of its own, and kills that when the run waits. */
async function parked(room: ControlRoom, workflow: string): Promise<string> {
  const child = start(room.workspace.root, ['run', workflow, '--mock'])
  child.stdout.resume()
  while (room.runs().length === 0) await new Promise(resolve => setTimeout(resolve, 20))
  const [id = ''] = room.runs()
  await room.until(id, waitsAt('gate'))
  child.kill('SIGKILL')
  await once(child, 'close')
  return id
}

test('without a daemon what a run is told is in its journal, and the run goes on with the next daemon', async () => {
  await using room = controlRoom([], { 'workflows/chain.yaml': chain })
  const id = await parked(room, 'chain')
  const told = async (...words: string[]): Promise<void> => {
    expect(await room.tell(...words)).toEqual({
      code: 0,
      stdout: '',
      stderr: `${words[0]}: written; run ${id} goes on when a daemon is started with \`orchestrate up\`\n`,
    })
  }
  await told('signal', id, 'deployed', '4')
  await told('pause', 'latest')
  expect(room.status(id).phase).toBe('paused')
  await told('answer', id, 'gate', 'yes')
  await told('resume', id)
  const status = room.status(id)
  expect(status.steps.get('gate')).toMatchObject({ phase: 'succeeded', output: 'yes' })
  expect(status.endedMs).toBeUndefined()
  const watched = await room.tell('watch', id)
  expect([watched.code, watched.stdout]).toEqual([0, ''])
  expect(watched.stderr).toContain(`no daemon drives run ${id}; it goes on with \`orchestrate up\`\n`)
  expect((await room.tell('up', '--once', '--mock')).code).toBe(0)
  const ended = await room.until(id, isOver)
  expect([ended.phase, ended.steps.get('news')?.output]).toEqual(['succeeded', 4])
  const logs = await room.tell('logs', id, '--json')
  const types = logs.stdout
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as { type: string }).type)
  expect(types).toEqual(expect.arrayContaining(['job_started', 'waiting', 'step_complete', 'job_finished']))
})

test('a step that is let go without a daemon is executed by the next one, alone', async () => {
  await using room = controlRoom([], {
    'workflows/chain.yaml':
      'steps:\n  - { id: gate, ask: Ready? }\n  - { id: one, prompt: First. }\n  - { id: two, prompt: Second. }\n',
  })
  const id = await parked(room, 'chain')
  for (const words of [['pause'], ['answer', 'gate', 'yes'], ['step']]) {
    const [verb = '', ...rest] = words
    expect((await room.tell(verb, id, ...rest)).code).toBe(0)
  }
  expect(room.status(id).steps.get('one')?.endedMs).toBeUndefined()
  await room.daemon('--mock')
  const status = await room.until(id, ({ steps }) => steps.has('two'))
  expect([status.phase, status.steps.get('one')?.phase]).toEqual(['paused', 'succeeded'])
  await room.tell('resume', id)
  expect((await room.until(id, isOver)).phase).toBe('succeeded')
})

test('without a daemon a run is cancelled at once, and then it has ended', async () => {
  await using room = controlRoom([], { 'workflows/chain.yaml': chain })
  const id = await parked(room, 'chain')
  expect(await room.tell('answer', id, 'news', 'yes')).toMatchObject({
    code: 2,
    stderr: `error: \`news\` of run ${id} does not wait for an answer.\nhint: These wait: gate.\n`,
  })
  expect((await room.tell('cancel', id)).code).toBe(0)
  expect(room.status(id).phase).toBe('cancelled')
  for (const words of [
    ['pause'],
    ['resume'],
    ['step'],
    ['cancel'],
    ['signal', 'deployed'],
    ['answer', 'gate', 'yes'],
  ]) {
    const [verb = '', ...rest] = words
    expect(await room.tell(verb, id, ...rest)).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Run ${id} has ended: it was cancelled.\nhint: To run it again: \`orchestrate retry ${id}\`.\n`,
    })
  }
})

test('a run in a process of its own is answered from another, which starts nothing there', async () => {
  await using room = controlRoom([], { 'workflows/gate.yaml': 'steps:\n  - { id: gate, ask: Ready? }\n' })
  const running = room.tell('run', 'gate', '--mock')
  while (room.runs().length === 0) await new Promise(resolve => setTimeout(resolve, 20))
  const [id = ''] = room.runs()
  await room.until(id, waitsAt('gate'))
  let told = await room.tell('answer', id, 'gate', 'yes')
  // The door is opened in the moment in which the question is asked.
  while (told.code === 5) told = await room.tell('answer', id, 'gate', 'yes')
  expect(told).toEqual({ code: 0, stdout: '', stderr: '' })
  const ended = await running
  expect([ended.code, ended.stdout]).toEqual([0, 'yes\n'])
  expect(ended.stderr).toContain(`? gate  Ready?\n  orchestrate answer ${id} gate <value>\n✓ gate`)
})

test('with --step a run begins nothing by itself, and a question that a pause holds back is not answered', async () => {
  await using room = controlRoom([], {
    'workflows/two.yaml': 'steps:\n  - { id: one, prompt: First. }\n  - { id: gate, ask: Ready? }\n',
  })
  const running = room.tell('run', 'two', '--mock', '--step')
  while (room.runs().length === 0) await new Promise(resolve => setTimeout(resolve, 20))
  const [id = ''] = room.runs()
  await room.until(id, ({ steps, phase }) => phase === 'paused' && steps.has('one'))
  expect((await room.tell('runs', '--status', 'paused')).stdout).toMatch(new RegExp(`^‖ ${id} `))
  let told = await room.tell('step', id)
  while (told.code === 5) told = await room.tell('step', id)
  expect(told.code).toBe(0)
  const status = await room.until(id, ({ steps }) => steps.has('gate'))
  expect([status.phase, status.steps.get('one')?.phase]).toEqual(['paused', 'succeeded'])
  expect(await room.tell('answer', id, 'gate', 'yes')).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: \`gate\` has not asked yet: run ${id} is paused.\nhint: First \`orchestrate step ${id}\`, or \`resume\` it.\n`,
  })
  expect((await room.tell('resume', id)).code).toBe(0)
  expect((await room.tell('answer', id, 'gate', 'yes')).code).toBe(0)
  const ended = await running
  expect([ended.code, ended.stdout]).toEqual([0, 'yes\n'])
  expect(ended.stderr).toMatch(new RegExp(`^‖ two .*\n  orchestrate step ${id}\n  orchestrate resume ${id}\n`))
})

test('waits and questions end by themselves: a time that is past, a timeout with a default, and one without', async () => {
  await using room = controlRoom([], {
    'workflows/ends.yaml': `steps:
  - { id: past, wait: { until: "2020-01-01T00:00" } }
  - { id: soon, wait: 100ms }
  - { id: quiet, ask: { question: Who?, default: nobody }, timeout: 100ms }
  - { id: late, ask: Who?, timeout: 100ms, on-error: continue }
  - { id: missed, wait: { event: never }, timeout: 100ms, on-error: continue }
  - { id: never, wait: { until: "\${steps.quiet.output}" } }
`,
  })
  const told = await room.tell('run', 'ends', '--mock', '--json')
  expect(told.code).toBe(1)
  const { steps } = JSON.parse(told.stdout.trimEnd().split('\n').at(-1) ?? '') as { steps: Record<string, object> }
  expect(steps).toMatchObject({
    past: { status: 'succeeded', output: null },
    soon: { status: 'succeeded' },
    quiet: { status: 'succeeded', output: 'nobody', by: 'default' },
    late: { status: 'failed', error: { reason: 'Timeout' } },
    missed: { status: 'failed', error: { reason: 'Timeout' } },
    never: { status: 'failed', error: { reason: 'InvalidExpression', message: expect.stringContaining('"nobody"') } },
  })
  const waiting = told.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { type: string; path?: string })
    .filter(({ type }) => type === 'waiting')
  expect(waiting.map(({ path }) => path)).toEqual(['past', 'soon', 'quiet', 'late', 'missed'])
})
