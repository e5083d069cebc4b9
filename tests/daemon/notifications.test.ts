import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { Receiver } from '../server/receiver.ts'
import { startDaemon } from './daemon-process.ts'
import { type ScratchWorkspace, scratchWorkspace } from './scratch-workspace.ts'

const secret = 'hunter2-and-more'
/** A command that says a secret which it was given, as it is and in Base64. */
const leaky = `steps:
  - id: leak
    run: printf '%s %s' "$TOKEN" "$(printf %s "$TOKEN" | base64)"
    env: { TOKEN: "\${secrets.TOKEN}" }
`
const failing = 'steps:\n  - { id: no, run: exit 1 }\n'

function configured(workspace: ScratchWorkspace, lines: string, environment: Record<string, string>): void {
  const pairs = Object.entries({ TOKEN: secret, ...environment }).map(([name, value]) => `${name}=${value}\n`)
  workspace.write('.gitignore', '.env\n')
  workspace.write('.env', pairs.join(''))
  workspace.commit('configured', { 'orchestrate.yaml': `secrets: [TOKEN]\n${lines}` })
}

test('a daemon that is killed while it tells of a run tells of it again, under the same id', async () => {
  await using receiver = await Receiver.start()
  using workspace = scratchWorkspace([])
  const lines = 'notifications: [{ on: [succeeded, failed], url: HOOK_URL, secret: HOOK_KEY }]\n'
  configured(workspace, lines, { HOOK_URL: receiver.url, HOOK_KEY: 'a-key-of-ours' })
  receiver.answer = 'hang'
  {
    await using daemon = await startDaemon(workspace.root)
    workspace.commit('fails', { 'workflows/fails.yaml': failing })
    await receiver.atLeast(1)
    await daemon.kill('SIGKILL')
  }
  receiver.answer = 200
  await using daemon = await startDaemon(workspace.root)
  await receiver.atLeast(2)
  workspace.commit('again', { 'workflows/fails.yaml': failing.replace('exit 1', 'exit 2') })
  await receiver.atLeast(3)
  const [first, again, next] = receiver.ids()
  expect([again, next === first]).toEqual([first, false])
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body)
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'failed', run: { workflow: 'fails' } })
  for (const { headers, path, body } of receiver.received) {
    const [time, delivery] = [headers['x-orchestrate-timestamp'], headers['x-orchestrate-delivery']].map(String)
    const signed = `v1:${path}:${time}:${delivery}:${body}`
    const signature = createHmac('sha256', 'a-key-of-ours').update(signed).digest('hex')
    expect(headers['x-orchestrate-signature']).toBe(`sha256=${signature}`)
  }
  expect(JSON.stringify(daemon.lines)).not.toContain('a-key-of-ours')
})

test('no secret leaves in a message, in whatever form a step has put it out', async () => {
  await using receiver = await Receiver.start()
  using workspace = scratchWorkspace([])
  const both = ['json', 'slack'].map(format => `{ on: [succeeded, failed], url: "${receiver.url}", format: ${format} }`)
  const telemetry = `telemetry: { otlp: { endpoint: "http://127.0.0.1:${receiver.port}" } }`
  configured(workspace, `notifications: [${both.join(', ')}]\n${telemetry}\n`, {})
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('leaks', { 'workflows/leaks.yaml': leaky })
  await receiver.atLeast(3)
  const all = receiver.received.map(({ body }) => body).join('\n')
  expect(all).toContain('[secret TOKEN]')
  for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, -2)]) expect(all).not.toContain(form)
  expect(JSON.stringify(daemon.lines)).not.toContain(secret)
})

/** Ids and times as the JSON of OTLP has them. */
const shapeOfSpan = {
  traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
  startTimeUnixNano: expect.stringMatching(/^\d+$/),
  endTimeUnixNano: expect.stringMatching(/^\d+$/),
  kind: expect.any(Number),
}

test('the trace of a run is sent to a collector as OTLP, with the headers that it wants', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  await using receiver = await Receiver.start()
  using workspace = scratchWorkspace([host])
  const telemetry = `telemetry: { otlp: { endpoint: "http://127.0.0.1:${receiver.port}/", headers: { Authorization: OTLP } } }`
  const hosts = `hosts: { rack: { url: ${host.url} } }\nmodels: { default: { on: [rack], name: m } }\n`
  configured(workspace, `${hosts}${telemetry}\n`, { OTLP: 'Bearer of-ours' })
  receiver.answer = 503
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('asks', { 'workflows/asks.yaml': 'steps:\n  - { id: draft, prompt: Name one. }\n' })
  await daemon.line('delivery failed and is tried again')
  receiver.answer = 200
  await receiver.atLeast(2)
  const { path, headers, body } = receiver.received[1] ?? { path: '', headers: {}, body: '{}' }
  expect([path, headers.authorization, headers['content-type']]).toEqual([
    '/v1/traces',
    'Bearer of-ours',
    'application/json',
  ])
  const { resourceSpans } = JSON.parse(body)
  expect(resourceSpans[0].resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'orchestrate' },
  })
  const spans = resourceSpans[0].scopeSpans[0].spans as Record<string, string>[]
  expect(spans.map(({ name }) => name)).toEqual(['run asks', 'step draft', 'chat default'])
  for (const span of spans) expect(span).toMatchObject(shapeOfSpan)
  const ids = new Set(spans.map(({ spanId }) => spanId))
  for (const { parentSpanId } of spans.slice(1)) expect(ids).toContain(parentSpanId)
  expect(body).not.toContain('Name one.')
})
