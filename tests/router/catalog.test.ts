import { expect, test } from 'vitest'
import { type Catalog, resolveModels } from '../../src/router/catalog.ts'

const catalog: Catalog = {
  hosts: [
    { name: 'tower', parallel: 4 },
    { name: 'a100', parallel: 8, models: ['devstral-small'] },
    { name: 'openai', parallel: 8 },
  ],
  models: {
    default: 'coder',
    coder: { on: ['a100', 'tower'], name: 'devstral-small', fallback: 'gpt-4o' },
    wrong: { on: ['a100', 'nowhere'], name: 'other' },
    ring: { on: ['tower'], fallback: ['ring2', 'gpt-4o'] },
    ring2: { on: ['tower'], fallback: 'ring' },
    this: 'that',
    that: 'this',
  },
}

function names(wanted: string[], from = catalog): string[] {
  const resolution = resolveModels(from, wanted)
  return resolution.ok ? resolution.targets.map(target => target.name) : [resolution.message]
}

test('a model runs on its hosts in declared order, under the name that they have for it', () => {
  const resolution = resolveModels(catalog, ['coder'])
  expect(resolution.ok && resolution.targets[0]).toEqual({
    name: 'coder',
    servedAs: 'devstral-small',
    hosts: ['a100', 'tower'],
  })
})

test('an agent without a model gets the default one, with its fallbacks', () => {
  expect(names([])).toEqual(['coder', 'gpt-4o'])
})

test('without a default, the first declared model stands in, then the first that a host lists', () => {
  const { coder } = catalog.models
  expect(names([], { ...catalog, models: { coder: coder ?? '' } })).toEqual(['coder', 'gpt-4o'])
  expect(names([], { ...catalog, models: {} })).toEqual(['devstral-small'])
})

test('the fallbacks of a model come before the next wanted model, and no model comes twice', () => {
  expect(names(['coder', 'ring', 'gpt-4o'])).toEqual(['coder', 'gpt-4o', 'ring', 'ring2'])
})

test('fallbacks that lead back to where they began end there', () => {
  expect(names(['ring'])).toEqual(['ring', 'ring2', 'gpt-4o'])
})

test('an undeclared model goes to the host that lists it, else to the host called openai', () => {
  const hostsOf = (name: string): unknown => {
    const resolution = resolveModels(catalog, [name])
    return resolution.ok && resolution.targets[0]?.hosts
  }
  expect(hostsOf('devstral-small')).toEqual(['a100'])
  expect(hostsOf('o3')).toEqual(['openai'])
})

test('an undeclared model goes to the only host, unless that one lists other models', () => {
  expect(names(['anything'], { hosts: [{ name: 'tower', parallel: 1 }], models: {} })).toEqual(['anything'])
  const choosy = { hosts: [{ name: 'tower', parallel: 1, models: ['llama'] }], models: {} }
  expect(names(['anything'], choosy)[0]).toContain('No host serves a model called "anything"')
})

test('a host that does not list a model is not asked for it, even when the model is declared on it', () => {
  const resolution = resolveModels(catalog, ['wrong'])
  expect(resolution.ok && resolution.targets[0]?.hosts).toEqual([])
})

test('an unknown model is answered with the known ones, the nearest first', () => {
  const [message] = names(['codr'], { ...catalog, hosts: catalog.hosts.slice(0, 2) })
  expect(message).toContain('"codr"')
  expect(message).toMatch(/Known models: coder, /)
})

test('where no default can be found, the message says how to set one', () => {
  const [message] = names([], { hosts: [{ name: 'tower', parallel: 1 }], models: {} })
  expect(message).toBe('No default model is set. Add `default:` under `models:` in orchestrate.yaml.')
})

test('two names that stand for each other come to an end', () => {
  expect(names(['this'])).toEqual(['that'])
})
