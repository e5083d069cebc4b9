import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signatureOf } from '../../src/server/signature.ts'
import type { HostStatus } from '../../src/hosts/host-status.ts'
import { cases } from '../generators/cases.ts'
import { Receiver } from './receiver.ts'
import { created } from './served.ts'
import { ToldWorkspace } from './told-workspace.ts'

const environment = (receiver: Receiver) => ({ HOOK_URL: receiver.url, HOOK_KEY: 'a-key-of-ours' })
const on = ['succeeded', 'failed', 'waiting', 'host-down']
const one = { notifications: [{ on, url: 'HOOK_URL', secret: 'HOOK_KEY' }] }

test('a run that has ended is told of in a signed message', async () => {
  await using receiver = await Receiver.start()
  await using told = new ToldWorkspace(one, environment(receiver))
  told.run('r1')
  await told.until(() => told.notifier.deliveries.waiting === 0)
  const [message] = receiver.received
  const { 'x-orchestrate-delivery': delivery, 'x-orchestrate-timestamp': time, ...headers } = message?.headers ?? {}
  expect(delivery).toMatch(/^[0-9a-f]{32}$/)
  const place = { path: '/hook', time: String(time), delivery: String(delivery) }
  const signature = signatureOf('a-key-of-ours', place, message?.body ?? '').toString('hex')
  expect(headers['x-orchestrate-signature']).toBe(`sha256=${signature}`)
  expect(JSON.parse(message?.body ?? '')).toMatchObject({
    type: 'failed',
    run: { id: 'r1', workflow: 'digest', status: 'failed', outputs: 'Done.', error: { reason: 'Timeout' } },
  })
  expect(receiver.received).toHaveLength(1)
})

test('chats are told in their own words, in which nothing that a model has said calls or links anybody', async () => {
  await using receiver = await Receiver.start()
  const notifications = [{ on, url: receiver.url, format: 'slack' }]
  await using told = new ToldWorkspace({ notifications })
  told.run('r1')
  const waiting = { for: 'answer' as const, question: 'Ship <!channel> & go?', assignees: [] }
  told.journal('r2', [created, { type: 'attempt-started', path: 'ok', attempt: 1, key: 'k', waiting }])
  await told.until(() => told.notifier.deliveries.waiting === 0)
  const bodies = receiver.received.map(({ body }) => JSON.parse(body))
  const [failed, asks] = [
    ':x: *digest* failed: Timeout: It took &lt;too&gt; long. (run r1)',
    ':raised_hand: *digest* waits at ok: Ship &lt;!channel&gt; &amp; go? (run r2)',
  ]
  expect(bodies).toEqual(
    [failed, asks].map(text => ({ text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] })),
  )
  expect(receiver.received[0]?.headers).not.toHaveProperty('x-orchestrate-signature')
})

test('only what is wanted is told: reasons, and workflows by pattern', async () => {
  await using receiver = await Receiver.start()
  const notifications = [{ on: ['failed'], workflows: ['nightly/*'], url: 'HOOK_URL' }]
  await using told = new ToldWorkspace({ notifications }, environment(receiver))
  told.run('r1', 'failed')
  told.run('r2', 'succeeded', true, 'nightly/report')
  told.run('r3', 'failed', true, 'nightly/report')
  await told.until(() => told.notifier.deliveries.waiting === 0)
  expect(receiver.received.map(({ body }) => JSON.parse(body).run.id)).toEqual(['r3'])
})

test('for a receiver that does not answer ten thousand deliveries are kept, and it is told what is not; others get all', async () => {
  await using dead = await Receiver.start()
  await using sound = await Receiver.start()
  const notifications = [dead, sound].map(({ url }, index) => ({ on: [index === 0 ? 'waiting' : 'failed'], url }))
  await using told = new ToldWorkspace({ notifications })
  dead.answer = 503
  const waiting = { for: 'answer' as const, question: 'Ship?', assignees: [] }
  const asked = Array.from({ length: 10_003 }, (_, index) => {
    return { type: 'attempt-started' as const, path: 'ok', attempt: index + 1, key: 'k', waiting }
  })
  told.journal('r1', [created, ...asked])
  expect(told.notifier.deliveries.waiting).toBe(10_000)
  const dropped = told.warnings.filter(({ message }) => message.startsWith('delivery is not kept'))
  expect(dropped.length).toBe(3)
  told.run('r2')
  await told.until(() => sound.received.length === 1)
})

