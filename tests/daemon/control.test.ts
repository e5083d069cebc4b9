import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { start } from '../cli/command.ts'
import { controlRoom, isOver, waitsAt } from './control-room.ts'

const approve = `steps:
  - id: review
    ask: { question: "Shall it go out?", assignees: [anna] }
    output: { approved: boolean }
  - { id: ship, set: { shipped: "\${steps.review.output.approved}" } }
`
const several = `steps:
  - id: readers
    each:
      in: ["anna", "ben"]
      steps:
        - { id: read, ask: "What does \${item} say?" }
`
const news = `steps:
  - { id: gate, ask: Ready? }
  - { id: news, wait: { event: deployed } }
  - { id: later, wait: { event: deployed } }
  - { id: both, set: { first: "\${steps.news.output}", second: "\${steps.later.output}" } }
`
const chain = `steps:
  - { id: gate, ask: Ready? }
  - { id: one, prompt: First. }
  - { id: two, prompt: Second. }
  - { id: three, prompt: Third. }
`

test('a person answers a question of the daemon, and what does not fit is refused with a hint', async () => {
  await using room = controlRoom([], { 'workflows/approve.yaml': approve })
  await room.daemon('--mock')
  const id = await room.start('approve')
  await room.until(id, waitsAt('review'))
  const refused = async (...words: string[]): Promise<string> => {
    const told = await room.tell(...words)
    expect([told.code, told.stdout]).toEqual([2, ''])
    return told.stderr
  }
  expect(await refused('answer', 'zzz', 'review', 'yes')).toBe(
    'error: There is no run zzz.\nhint: `orchestrate runs` lists them all.\n',
  )
  expect(await refused('answer', id, 'revie', 'yes')).toBe(
    `error: \`revie\` of run ${id} does not wait for an answer.\nhint: Did you mean review?\n`,
  )
  expect(await refused('answer', id, 'review', 'yes')).toBe(
    'error: The answer "review" cannot be "yes".\nhint: Write a map.\n',
  )
  expect(room.status(id).steps.get('review')?.phase).toBe('waiting')
  expect(await room.tell('answer', id, 'review', '{"approved": true}')).toEqual({ code: 0, stdout: '', stderr: '' })
  const status = await room.until(id, isOver)
  expect([status.phase, status.outputs]).toEqual(['succeeded', { shipped: true }])
  expect(status.steps.get('review')?.attempts[0]?.by).toMatch(/\S/)
  const trace = (path: string): string => room.workspace.git('show', `orchestrate/main:runs/approve/manual/${path}`)
  expect(trace('README.md')).toMatch(/\| ✓ succeeded \| \[review\]\(steps\/review\/\) \| .* \| by \S+ \|\n/)
  expect(trace('steps/review/question.md')).toBe('Shall it go out?\n')
  for (const verb of ['pause', 'resume', 'step', 'cancel']) {
    expect(await refused(verb, id)).toBe(
      `error: Run ${id} has ended: it succeeded.\nhint: To run it again: \`orchestrate retry ${id}\`.\n`,
    )
  }
})

test('where several executions of a step ask, an answer says which it is for', async () => {
  await using room = controlRoom([], { 'workflows/several.yaml': several })
  await room.daemon('--mock')
  const both = await room.start('several')
  await room.until(both, status => waitsAt('readers/0/read')(status) && waitsAt('readers/1/read')(status))
  expect((await room.tell('answer', both, 'read', 'Good.')).stderr).toBe(
    'error: 2 executions of `read` wait for an answer.\nhint: Write which: readers/0/read, readers/1/read.\n',
  )
  expect((await room.tell('answer', both, 'readers/1/read', 'Bad.')).code).toBe(0)
  // One is left, so that its id says which is meant.
  expect((await room.tell('answer', both, 'read', 'Good.')).code).toBe(0)
  expect((await room.until(both, isOver)).outputs).toEqual(['Good.', 'Bad.'])
})

