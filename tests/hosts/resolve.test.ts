import { expect, test } from 'vitest'
import { hasHost, resolveHosts } from '../../src/hosts/resolve.ts'
import { Configuration } from '../../src/model/configuration.ts'

const none = Configuration.parse({})
const declared = Configuration.parse({
  hosts: {
    tower: { url: 'http://10.0.0.7:1234/v1/', kind: 'lmstudio', models: ['devstral'] },
    cloud: {
      url: 'https://user:secret@example.org/v1',
      key: 'CLOUD_KEY',
      parallel: 2,
      'usd-per-million': { big: [1, 2] },
    },
  },
  models: { coder: { on: ['tower'], name: 'devstral' }, default: 'coder' },
})
const real = { mock: false }

test('without hosts, the key of OpenAI makes one, with gpt-4o as the default model', () => {
  const { hosts, models } = resolveHosts(none, { OPENAI_API_KEY: 'sk-1' }, real)
  expect(hosts).toEqual([expect.objectContaining({ name: 'openai', url: 'https://api.openai.com/v1', key: 'sk-1' })])
  expect(models).toEqual({ default: 'gpt-4o' })
})

test('without hosts and key, there is no host', () => {
  for (const environment of [{}, { OPENAI_API_KEY: '' }, { OPENAI_API_KEY: ' ' }]) {
    expect(hasHost(resolveHosts(none, environment, real))).toBe(false)
  }
})

test('declared hosts are used as declared, whatever key there is besides', () => {
  const { hosts, models } = resolveHosts(declared, { OPENAI_API_KEY: 'sk-1', CLOUD_KEY: ' c-1\n' }, real)
  expect(hosts.map(host => host.name)).toEqual(['tower', 'cloud'])
  expect(hosts[0]).toEqual({
    name: 'tower',
    url: 'http://10.0.0.7:1234/v1',
    kind: 'lmstudio',
    models: ['devstral'],
    parallel: 4,
    prices: {},
  })
  expect(hosts[1]).toMatchObject({
    kind: 'openai',
    keyName: 'CLOUD_KEY',
    key: 'c-1',
    parallel: 2,
    prices: { big: [1, 2] },
  })
  expect(models).toBe(declared.models)
})

test('a password in a URL is taken out: it would be shown in messages', () => {
  expect(resolveHosts(declared, {}, real).hosts[1]?.url).toBe('https://example.org/v1')
})

test('simulated answers are given only when asked for, by flag or by environment', () => {
  expect(resolveHosts(declared, {}, { mock: true, mockDelayMs: 5 }).hosts).toMatchObject([
    { simulated: { delayMs: 5 } },
  ])
  const environment = { ORCHESTRATE_USE_MOCK: 'true', ORCHESTRATE_MOCK_DELAY_MS: '40' }
  expect(resolveHosts(none, environment, real).hosts).toMatchObject([{ simulated: { delayMs: 40 } }])
  expect(hasHost(resolveHosts(none, { ORCHESTRATE_USE_MOCK: 'false' }, real))).toBe(false)
})

test('a delay that is no number is none', () => {
  for (const text of ['-5', 'soon', 'Infinity', '']) {
    const { hosts } = resolveHosts(none, { ORCHESTRATE_MOCK_DELAY_MS: text }, { mock: true })
    expect(hosts[0]?.simulated).toEqual({ delayMs: 0 })
  }
})
