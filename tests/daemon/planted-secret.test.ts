import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { caller } from './ask-daemon.ts'
import { authorization, startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const secret = 'Correct "horse" battery/staple+9'
const hookKey = 'another-key-of-some-length'
const forms = [
  secret,
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
]

/** A model that tells the secret in every form, a few letters at a time. */
async function startTeller() {
  const said = `It is ${forms.join(' or ')}, and that is all.`
  const server = createServer((request, response) => {
    request.resume()
    if (request.url?.endsWith('/models'))
      return void response.end(JSON.stringify({ object: 'list', data: [{ id: 'm' }] }))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const chunk = (delta: object, finish: string | null): string =>
      `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
    for (let at = 0; at < said.length; at += 3) response.write(chunk({ content: said.slice(at, at + 3) }, null))
    response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/v1`, [Symbol.asyncDispose]: async () => void server.close() }
}

const files = {
  'workflows/teller.yaml': `inputs: { word: string }
steps:
  - { id: tell, prompt: "What is \${word}?" }
  - { id: leave, ask: "Well?", needs: [tell] }
  - { id: go, wait: { event: go }, needs: [leave] }
  - { id: last, prompt: "Again: \${steps.leave.output}", needs: [go] }
`,
  'workflows/hooked.yaml': `on: { webhook: { secret: HOOK_KEY, with: { word: "\${run.event.body.word}" } } }
inputs: { word: string }
steps:
  - { id: keep, set: { word: "\${word}" } }
`,
}

/** Everything that a socket is sent, as text. */
function listen(url: string, headers: Record<string, string>, into: string[]): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers })
  socket.addEventListener('message', ({ data }) => into.push(String(data)))
  return new Promise(resolve => socket.addEventListener('open', () => resolve(socket)))
}

test('a planted secret is in no event, frame, answer, problem, metric, log, audit entry or trace', async () => {
  await using host = await startTeller()
  using workspace = scratchWorkspace([host], 'secrets: [PLANTED]\n')
  workspace.write('.env', `PLANTED='${secret}'\nHOOK_KEY=${hookKey}\n`)
  workspace.commit('teller', { ...files, '.gitignore': '.env\n' })
  await using daemon = await startDaemon(workspace.root)
  const headers = authorization(workspace.root)
  const socketUrl = daemon.url.replace('http', 'ws')
  const heard: Record<string, string[]> = { events: [], v5: [], v4: [] }
  for (const [name, path] of [
    ['events', '/ws?from=0'],
    ['v5', '/inspect/v5'],
    ['v4', '/inspect/v4'],
  ] as const)
    await listen(socketUrl + path, headers, heard[name] ?? [])
  const ask = caller(workspace, daemon)
  const seen: string[] = []
  const tell = async (path: string, body?: object, method?: string): Promise<Record<string, unknown>> => {
    const answer = await ask(path, body, method)
    seen.push(JSON.stringify(answer))
    return answer.body as Record<string, unknown>
  }
  const { runId } = await tell('/workflows/execute', { workflow: 'teller', inputs: { word: `the ${secret}` } })
  const waits = async (step: string): Promise<void> => {
    const steps = (await tell(`/api/runs/${String(runId)}`))['steps'] as { path: string; status: string }[]
    if (steps.some(({ path, status }) => path === step && status === 'waiting')) return
    await new Promise(resolve => setTimeout(resolve, 30))
    await waits(step)
  }
  await waits('leave')
  await tell(`/api/runs/${String(runId)}/answer`, { step: 'leave', value: `It was ${secret}.`, by: 'ada' })
  await waits('go')
  await tell(`/api/runs/${String(runId)}/signal`, { event: 'go', value: { deep: [secret] } })
  const body = JSON.stringify({ word: secret })
  await fetch(`${daemon.url}/hooks/hooked`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': `sha256=${createHmac('sha256', hookKey).update(body).digest('hex')}`,
    },
  })
  await daemon.settledRuns(2)

  // What is refused says what was asked for.
  await tell('/workflows/execute', { workflow: secret })
  await tell(`/api/runs/${encodeURIComponent(secret)}`)
  await tell(`/api/workflows/${encodeURIComponent(secret)}`)
  await tell(`/nothing/${encodeURIComponent(secret)}`)
  await tell('/api/tokens', { name: secret, scopes: ['read'] })
  await tell('/api/tokens')
  await tell(`/api/tokens/${encodeURIComponent(secret)}`, undefined, 'DELETE')
  await tell('/api/check', { source: `steps:\n  - { id: a, prompt: "${forms[2]} \${nothing}" }\n` })
  await tell(`/api/plan?base=${encodeURIComponent(secret)}&head=main`)
  for (const path of [
    `/api/runs/${String(runId)}/chart`,
    '/api/runs',
    '/api/workflows',
    '/api/hosts',
    '/api/audit',
    '/readyz',
  ])
    await tell(path)
  seen.push(await (await fetch(`${daemon.url}/metrics`, { headers })).text())
  const stop = new AbortController()
  const stream = await fetch(`${daemon.url}/api/events?from=0`, { headers, signal: stop.signal })
  for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen.push(chunk)
    if (chunk.includes('job_finished')) break
  }
  stop.abort()
  const trace = workspace.git('log', '-p', '--format=%B', 'orchestrate/main', '--', 'runs')

  const told = { ...heard, answers: seen, log: daemon.lines.map(line => JSON.stringify(line)), trace: [trace] }
  for (const [place, texts] of Object.entries(told)) {
    expect([place, texts.length > 0]).toEqual([place, true])
    const all = texts.join('')
    for (const form of forms) expect(all, `${place}: ${form}`).not.toContain(form)
  }
  // It was told, and taken out: the test has looked in the right places.
  for (const place of [told['events'], told.answers, told.trace]) expect(place?.join('')).toContain('[secret PLANTED]')
  const thoughts = (heard['events'] ?? []).map(text => JSON.parse(text) as { type: string; content: unknown })
  const streamed = thoughts.filter(({ type }) => type === 'agent_thought').map(({ content }) => String(content))
  expect(streamed.join('')).toContain('It is [secret PLANTED] or [secret PLANTED]')
  expect(streamed.join('')).toContain('and that is all.')
})