test('a receiver that fails is tried again under the same id, later each time, and stops no other', async () => {
  await using dead = await Receiver.start()
  await using sound = await Receiver.start()
  const notifications = [dead, sound].map(({ url }) => ({ on, url }))
  await using told = new ToldWorkspace({ notifications })
  dead.answer = 503
  for (let run = 0; run < 5; run += 1) told.run(`r${run}`)
  await told.until(() => sound.received.length === 5)
  expect(sound.received.map(({ body }) => JSON.parse(body).run.id)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4'])
  await told.until(() => dead.received.length === 4)
  expect(new Set(dead.ids()).size).toBe(1)
  const failures = told.warnings.filter(({ message }) => message === 'delivery failed and is tried again')
  expect(failures.map(({ fields }) => [fields['attempt'], fields['reason']])).toEqual(
    [1, 2, 3, 4].slice(0, failures.length).map(attempt => [attempt, 'HTTP 503']),
  )
  dead.answer = 204
  await told.until(() => told.notifier.deliveries.waiting === 0)
  expect(new Set(dead.ids()).size).toBe(5)
  expect(sound.received).toHaveLength(5)
})

test('a message that is refused keeps no other from being sent', async () => {
  await using receiver = await Receiver.start()
  await using told = new ToldWorkspace(one, environment(receiver))
  receiver.answer = 400
  told.run('r1')
  await told.until(() => receiver.received.length === 1)
  receiver.answer = 200
  told.run('r2')
  await told.until(() => receiver.received.length === 2)
  expect(JSON.parse(receiver.received[1]?.body ?? '').run.id).toBe('r2')
})

test('wherever processes die, all that happened is told, each thing under one id', async () => {
  const deed = fc.constantFrom('run', 'unheard run', 'restart', 'fail', 'heal', 'pass' as const)
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 15 }), async deeds => {
      await using receiver = await Receiver.start()
      await using told = new ToldWorkspace(one, environment(receiver))
      const runs: string[] = []
      for (const item of deeds) {
        if (item === 'restart') told.restart()
        else if (item === 'fail') receiver.answer = 500
        else if (item === 'heal') receiver.answer = 200
        else if (item === 'pass') await told.clock.advance(3000)
        else told.run(runs[runs.push(`r${runs.length}`) - 1] ?? '', 'failed', item === 'run')
      }
      receiver.answer = 200
      told.restart()
      await told.until(() => told.notifier.deliveries.waiting === 0)
      const idsOf = Map.groupBy(receiver.received, ({ body }) => JSON.parse(body).run.id as string)
      expect([...idsOf.keys()].sort()).toEqual(runs.toSorted())
      for (const messages of idsOf.values()) {
        expect(new Set(messages.map(({ headers }) => headers['x-orchestrate-delivery'])).size).toBe(1)
      }
      expect(new Set(receiver.ids()).size).toBe(runs.length)
      const sent = receiver.received.length
      told.restart()
      await told.clock.advance(60_000)
      expect(receiver.received).toHaveLength(sent)
    }),
    cases(25),
  )
})

test('a redirect is not followed, an endless answer is not read, and who never answers is left after ten seconds', async () => {
  await using receiver = await Receiver.start()
  await using elsewhere = await Receiver.start()
  await using told = new ToldWorkspace(one, environment(receiver))
  receiver.answer = 307
  receiver.headers = { location: elsewhere.url }
  told.run('r1')
  await told.until(() => told.warnings.some(({ fields }) => fields['reason'] === 'HTTP 307'))
  receiver.answer = 'hang'
  await told.until(() => told.warnings.some(({ fields }) => fields['reason'] === 'Timeout'))
  receiver.answer = 'flood'
  await told.until(() => told.notifier.deliveries.waiting === 0)
  expect(elsewhere.received).toEqual([])
})

test('what nobody has taken for a day is given up, with a line in the log', async () => {
  await using receiver = await Receiver.start()
  const notifications = [{ on: ['failed'], url: receiver.url }]
  await using told = new ToldWorkspace({ notifications })
  receiver.answer = 500
  told.run('r1')
  await told.until(() => receiver.received.length === 2)
  await told.clock.advance(24 * 3600 * 1000)
  await told.until(() => told.notifier.deliveries.waiting === 0)
  expect(told.warnings.at(-1)).toMatchObject({ message: 'delivery is given up', fields: { isOld: true } })
  receiver.answer = 200
  told.restart()
  await told.clock.advance(60_000)
  expect(told.notifier.deliveries.waiting).toBe(0)
})

test('what is to be signed is not sent without its key, and an address is not told to the log', async () => {
  await using receiver = await Receiver.start()
  await using told = new ToldWorkspace(one, { HOOK_URL: `${receiver.url}/T0/secret-part` })
  expect(told.warnings).toEqual([
    { fields: { receiver: 'HOOK_URL' }, message: 'receiver cannot be told: a variable is not set' },
  ])
  told.run('r1')
  await told.until(() => told.warnings.some(({ fields }) => fields['reason'] === 'NotSet'))
  expect(receiver.received).toEqual([])
  expect(JSON.stringify(told.warnings)).not.toContain('secret-part')
})

test('where nobody is to be told, nothing is kept for it; and who is named later hears of what comes then', async () => {
  await using receiver = await Receiver.start()
  await using told = new ToldWorkspace({}, environment(receiver))
  told.run('r1')
  expect(told.store.recallAll('deliveries').size).toBe(0)
  Object.assign(told.configuration, one)
  told.restart()
  told.run('r2')
  await told.until(() => told.notifier.deliveries.waiting === 0)
  expect(receiver.received.map(({ body }) => JSON.parse(body).run.id)).toEqual(['r2'])
})

test('a host that goes down is told of once, until it has been ready for a while', async () => {
  await using receiver = await Receiver.start()
  await using told = new ToldWorkspace(one, environment(receiver))
  const host = { name: 'rack', condition: 'Ready' } as HostStatus
  const be = async (condition: HostStatus['condition'], ms: number): Promise<void> => {
    told.hosts = [{ ...host, condition, ...(condition !== 'Ready' && { message: 'It does not answer.' }) }]
    await told.until(() => told.notifier.deliveries.waiting === 0)
    for (let passed = 0; passed < ms; passed += 1000) await told.clock.advance(1000)
    await told.until(() => told.notifier.deliveries.waiting === 0)
  }
  await be('Ready', 20_000)
  await be('RateLimited', 20_000)
  expect(receiver.received).toEqual([])
  for (let pass = 0; pass < 3; pass += 1) {
    await be('Unreachable', 10_000)
    await be('Ready', 30_000)
  }
  expect(receiver.received).toHaveLength(1)
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    type: 'host-down',
    host: { name: 'rack', condition: 'Unreachable', message: 'It does not answer.' },
  })
  await be('Ready', 180_000)
  await be('Unauthorized', 10_000)
  expect(receiver.received).toHaveLength(2)
})