test('a run that waits for a person is told by runs, show, watch and logs, with the command that answers', async () => {
  await using room = controlRoom([], { 'workflows/approve.yaml': approve })
  await room.daemon('--mock')
  const id = await room.start('approve')
  await room.until(id, waitsAt('review'))
  const listed = await room.tell('runs', '--status', 'waiting')
  expect(listed.stdout).toMatch(new RegExp(`^\\? ${id}  approve  waiting .* asks: review\n$`))
  expect((await room.tell('runs', '--status', 'running')).stdout).toBe('')
  const shown = await room.tell('show', id)
  expect(shown.stdout).toMatch(/^\? approve /)
  expect(shown.stdout).toMatch(/\n├─ \? review .* Shall it go out\? \(anna\)\n/)
  expect(shown.stdout).toContain(`\nnext: orchestrate answer ${id} review <value>\n`)
  const json = JSON.parse((await room.tell('show', id, '--json')).stdout) as Record<string, unknown>
  const waiting = { for: 'answer', question: 'Shall it go out?', assignees: ['anna'] }
  expect(json).toMatchObject({ status: 'waiting', steps: { review: { status: 'waiting', waiting } } })

  const watched = room.tell('watch', id, '--json')
  const seen = room.tell('watch', id)
  const follower = start(room.workspace.root, ['logs', id, '-f'])
  const followed = text(follower.stdout)
  await once(follower.stdout, 'data')
  await room.tell('answer', id, 'review', '{"approved": false}')
  const events = (await watched).stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  expect(events.map(({ type, path }) => [type, path].join(' ').trim())).toEqual([
    'job_started',
    ...['step_started review', 'waiting review', 'step_complete review', 'step_started ship', 'step_complete ship'],
    ...['job_finished', 'log', 'run'],
  ])
  expect(events[2]).toMatchObject({ content: waiting, attempt: 1 })
  expect(await followed).toMatch(/^\d\d:\d\d:\d\d {2}job_started .*\n(.*\n)*.* job_finished .*\n.* log .*\n$/)
  const tree = await seen
  expect(tree.stderr).toContain(
    `? review  Shall it go out? (anna)\n  orchestrate answer ${id} review <value>\n✓ review`,
  )
  expect([tree.code, JSON.parse(tree.stdout)]).toEqual([0, { shipped: false }])
})

test('an event that comes before a step waits for it is kept, and each is taken once', async () => {
  await using room = controlRoom([], { 'workflows/news.yaml': news })
  await room.daemon('--mock')
  const id = await room.start('news')
  await room.until(id, waitsAt('gate'))
  expect((await room.tell('signal', id, 'deployed', '{"version": 4}')).code).toBe(0)
  expect((await room.tell('signal', id, 'other')).code).toBe(0)
  expect((await room.tell('answer', id, 'gate', 'yes')).code).toBe(0)
  const status = await room.until(id, waitsAt('later'))
  expect(status.steps.get('news')).toMatchObject({ phase: 'succeeded', output: { version: 4 } })
  expect((await room.tell('show', id)).stdout).toMatch(/· later .* waits for the event deployed\n/)
  expect((await room.tell('signal', id, 'deployed', 'as text')).code).toBe(0)
  expect((await room.until(id, isOver)).outputs).toEqual({ first: { version: 4 }, second: 'as text' })
})

test('a paused run begins nothing, goes on one step at a time, and then by itself', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  await using room = controlRoom([host], { 'workflows/chain.yaml': chain })
  await room.daemon()
  const id = await room.start('chain')
  await room.until(id, waitsAt('gate'))
  expect((await room.tell('pause', id)).code).toBe(0)
  expect(room.status(id).phase).toBe('paused')
  // What is under way goes on: people may answer.
  expect((await room.tell('answer', id, 'gate', 'yes')).code).toBe(0)
  await room.until(id, ({ steps }) => steps.has('one'))
  expect(host.requests).toHaveLength(0)
  expect((await room.tell('runs', '--status', 'paused')).stdout).toMatch(new RegExp(`^‖ ${id} `))
  expect((await room.tell('step', id)).code).toBe(0)
  await room.until(id, ({ steps }) => steps.has('two'))
  expect(host.requests).toHaveLength(1)
  expect(room.status(id).phase).toBe('paused')
  expect((await room.tell('resume', id)).code).toBe(0)
  expect((await room.until(id, isOver)).phase).toBe('succeeded')
  expect(host.requests).toHaveLength(3)
  const stepped = await room.start('chain', '--step')
  expect(room.status(stepped)).toMatchObject({ phase: 'paused' })
})

test('a run that is cancelled ends as cancelled, with what it waited for, and a watcher leaves with 3', async () => {
  await using room = controlRoom([], { 'workflows/chain.yaml': chain })
  await room.daemon('--mock')
  const id = await room.start('chain')
  await room.until(id, waitsAt('gate'))
  expect((await room.tell('cancel', id)).code).toBe(0)
  const status = await room.until(id, isOver)
  expect(status).toMatchObject({ phase: 'cancelled' })
  expect(status.steps.get('gate')?.phase).toBe('cancelled')
  expect((await room.tell('watch', id)).code).toBe(3)
})
