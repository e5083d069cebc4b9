// Requests with a token, everything on, beside bare fastify with the same answers; 50 connections, turn by turn.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { line, median, ms } from './measure.ts'

const connections = 50
const rounds = 5
const seconds = 2

export const httpSections: Readonly<Record<string, () => Promise<void>>> = { http: requests }

interface Servers {
  readonly ours: string
  readonly bare: string
  readonly token: string
  readonly paths: readonly string[]
}

async function requests(): Promise<void> {
  const child = fork(fileURLToPath(new URL('http-servers.ts', import.meta.url)))
  try {
    const [servers] = (await once(child, 'message')) as [Servers]
    for (const path of servers.paths) await comparePath(servers, path)
  } finally {
    child.disconnect()
  }
}

async function comparePath({ ours, bare, token, paths }: Servers, path: string): Promise<void> {
  const ask = (url: string, duration: number) =>
    autocannon({ url: url + path, connections, duration, headers: { authorization: `Bearer ${token}` } })
  const found: { ours: autocannon.Result; bare: autocannon.Result }[] = []
  if (path === paths[0]) for (const url of [ours, bare]) await ask(url, seconds)
  for (let round = 0; round < rounds; round += 1) {
    found.push({ bare: await ask(bare, seconds), ours: await ask(ours, seconds) })
  }
  const refused = found.reduce((sum, { ours }) => sum + ours.non2xx + ours.errors, 0)
  if (refused > 0) throw new Error(`${refused} requests of ${path} were not answered with 200.`)
  const rate = median(found.map(({ ours }) => ours.requests.average))
  const ratio = median(found.map(({ ours, bare }) => ours.requests.average / bare.requests.average))
  const p99 = median(found.map(({ ours }) => ours.latency.p99))
  line(`GET ${path}, p99`, ms(p99))
  line('', `${Math.round(rate)} /s`, `${ratio.toFixed(2)} × bare fastify`)
}
