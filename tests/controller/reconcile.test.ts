import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Declared, type Observation, reconcile } from '../../src/controller/reconcile.ts'

const declared = fc.record({
  workflow: fc.constantFrom('a', 'b', 'team/c'),
  case: fc.constantFrom('default', 'loud'),
  closureKey: fc.constantFrom('k1', 'k2', 'k3'),
})
/** A commit declares a workflow in a case once. */
const declarations = fc.uniqueArray(declared, { selector: item => `${item.workflow} ${item.case}`, maxLength: 6 })
const commit = fc.stringMatching(/^[0-9a-f]{40}$/)

const observation = (over: Partial<Observation>): Observation => ({
  branch: 'main',
  reconciledBefore: '0'.repeat(40),
  declared: [],
  before: [],
  knownRuns: new Map(),
  tracesAtTip: [],
  ...over,
})

const one: Declared = { workflow: 'a', case: 'default', closureKey: 'k1' }

test('a workflow starts exactly when its closure key is not the one of the reconciled commit', () => {
  fc.assert(
    fc.property(declarations, declarations, (now, before) => {
      const starts = reconcile(observation({ declared: now, before }))
      for (const item of now) {
        const earlier = before.find(other => other.workflow === item.workflow && other.case === item.case)
        const isStarted = starts.some(start => start.workflow === item.workflow && start.case === item.case)
        expect(isStarted).toBe(earlier?.closureKey !== item.closureKey)
      }
      expect(starts.length).toBeLessThanOrEqual(now.length)
    }),
  )
})

test('reconciling again starts nothing, whether or not the mark has moved', () => {
  fc.assert(
    fc.property(declarations, declarations, commit, (now, before, reconciledBefore) => {
      const first = observation({ declared: now, before, reconciledBefore })
      const starts = reconcile(first)
      const knownRuns = new Map(starts.map(start => [start.runId, start.closureKey]))
      expect(reconcile({ ...first, knownRuns })).toEqual([])
      expect(reconcile(observation({ declared: now, before: now, knownRuns }))).toEqual([])
    }),
  )
})

test('ids differ for every branch, workflow, case, closure key and starting point, and for nothing else', () => {
  const identities = fc.tuple(fc.constantFrom('main', 'topic'), declared, fc.constantFrom('1', '2'))
  const idOf = ([branch, item, reconciledBefore]: [string, Declared, string]) =>
    reconcile(observation({ branch, declared: [item], reconciledBefore }))[0]?.runId
  fc.assert(
    fc.property(identities, identities, (left, right) => {
      expect(idOf(left) === idOf(right)).toBe(JSON.stringify(left) === JSON.stringify(right))
      expect(idOf(left)).toMatch(/^[0-9a-f]{16}$/)
    }),
  )
})

test('what else a commit declares does not change the id of a run', () => {
  fc.assert(
    fc.property(declarations, declarations, commit, (now, before, reconciledBefore) => {
      for (const start of reconcile(observation({ declared: now, before, reconciledBefore }))) {
        const { workflow, case: name, closureKey } = start
        const alone = observation({ declared: [{ workflow, case: name, closureKey }], reconciledBefore })
        expect(reconcile(alone)).toEqual([start])
      }
    }),
  )
})

test('going back to an earlier form runs again', () => {
  const [a, b] = [one, { ...one, closureKey: 'k2' }]
  const toB = reconcile(observation({ declared: [b], before: [a], reconciledBefore: 'commit-a' }))
  const back = reconcile(
    observation({
      declared: [a],
      before: [b],
      reconciledBefore: 'commit-b',
      knownRuns: new Map(toB.map(start => [start.runId, start.closureKey])),
    }),
  )
  expect(back).toHaveLength(1)
})

test('a deleted workflow starts nothing', () => {
  expect(reconcile(observation({ declared: [], before: [one] }))).toEqual([])
})

test('a trace in the tree counts only with a run that this installation remembers in that form', () => {
  const trace = { ...one, runId: 'r1' }
  const run = (knownRuns: ReadonlyMap<string, string>) =>
    reconcile(observation({ declared: [one], tracesAtTip: [trace], knownRuns })).length
  expect(run(new Map([['r1', 'k1']]))).toBe(0)
  expect(run(new Map())).toBe(1)
  expect(run(new Map([['r1', 'k2']]))).toBe(1)
})
