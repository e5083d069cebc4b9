// Reads the report of a test run and says in one last line what became of it: `N passed, N failed`.
import { readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Report the part of vitest's JSON report that counts
 * @property {boolean} success
 * @property {{ name: string, status: string, message: string, assertionResults: { fullName: string, status: string }[] }[]} testResults
 */

/**
 * Counts a run. A file that could not be loaded is a failure, and so is a run that is empty, skips a test or was broken
 * off by an error outside of all tests.
 *
 * @param {Report} report
 */
export function countTests(report) {
  const tests = report.testResults.flatMap(file => file.assertionResults)
  const passed = tests.filter(test => test.status === 'passed').length
  const failed = tests.filter(test => test.status === 'failed').length
  const skipped = tests.filter(test => test.status !== 'passed' && test.status !== 'failed').map(test => test.fullName)
  const unloaded = report.testResults
    .filter(file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'))
    .map(file => file.name)
  const isGreen = report.success && passed > 0 && failed + unloaded.length + skipped.length === 0
  return { passed, failed: failed + unloaded.length, skipped, unloaded, isGreen }
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // No report: the run ended before a single test did.
    return { success: false, testResults: [] }
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const counts = countTests(readReport(process.argv[2] ?? ''))
  for (const name of counts.skipped) console.log(`skipped, which fails the run: ${name}`)
  for (const name of counts.unloaded) console.log(`could not be run: ${name}`)
  if (counts.passed === 0) console.log('no test passed, which fails the run')
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  if (!counts.isGreen) process.exitCode = 1
}
