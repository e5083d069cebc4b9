import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AuditEntry, type AuditHead, examineAudit, type AuditRecord } from '../../src/store/audit-log.ts'
import { openStore } from '../../src/store/store.ts'
import { scratchFolder } from '../git/scratch-repository.ts'

const entry: fc.Arbitrary<AuditEntry> = fc.record({
  timeMs: fc.nat(),
  who: fc.string(),
  what: fc.string(),
  target: fc.string(),
  decision: fc.constantFrom('allowed', 'denied'),
})

async function logOf(entries: readonly AuditEntry[]): Promise<AuditRecord[]> {
  await using folder = await scratchFolder()
  {
    using store = openStore(folder.path)
    for (const one of entries.slice(0, -1)) store.audit(one)
  }
  // The chain goes on after a restart.
  using store = openStore(folder.path)
  for (const one of entries.slice(-1)) store.audit(one)
  expect(store.auditHead()).toEqual(headsOf(store.auditFrom(1, 1000)).at(-1))
  return store.auditFrom(1, 1000)
}

function headsOf(records: readonly AuditRecord[]): AuditHead[] {
  const log = records[0]?.hash.slice(0, 8) ?? ''
  return records.map(({ number, hash }) => ({ log, number, hash }))
}

test('what is written is there, in order, and the chain holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), async entries => {
      const records = await logOf(entries)
      expect(records).toMatchObject(entries)
      const heads = headsOf(records)
      expect(examineAudit(records, heads)).toEqual({ problem: undefined, entries: heads.length, heads: heads.length })
    }),
    { numRuns: 15 },
  )
})

test('an entry that is changed, taken out, moved or put in is found', async () => {
  const whole = await logOf(fc.sample(entry, { numRuns: 12, seed: 5 }))
  fc.assert(
    fc.property(fc.nat(10), fc.constantFrom('change', 'drop', 'swap', 'repeat'), (at, how) => {
      const records = [...whole]
      const [one, next] = [whole[at], whole[at + 1]]
      if (!one || !next) throw new Error('the log is too short')
      if (how === 'change') records[at] = { ...one, who: `${one.who}!` }
      if (how === 'drop') records.splice(at, 1)
      if (how === 'swap') records.splice(at, 2, next, one)
      if (how === 'repeat') records.splice(at, 0, one)
      expect(examineAudit(records).problem).toMatch(/^entry \d+ (is missing|was changed)/)
    }),
  )
})

test('a log that was written anew from some entry on, or cut off, does not agree with the heads that traces name', async () => {
  const entries = fc.sample(entry, { numRuns: 6, seed: 7 })
  const rewritten = entries.map((one, index) => (index < 3 ? one : { ...one, who: 'somebody' }))
  const [whole, other] = [await logOf(entries), await logOf(rewritten)]
  const heads = headsOf(whole).slice(-1)
  expect(examineAudit(other, heads).problem).toBe('entry 6 is not the one that a trace names')
  expect(examineAudit(whole.slice(0, 4), heads).problem).toBe('the log ends with entry 4, but a trace names entry 6')
  const another = await logOf(entries.map(one => ({ ...one, who: 'somebody' })))
  expect(examineAudit(another, heads)).toEqual({ problem: undefined, entries: 6, heads: 0 })
})
