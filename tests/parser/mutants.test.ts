import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cases } from '../generators/cases.ts'

const script = fileURLToPath(new URL('run-mutants.ts', import.meta.url))
const isNightly = process.env['ORCHESTRATE_TIMES'] !== undefined
const count = cases(isNightly ? 20_000 : 5000).numRuns
const aBatch = 2500

interface Told {
  readonly mutants: number
  readonly readable: number
  readonly sound: number
  readonly slowestMs: number
  readonly slowest: number
  readonly problems: readonly string[]
}

test(`${count} mutants of workflows, agents and YAML texts are read, checked and compiled in a heap of 256 MB`, async () => {
  const totals = { mutants: 0, readable: 0, sound: 0 }
  for (let first = 0; first < count; first += aBatch) {
    const size = Math.min(aBatch, count - first)
    const words = ['--max-old-space-size=256', script, String(first), String(size)]
    const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: Number.POSITIVE_INFINITY })
    const told: Told = JSON.parse(stdout)
    expect(told.problems).toEqual([])
    expect({ mutant: told.slowest, tookMs: told.slowestMs }).toSatisfy(
      ({ tookMs }: { tookMs: number }) => tookMs < 2000,
    )
    totals.mutants += told.mutants
    totals.readable += told.readable
    totals.sound += told.sound
  }
  expect(totals.mutants).toBe(count)
  // Mutants that no parser reads, or that all are refused at once, would test little.
  expect(totals.readable).toBeGreaterThan(count / 5)
  expect(totals.sound).toBeGreaterThan(count / 100)
}, 3_600_000)
