import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { installApart } from '../../scripts/install-apart.js'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { authorization, startDaemon } from '../daemon/daemon-process.ts'
import { scratchWorkspace } from '../daemon/scratch-workspace.ts'

const apart = fileURLToPath(new URL('../openapi-client', import.meta.url))
const tool = (path: string): string => join(apart, 'node_modules', path)

beforeAll(() => installApart(apart), 120_000)

/** What a client asks, as the description names it. */
interface Question {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly at?: string
  readonly body?: object
}

interface Answer extends Question {
  readonly status: number
  readonly json: unknown
}

/** The description of the routes, and a typed client made of it, in a folder that the test leaves. */
class TypedClient implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'orchestrate-client-'))

  constructor(description: string) {
    writeFileSync(join(this.folder, 'openapi.json'), description)
    const words = [tool('openapi-typescript/bin/cli.js'), './openapi.json', '--output', './schema.d.ts']
    execFileSync(process.execPath, words, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** What the validator says of the description; empty when it is sound. */
  validate(): string {
    return spawnSync(process.execPath, [join(apart, 'validate.js'), join(this.folder, 'openapi.json')], {
      encoding: 'utf8',
    }).stdout
  }

  /** What the compiler says of a program in which each answer stands as what its type promises. */
  check(answers: readonly Answer[]): string {
    const lines = answers.map(({ method, path, status, json }, index) => {
      const media = `paths['${path}']['${method}']['responses'][${status}]['content']`
      return `export const answer${index}: ${media}[keyof ${media}] = ${JSON.stringify(json)}`
    })
    const program = ["import type { paths } from './schema.d.ts'", ...lines].join('\n')
    writeFileSync(join(this.folder, 'client.ts'), program)
    const words = ['--noEmit', '--strict', '--allowImportingTsExtensions', '--module', 'nodenext', 'client.ts']
    return spawnSync(process.execPath, [tool('typescript/bin/tsc'), ...words], { cwd: this.folder, encoding: 'utf8' })
      .stdout
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

const questions = (runId: string): readonly Question[] => [
  { method: 'get', path: '/healthz' },
  { method: 'get', path: '/readyz' },
  { method: 'get', path: '/api/runs' },
  { method: 'get', path: '/api/runs/{id}', at: `/api/runs/${runId}` },
  { method: 'get', path: '/api/runs/{id}', at: '/api/runs/none' },
  { method: 'get', path: '/api/workflows' },
  { method: 'get', path: '/api/hosts' },
  { method: 'post', path: '/api/check', body: { source: 'steps:\n  - { id: a, prompt: Hello. }\n' } },
  { method: 'post', path: '/api/check', body: { source: 'steps: [{ id: a, promt: Hello. }]' } },
  { method: 'post', path: '/workflows/execute', body: { workflow: 'two', inputs: {} } },
  { method: 'post', path: '/workflows/execute', body: { workflow: 'nowhere' } },
  { method: 'post', path: '/api/runs/{id}/retry', at: `/api/runs/${runId}/retry`, body: {} },
  { method: 'post', path: '/api/runs/{id}/pause', at: `/api/runs/${runId}/pause`, body: {} },
]

test('the description is sound OpenAPI, and a client made of it takes every answer of a daemon', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  const two =
    "steps:\n  - { id: draft, prompt: Name one., as: colour }\n  - { id: polish, prompt: 'Shorter: ${colour}' }\n"
  workspace.commit('two', { 'workflows/two.yaml': two, 'workflows/bad.yaml': 'steps:\n  - { id: a, nonsense: 1 }\n' })
  const { runId } = await daemon.line('run started')
  await daemon.settledRuns(1)
  const ask = async ({ method, path, at = path, body }: Question): Promise<Response> =>
    fetch(daemon.url + at, {
      method: method.toUpperCase(),
      headers: { ...authorization(workspace.root), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  using client = new TypedClient(await (await ask({ method: 'get', path: '/openapi.json' })).text())
  expect(client.validate()).toBe('')
  const answers: Answer[] = []
  for (const question of questions(String(runId))) {
    const response = await ask(question)
    answers.push({ ...question, status: response.status, json: await response.json() })
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404, 200, 200, 200, 200, 200, 400, 200, 400])
  expect(client.check(answers)).toBe('')
  const [first] = answers
  const wrong = { ...(first as Answer), json: { status: 'ok', reasons: 'none', version: '1' } }
  const more = { ...(first as Answer), json: { status: 'ok', reasons: [], version: '1', isNew: true } }
  for (const answer of [wrong, more]) expect(client.check([answer])).toContain('error TS')
})
