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

type Tell = (path: string, body?: object, method?: string) => Promise<Record<string, unknown>>

/** Takes a run through all that a person can send it, with the secret in each. */
async function sendEverywhere(tell: Tell): Promise<string> {
  const { runId } = await tell('/workflows/execute', { workflow: 'teller', inputs: { word: `the ${secret}` } })
  const path = `/api/runs/${String(runId)}`
  const waits = async (step: string): Promise<void> => {
    const steps = (await tell(path))['steps'] as { path: string; status: string }[]
    if (steps.some(each => each.path === step && each.status === 'waiting')) return
    await new Promise(resolve => setTimeout(resolve, 30))
    await waits(step)
  }
  await waits('leave')
  await tell(`${path}/answer`, { step: 'leave', value: `It was ${secret}.`, by: 'ada' })
  await waits('go')
  await tell(`${path}/signal`, { event: 'go', value: { deep: [secret] } })
  return path
}

async function sendHook(url: string): Promise<void> {
  const body = JSON.stringify({ word: secret })
  const signature = `sha256=${createHmac('sha256', hookKey).update(body).digest('hex')}`
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature }
  await fetch(`${url}/hooks/hooked`, { method: 'POST', body, headers })
}

/** What is refused says what was asked for; what is read shows what was kept. */
async function askEverything(tell: Tell, run: string): Promise<void> {
  const named = encodeURIComponent(secret)
  await tell('/workflows/execute', { workflow: secret })
  for (const path of [`/api/runs/${named}`, `/api/workflows/${named}`, `/nothing/${named}`]) await tell(path)
  await tell('/api/tokens', { name: secret, scopes: ['read'] })
  await tell(`/api/tokens/${named}`, undefined, 'DELETE')
  await tell('/api/check', { source: `steps:\n  - { id: a, prompt: "${forms[2]} \${nothing}" }\n` })
  await tell(`/api/plan?base=${named}&head=main`)
  for (const path of ['tokens', 'runs', 'workflows', 'hosts', 'audit']) await tell(`/api/${path}`)
  await tell(`${run}/chart`)
  await tell('/readyz')
}

/** The events of all runs up to the first end of one. */
async function streamed(url: string, headers: Record<string, string>): Promise<string> {
  const stop = new AbortController()
  const stream = await fetch(`${url}/api/events?from=0`, { headers, signal: stop.signal })
  let text = ''
  for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes('job_finished')) break
  }
  stop.abort()
  return text
}

test('a planted secret is in no event, frame, answer, problem, metric, log, audit entry or trace', async () => {
  await using host = await startTeller()
  using workspace = scratchWorkspace([host], 'secrets: [PLANTED]\n')
  workspace.write('.env', `PLANTED='${secret}'\nHOOK_KEY=${hookKey}\n`)
  workspace.commit('teller', { ...files, '.gitignore': '.env\n' })
  await using daemon = await startDaemon(workspace.root)
  const headers = authorization(workspace.root)
  const heard = { events: [] as string[], v5: [] as string[], v4: [] as string[] }
  const socketUrl = daemon.url.replace('http', 'ws')
  await listen(`${socketUrl}/ws?from=0`, headers, heard.events)
  await listen(`${socketUrl}/inspect/v5`, headers, heard.v5)
  await listen(`${socketUrl}/inspect/v4`, headers, heard.v4)
  const answers: string[] = []
  const ask = caller(workspace, daemon)
  const tell: Tell = async (...words) => {
    const answer = await ask(...words)
    answers.push(JSON.stringify(answer))
    return answer.body as Record<string, unknown>
  }
  const run = await sendEverywhere(tell)
  await sendHook(daemon.url)
  await daemon.settledRuns(2)
  await askEverything(tell, run)
  const metrics = await (await fetch(`${daemon.url}/metrics`, { headers })).text()
  const told = {
    ...{ ...heard, answers, metrics: [metrics], stream: [await streamed(daemon.url, headers)] },
    log: daemon.lines.map(line => JSON.stringify(line)),
    trace: [workspace.git('log', '-p', '--format=%B', 'orchestrate/main', '--', 'runs')],
  }
  for (const [place, texts] of Object.entries(told)) {
    expect([place, texts.length > 0]).toEqual([place, true])
    for (const form of forms) expect(texts.join(''), `${place}: ${form}`).not.toContain(form)
  }
  // It was told, and taken out: the test has looked in the right places.
  for (const texts of [told.events, told.answers, told.stream, told.trace])
    expect(texts.join('')).toContain('[secret PLANTED]')
  const thoughts = heard.events.map(text => JSON.parse(text) as { type: string; content: unknown })
  const said = thoughts.filter(({ type }) => type === 'agent_thought').map(({ content }) => String(content))
  expect(said.join('')).toMatch(/It is \[secret PLANTED\] or \[secret PLANTED\].*and that is all\./)
})
