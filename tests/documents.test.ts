import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { check } from '../src/checker/check.ts'
import { checkConfiguration } from '../src/checker/configuration.ts'
import { emptyLibrary } from '../src/checker/library.ts'
import { Configuration, HostSource, OperatorPolicy } from '../src/model/configuration.ts'
import { parseConfiguration, parseWorkflow } from '../src/parser/parse.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs')).flatMap(name => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

/** The blocks of YAML in a page, without the indentation of a list around them. */
function yamlBlocks(page: string): string[] {
  return [...read(page).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

const isWorkflow = (text: string): boolean => /^steps:/m.test(text)

describe.each(['README.md', 'docs/getting-started.md', 'docs/runs.md'])('%s', page => {
  test('shows workflows that have no problem and that a commit can start', () => {
    const workflows = yamlBlocks(page).filter(isWorkflow)
    expect(workflows).not.toEqual([])
    for (const text of workflows) {
      const { workflow, diagnostics } = check(parseWorkflow(text, 'workflows/shown.yaml'), emptyLibrary)
      expect(diagnostics).toEqual([])
      expect(Object.values(workflow?.inputs ?? {}).filter(input => input.default === undefined)).toEqual([])
    }
  })
})

test('the configuration shown to beginners has no problem', () => {
  const shown = yamlBlocks('docs/getting-started.md').filter(text => !isWorkflow(text))
  expect(shown).not.toEqual([])
  for (const text of shown)
    expect(checkConfiguration(parseConfiguration(text, 'orchestrate.yaml')).diagnostics).toEqual([])
})

test('the examples of the configuration page make one configuration without a problem, and show every key', () => {
  const shown = yamlBlocks('docs/configuration.md').filter(text => !text.startsWith('unsafe-shell'))
  const { configuration, diagnostics } = checkConfiguration(parseConfiguration(shown.join('\n'), 'orchestrate.yaml'))
  expect(diagnostics.filter(({ code }) => code !== 'NOT_IN_FORCE')).toEqual([])
  expect(Object.keys(configuration).sort()).toEqual(Object.keys(Configuration.shape).sort())
  for (const key of Object.keys(Configuration.shape)) expect(shown.join('\n')).toMatch(new RegExp(`^${key}:`, 'm'))
})

test('the configuration page has a row for each key, and the default that the key has', () => {
  const page = read('docs/configuration.md')
  const row = (key: string): string =>
    page.split('\n').find(line => line.startsWith(`| \`${key}\` |`)) ?? `no row for ${key}`
  for (const key of [...Object.keys(HostSource.shape), ...Object.keys(OperatorPolicy.shape)])
    expect(row(key)).toMatch(/^\|/)
  const { triggers, limits, server, traces } = Configuration.parse({})
  expect(row('poll')).toContain(`\`${triggers.poll}\``)
  expect(row('runs')).toContain(`| ${limits.runs} |`)
  expect(page).toContain(`| \`parallel\` | whole number, from 1 | ${limits.parallel} |`)
  expect(row('port')).toContain(`| ${server.port} |`)
  expect(row('host')).toContain(`\`${server.host}\``)
  expect(row('to')).toContain(`| \`${traces.to}\``)
})

test.each(pages)('every link of %s to a file of the repository leads somewhere', page => {
  // What a block of code shows leads nowhere.
  const text = read(page).replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '')
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)\s#]+)[^)]*\)/g)].map(([, target = '']) => target)
  expect(targets.filter(target => !existsSync(join(root, dirname(page), target)))).toEqual([])
})

test('the README can be read in one go', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(150)
})
