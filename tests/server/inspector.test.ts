import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { ChartAnswer } from '../../src/server/chart-contract.ts'
import { ProblemDocument } from '../../src/server/contract.ts'
import { createRedactor } from '../../src/trace/redact.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import { soundProgram } from '../runtime/sound-program.ts'
import { Inspected, until } from './inspected.ts'
import { doorTo, listenV4, listenV5 } from './receivers.ts'

const headerOf = ({ token }: Inspected): string => `authorization: Bearer ${token}`
const programOf = (...steps: StepSource[]) => soundProgram({ steps })

/** A bare web socket that sends the token; it answers with how it was closed. */
function bareSocket(inspected: Inspected, path: string, headers = { authorization: `Bearer ${inspected.token}` }) {
  const address = `${inspected.server.url.replace('http', 'ws')}${path}`
  const socket = new WebSocket(address, { headers })
  const closed = new Promise<{ code: number; reason: string }>(resolve => socket.addEventListener('close', resolve))
  /** Resolves with the first message from now on that holds all of these. */
  const message = (...parts: string[]) =>
    new Promise<string>(resolve =>
      socket.addEventListener('message', ({ data }) => {
        if (parts.every(part => String(data).includes(part))) resolve(String(data))
      }),
    )
  return { socket, closed, message }
}

test('a step that is tried again, an item of an each and a step of a wide list are actors of their own', async () => {
  await using inspected = await new Inspected().start()
  using door = await doorTo(inspected.server.url, headerOf(inspected))
  const wide = Array.from({ length: 40 }, (_, index): StepSource => ({ id: `part_${index}`, run: 'true' }))
  const { world } = inspected
  await inspected.run(
    'r',
    programOf(
      { id: 'draft', prompt: 'Write.', retry: 1 },
      { id: 'all', parallel: wide },
      { id: 'items', each: { in: ['a', 'b'], as: 'item', steps: [{ id: 'look', run: 'true' }] } },
    ),
  )
  const [actors, legacy] = [listenV5(door.address), listenV4(door.address)]
  await until(() => actors.has('r/2') && legacy.has('r/2'))
  expect(actors.get('r/2')).toMatchObject({ name: 'draft', parent: 'r/1', states: ['running'] })
  world.execution('draft').fail('Timeout')
  await world.clock.next()
  world.execution('draft').answer('Well.')
  await world.clock.rest()
  const named = (name: string) => [...actors.values()].filter(actor => actor.name === name)
  await until(() => named('part_15').length > 0 && named('draft')[0]?.isOver === true)
  expect(named('draft')[0]?.states).toEqual(['running', 'backoff', 'running', 'succeeded'])
  expect([...actors.values()].filter(({ name }) => name.startsWith('part_'))).toHaveLength(16)
  const { definition, value } = ChartAnswer.parse(await (await inspected.get('/api/runs/r/chart')).json())
  const list = { ...Object.fromEntries(wide.map(({ id }, index) => [id, index < 16 ? id : 'Start'])) }
  expect(value).toEqual({ all: { Scheduler: list } })
  expect(createMachine(definition as never).resolveState({ value: value as never, context: {} }).value).toEqual(value)
  while (world.executions.some(({ request, signal }) => request.stepId !== 'look' && !signal.aborted)) {
    for (const execution of world.executions.splice(0)) execution.answer('Well.')
    await world.clock.rest()
  }
  await until(() => named('items/1/look').length > 0)
  expect(named('items/1/look')[0]?.states.at(-1)).toBe('running')
  expect([...legacy.values()].map(({ name }) => name)).toEqual([...actors.values()].map(({ name }) => name))
})

test('nobody listens to a run when nobody looks, and a viewer of one run hears of no other', async () => {
  await using inspected = await new Inspected().start()
  using door = await doorTo(inspected.server.url, headerOf(inspected))
  const sound = programOf({ id: 'draft', prompt: 'Write.' })
  await inspected.run('one', sound)
  expect(inspected.listeners).toBe(0)
  const { socket } = bareSocket(inspected, '/inspect/v5')
  const [all, two] = [listenV5(door.address), listenV5(door.address, '?run=one')]
  await until(() => two.size === 3 && all.size === 3)
  expect(inspected.listeners).toBe(1)
  await inspected.run('two', sound)
  await until(() => all.size === 6)
  expect([...two.keys()]).toEqual(['one/0', 'one/1', 'one/2'])
  socket.close()
})

test('the last viewer that leaves takes the listener with it', async () => {
  await using inspected = await new Inspected().start()
  const viewers = [bareSocket(inspected, '/inspect/v5'), bareSocket(inspected, '/inspect/v4')]
  await until(() => viewers.every(({ socket }) => socket.readyState === socket.OPEN))
  await until(() => inspected.listeners === 1)
  for (const { socket } of viewers) socket.close()
  await until(() => inspected.listeners === 0)
})

const secret = 'hunter2-"quoted"-péché'

/** A workflow that has a secret wherever a person can write one. */
function indiscreet() {
  const literal = JSON.stringify(secret)
  return soundProgram({
    name: `About ${secret}`,
    description: secret,
    inputs: { key: 'string' },
    steps: [
      { id: 'draft', description: `Uses ${secret}.`, prompt: `Say ${secret} and \${inputs.key}.`, retry: 1 },
      { id: 'check', if: `steps.draft.output != ${literal}`, run: `echo ${secret}` },
      {
        id: 'choose',
        switch: 'steps.draft.output',
        cases: { [secret]: [{ id: 'a', run: 'true' }] },
        default: [{ id: 'b', run: 'true' }],
      },
      { id: 'items', each: { in: [secret, 'other'], as: 'item', steps: [{ id: 'look', run: 'true' }] } },
    ],
  })
}

