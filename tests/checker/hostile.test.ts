import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkAgent } from '../../src/checker/agent.ts'
import { check } from '../../src/checker/check.ts'
import { checkConfiguration } from '../../src/checker/configuration.ts'
import { compile } from '../../src/compiler/compile.ts'
import { type Diagnostic, hasErrors, lineStartsOf, spanAt } from '../../src/model/diagnostic.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseAgent, parseConfiguration, parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from '../generators/cases.ts'
import { hostileText } from '../generators/hostile-text.ts'
import { prompts, templates } from '../generators/library.ts'
import { generatedLibrary, workflowSource } from '../generators/workflow-source.ts'

/** What a workflow makes of a template or a prompt of the library is told where that says it. */
const libraryTexts = new Map([
  ...Object.entries(templates).map(
    ([name, source]) => [`workflows/templates/${name}.yaml`, JSON.stringify(source)] as const,
  ),
  ...Object.entries(prompts).map(([path, { text }]) => [path, text] as const),
])

function expectTold(diagnostics: readonly Diagnostic[], path: string, text: string): void {
  for (const { code, message, span } of diagnostics) {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
    expect(message.trim()).not.toBe('')
    const told = span.path === path ? text : libraryTexts.get(span.path)
    expect(told, span.path).toBeDefined()
    expect(span.offset).toBeGreaterThanOrEqual(0)
    expect(span.endOffset).toBeGreaterThanOrEqual(span.offset)
    expect(span.endOffset).toBeLessThanOrEqual(told?.length ?? 0)
    expect(spanAt(span.path, lineStartsOf(told ?? ''), span.offset, span.endOffset)).toEqual(span)
  }
}

function expectSoundOrTold(text: string, path: string): boolean {
  const { workflow, diagnostics, places } = check(parseWorkflow(text, path), generatedLibrary)
  expectTold(diagnostics, path, text)
  expect(workflow === undefined).toBe(hasErrors(diagnostics))
  if (workflow) expect(compile(workflow, places).hash).toMatch(/^[0-9a-f]{64}$/)
  return workflow !== undefined
}

test('any text gives a program, or diagnostics that point into it', () => {
  let sound = 0
  fc.assert(
    fc.property(hostileText, text => {
      for (const path of ['workflows/a.yaml', 'workflows/a.workflow.md']) if (expectSoundOrTold(text, path)) sound += 1
    }),
    cases(1000),
  )
  expect(sound).toBeGreaterThan(cases(1000).numRuns / 50)
})

test('any text is an agent or a configuration, or says why not', () => {
  fc.assert(
    fc.property(hostileText, text => {
      const agent = checkAgent(parseAgent(text, 'agents/a.agent.md'))
      expectTold(agent.diagnostics, 'agents/a.agent.md', text)
      expect(agent.agent === undefined).toBe(hasErrors(agent.diagnostics))
      const { diagnostics, configuration } = checkConfiguration(parseConfiguration(text, 'orchestrate.yaml'))
      expectTold(diagnostics, 'orchestrate.yaml', text)
      expect(configuration.limits.parallel).toBeGreaterThan(0)
    }),
    cases(300),
  )
})

/** Values that somebody might write where they do not belong. */
const strangeValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    0,
    -1,
    1e99,
    true,
    '',
    ' ',
    [],
    {},
    [[]],
    [null],
    { id: 'a' },
    'steps.a.output',
    '${',
    '${}',
  ),
  fc.constantFrom<unknown>(
    '${steps.a.output.b[index]}',
    '!',
    '1 +',
    'x.map(y, z)',
    '((((',
    'has(steps.a)',
    'first()',
    '"',
  ),
  fc.constantFrom<unknown>(
    'previous',
    'index',
    '[1,2].filter(steps, steps > 1)',
    'a ? b',
    'steps[0]',
    'inputs["x"].y',
    'constructor',
  ),
  fc.json().map(text => JSON.parse(text) as unknown),
)

interface Change {
  readonly at: number
  readonly value: unknown
  readonly key: string | undefined
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  value: strangeValue,
  key: fc.option(
    fc.constantFrom('id', 'needs', 'if', 'loop', 'as', 'switch', 'cases', 'steps', 'default', 'output', 'foo', 'type'),
    {
      nil: undefined,
    },
  ),
})

/** The workflow with another value somewhere, or under a name where there was none. */
function changed(source: WorkflowSource, { at, value, key }: Change): unknown {
  const copy = structuredClone(source)
  const places: { holder: Record<string, unknown>; name: string }[] = []
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return
    for (const name of Object.keys(holder)) places.push({ holder: holder as Record<string, unknown>, name })
    Object.values(holder).forEach(visit)
  }
  visit(copy)
  const place = places[at % places.length]
  if (place) place.holder[key === undefined || Array.isArray(place.holder) ? place.name : key] = value
  return copy
}

test('a sound workflow in which anything was replaced by anything is still told about, each problem once', () => {
  let sound = 0
  fc.assert(
    fc.property(workflowSource, fc.array(change, { minLength: 1, maxLength: 3 }), (source, changes) => {
      const value = changes.reduce<unknown>((before, next) => changed(before as WorkflowSource, next), source)
      const text = JSON.stringify(value, null, 1)
      if (expectSoundOrTold(text, 'workflows/a.yaml')) sound += 1
      const { diagnostics } = check(parseWorkflow(text, 'workflows/a.yaml'), generatedLibrary)
      const told = diagnostics.map(({ code, message, span }) => `${code} ${message} ${span.offset} ${span.endOffset}`)
      expect(told.length).toBe(new Set(told).size)
    }),
    cases(1000),
  )
  expect(sound).toBeGreaterThan(cases(1000).numRuns / 50)
})

test('a file without steps is told about once', () => {
  for (const text of ['', 'null', '[]', '5', 'steps:', 'steps: []', '{}']) {
    const { diagnostics } = check(parseWorkflow(text, 'workflows/a.yaml'), generatedLibrary)
    expect(diagnostics.map(({ code }) => code).length, text).toBe(1)
  }
})
