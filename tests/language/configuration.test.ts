import { expect, test } from 'vitest'
import { checkConfiguration } from '../../src/checker/configuration.ts'
import { HostKind } from '../../src/model/configuration.ts'
import { parseConfiguration } from '../../src/parser/parse.ts'

const read = (text: string): ReturnType<typeof checkConfiguration> =>
  checkConfiguration(parseConfiguration(text, 'orchestrate.yaml'))
const codes = (text: string): string[] => read(text).diagnostics.map(({ code }) => code)

test('has a default for every key', () => {
  expect(read('')).toEqual({
    diagnostics: [],
    configuration: {
      hosts: {},
      models: {},
      triggers: { poll: '2s', fetch: '1m', suspend: [] },
      traces: { to: 'auto' },
      limits: { runs: 50, parallel: 16 },
      secrets: [],
      server: { host: '127.0.0.1', port: 8000 },
    },
  })
})

test('has hosts with all their fields', () => {
  const host = {
    url: 'http://h:8000/v1',
    kind: 'vllm',
    key: 'KEY',
    models: ['m'],
    parallel: 4,
    'usd-per-million': { m: [2.5, 10] },
  }
  expect(read(JSON.stringify({ hosts: { tower: host } }))).toMatchObject({
    diagnostics: [],
    configuration: { hosts: { tower: host } },
  })
})

test('knows these kinds of hosts, and no others', () => {
  expect(HostKind.options).toEqual(['openai', 'vllm', 'sglang', 'llama.cpp', 'lmstudio', 'ollama'])
  expect(codes('hosts: { t: { url: "http://h/v1", kind: tgi } }')).toEqual(['BAD_VALUE'])
})

test('refuses a key where the name of a variable belongs', () => {
  expect(codes('hosts: { t: { url: "http://h/v1", key: sk-abc } }')).toEqual(['BAD_VALUE'])
})

test('has triggers, traces, limits and an address', () => {
  const written = {
    triggers: { branches: ['main', 'feature/*'], poll: '5s' },
    traces: { to: 'branch:traces' },
    limits: { runs: 5, parallel: 2 },
    server: { host: '0.0.0.0', port: 0 },
  }
  expect(read(JSON.stringify(written))).toMatchObject({ diagnostics: [], configuration: written })
  expect(codes('traces: { to: main }')).toEqual(['BAD_VALUE'])
})

test('has the keys of later versions, and says that nothing acts on them', () => {
  const written = `
mcp: { files: { command: npx, args: [-y, server], allow: [read_file] } }
router: { strategy: sticky }
worker: { labels: [gpu-a] }
engine: local
triggers: { branches: [main], verify: none, remote: origin }
traces: { to: auto, push: false, sign: false }
`
  expect(codes(written)).toEqual(Array.from({ length: 4 }, () => 'NOT_IN_FORCE'))
  expect(codes('engine: elsewhere')).toContain('BAD_VALUE')
})

test('has who is told what, and where traces are sent', () => {
  const written = {
    notifications: [
      { on: ['failed', 'waiting', 'host-down'], url: 'HOOK_URL', secret: 'HOOK_KEY' },
      { on: ['succeeded'], workflows: ['nightly/*'], url: 'https://example.org/hook', format: 'slack' },
    ],
    telemetry: { otlp: { endpoint: 'http://127.0.0.1:4318', headers: { Authorization: 'OTLP_AUTHORIZATION' } } },
  }
  expect(read(JSON.stringify(written))).toMatchObject({ diagnostics: [], configuration: written })
  expect(codes('notifications: [{ on: [failed], url: "ftp://example.org" }]')).toEqual(['BAD_VALUE'])
  expect(codes('notifications: [{ on: [failed], url: HOOK_URL, secret: "orc_0123 4" }]')).toEqual(['BAD_VALUE'])
  expect(codes('telemetry: { otlp: { endpoint: "http://127.0.0.1:4318", headers: { A: "Bearer x" } } }')).toEqual([
    'BAD_VALUE',
  ])
})
