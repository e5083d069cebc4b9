import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchFolder } from '../git/scratch-repository.ts'
import { start } from './command.ts'

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'Hello.' }] }),
  })
}

test('a simulated host says where it is, answers, fails as it is told, and stops at a signal', async () => {
  await using folder = await scratchFolder()
  const args = ['--profile', 'instant', '--seed', '3', '--fault', '503:1', '--key', 'k', '--log', 'requests.jsonl']
  const child = start(folder.path, ['mock-host', '--port', '0', '--name', 'gpu-a', ...args])
  const ended = once(child, 'close')
  let stderr = ''
  child.stderr.on('data', chunk => (stderr += chunk))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/)
  const key = { authorization: 'Bearer k' }
  expect((await ask(url)).status).toBe(401)
  expect((await ask(url, key)).status).toBe(503)
  const answer = (await (await ask(url, key)).json()) as { choices: { message: { content: string } }[] }
  expect(answer.choices[0]?.message.content).toMatch(/\w/)
  expect(stderr).toContain(`hosts:\n  gpu-a: { url: ${url} }\nmodels:\n  default: { on: [gpu-a],`)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  // Who does not know the key is sent away unheard.
  expect(readFileSync(join(folder.path, 'requests.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2)
})

test('a port that is taken is said without a stack', async () => {
  await using folder = await scratchFolder()
  const first = start(folder.path, ['mock-host'])
  const [line] = (await once(first.stdout, 'data')) as [Buffer]
  const port = new URL(line.toString().trim()).port
  const second = start(folder.path, ['mock-host', '--port', port])
  let stderr = ''
  second.stderr.on('data', chunk => (stderr += chunk))
  expect((await once(second, 'close'))[0]).toBe(1)
  expect(stderr).toMatch(/^error: .*EADDRINUSE.*\nhint: Take another port with --port, or 0 for any that is free\.\n$/)
  first.kill('SIGINT')
  expect((await once(first, 'close'))[0]).toBe(130)
})