test('a secret is in no frame and in no chart, wherever it was written', async () => {
  await using inspected = await new Inspected().start()
  inspected.redactor = createRedactor({ API_KEY: secret })
  using door = await doorTo(inspected.server.url, headerOf(inspected))
  const actors = [listenV5(door.address), listenV4(door.address)]
  await until(() => inspected.listeners === 1)
  await inspected.run('r', indiscreet(), { key: secret })
  const { world } = inspected
  world.execution('draft').throw(new Error(secret))
  await world.clock.next()
  while (world.store.unsettledRuns().length > 0) {
    for (const execution of world.executions.splice(0)) execution.answer(secret)
    await world.clock.next()
  }
  await until(() => actors.every(heard => heard.get('r/0')?.isOver))
  const late = [listenV5(door.address, '?run=r'), listenV4(door.address, '?run=r')]
  await until(() => late.every(heard => heard.size === actors[0]?.size))
  const chart = await (await inspected.get('/api/runs/r/chart')).text()
  for (const text of [Buffer.concat(door.texts).toString(), chart]) {
    expect(text).toContain('[secret API_KEY]')
    expect(text.includes('hunter2')).toBe(false)
    expect(createRedactor({ API_KEY: secret }).text(text) === text).toBe(true)
  }
  const { definition, value } = ChartAnswer.parse(JSON.parse(chart))
  expect(createMachine(definition as never).resolveState({ value: value as never, context: {} }).value).toEqual(value)
})

test('what was given to a run and what it answered is in no frame, though nobody called it a secret', async () => {
  await using inspected = await new Inspected().start()
  using door = await doorTo(inspected.server.url, headerOf(inspected))
  const actors = [listenV5(door.address), listenV4(door.address)]
  await until(() => inspected.listeners === 1)
  const sound = soundProgram({
    inputs: { key: 'string' },
    steps: [
      { id: 'draft', prompt: 'Private words: ${inputs.key}', retry: 1 },
      { id: 'wait', wait: { event: 'go' } },
    ],
  })
  await inspected.run('r', sound, { key: 'Private words' })
  const { world } = inspected
  world.execution('draft').throw(new Error('Private words'))
  await world.clock.next()
  world.execution('draft').answer('Private words')
  await world.clock.rest()
  await world.keeper.signal('r', 'event', { event: 'go', value: 'Private words' })
  await until(() => actors.every(heard => heard.get('r/0')?.isOver))
  expect(Buffer.concat(door.texts).toString()).not.toContain('Private')
})

test('a viewer that does not read is dropped and told why, and the others go on', async () => {
  await using inspected = await new Inspected().start()
  const { port } = new URL(inspected.server.url)
  const stuck = connect(Number(port), '127.0.0.1')
  stuck.write(
    `GET /inspect/v5 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headerOf(inspected)}\r\nConnection: Upgrade\r\n` +
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await new Promise(resolve => stuck.once('data', resolve))
  stuck.pause()
  const other = bareSocket(inspected, '/inspect/v5')
  await until(() => other.socket.readyState === WebSocket.OPEN)
  const body: StepSource[] = [
    { id: 'look', set: { x: 1 } },
    { id: 'more', set: { y: 2 } },
  ]
  const items = Array.from({ length: 3000 }, (_, index) => index)
  const ends = other.message('"sessionId":"one/0"', '"ended"')
  await inspected.run('one', programOf({ id: 'all', each: { in: items, steps: body } }))
  await ends
  let last = ''
  stuck.on('data', piece => (last = last.slice(-200) + piece.toString('latin1')))
  stuck.resume()
  await until(() => last.includes('too slow: connect again'))
  stuck.destroy()
  expect(other.socket.readyState).toBe(WebSocket.OPEN)
})

test('who may not read, asks for a run that is not there, or comes without a web socket, is told so', async () => {
  await using inspected = await new Inspected().start()
  expect(await bareSocket(inspected, '/inspect/v5?run=none').closed).toMatchObject({
    code: 1008,
    reason: 'there is no such run',
  })
  expect(await bareSocket(inspected, '/inspect/v4', { authorization: 'Bearer other' }).closed).toMatchObject({
    code: 1006,
  })
  const refused = async (path: string) => {
    const response = await inspected.get(path)
    return [response.status, ProblemDocument.parse(await response.json()).code]
  }
  expect(await refused('/inspect/v5')).toEqual([426, 'UPGRADE_REQUIRED'])
  expect(await refused('/api/runs/none/chart')).toEqual([404, 'UNKNOWN_RUN'])
  expect((await fetch(new URL('/inspect/stately', inspected.server.url))).status).toBe(401)
  expect((await inspected.get('/inspect')).headers.get('location')).toBe('/runs')
  await inspected.run('one', programOf({ id: 'draft', prompt: 'Write.' }))
  expect((await inspected.get('/inspect')).headers.get('location')).toBe('/inspect/one')
  expect((await inspected.get('/inspect?run=two%20three')).headers.get('location')).toBe('/inspect/two%20three')
})

test('a run that does not follow from its journal has a chart and is nowhere in it, and its viewer is told', async () => {
  await using inspected = await new Inspected().start()
  await inspected.run('r', programOf({ id: 'draft', prompt: 'Write.' }))
  const body = { type: 'attempt-succeeded' as const, path: 'nowhere', attempt: 1, output: null }
  inspected.world.store.commit([{ runId: 'r', timeMs: 2000, body }])
  const { value } = ChartAnswer.parse(await (await inspected.get('/api/runs/r/chart')).json())
  expect(value).toBeNull()
  expect(await bareSocket(inspected, '/inspect/v5?run=r').closed).toMatchObject({ code: 1011 })
})
