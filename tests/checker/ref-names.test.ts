import { expect, test } from 'vitest'
import { checkConfiguration } from '../../src/checker/configuration.ts'
import { parseConfiguration } from '../../src/parser/parse.ts'

const diagnose = (text: string) => checkConfiguration(parseConfiguration(text, 'orchestrate.yaml')).diagnostics

test.each([
  'traces: { to: "branch:a b" }',
  'traces: { to: "branch:../x" }',
  'traces: { to: "branch:-x" }',
  'triggers: { remote: "--upload-pack=x" }',
  'triggers: { base: "-x" }',
  'triggers: { branches: ["a b"] }',
  'triggers: { branches: ["feature/*", "-x/**"] }',
  'triggers: { fetch: 0s }',
  'triggers: { poll: 0ms }',
])('what git or a clock cannot take is said where it stands: %s', text => {
  expect(diagnose(text)).toMatchObject([
    { code: 'BAD_VALUE', severity: 'error', span: { line: 1 }, hint: expect.stringMatching(/^Write /) },
  ])
})

test('names and patterns of branches, remotes and short times are taken as they are', () => {
  const text = `triggers: { branches: [main, "feature/*", "**", "v*.x"], remote: origin, base: release/1.0, fetch: 0.5s }
traces: { to: "branch:ci/traces" }
`
  expect(diagnose(text)).toEqual([])
})
