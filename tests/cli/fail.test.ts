import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { explain } from '../../src/cli/fail.ts'
import { InvalidFiles, UsageError } from '../../src/model/usage-error.ts'
import { GitFailure } from '../../src/git/git-failure.ts'
import { DaemonRunning } from '../../src/store/daemon-lock.ts'
import { JournalUnavailable } from '../../src/runtime/journal-unavailable.ts'
import { JournalTooNew } from '../../src/store/journal-error.ts'

const span = { path: 'workflows/a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2, offset: 0, endOffset: 1 }
const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

test.each([
  [new UsageError('There is no run x.', '`orchestrate runs` lists them all.'), 2],
  [new UsageError('No daemon serves this workspace.', 'Start one.', 5), 5],
  [new GitFailure('UnknownRevision', 'The repository has no revision "x".'), 2],
  [new DaemonRunning({ pid: 7, version: '1', url: 'http://127.0.0.1:8000' }), 2],
  [new JournalUnavailable(new Error('database or disk is full')), 1],
  [new JournalTooNew(3, 9), 2],
  [full, 1],
])('%s is told in a line and a hint', (error, exitCode) => {
  const told = explain(error)
  expect(told.exitCode).toBe(exitCode)
  expect(told.text).toMatch(/^error: [^\n]+\.\nhint: [^\n]+\n$/)
})

test('several mistakes are several errors, with one hint', () => {
  const error = new UsageError(
    'Input "a" has no value.\nInput "b" has no value.',
    'Inputs are given with -i name=value.',
  )
  expect(explain(error).text).toBe(
    'error: Input "a" has no value.\nerror: Input "b" has no value.\nhint: Inputs are given with -i name=value.\n',
  )
})

test('git says what to try by itself', () => {
  const failure = new GitFailure('NotARepository', '/x is not in a git repository. Run `git init` there first.')
  expect(explain(failure).text).toBe('error: /x is not in a git repository. Run `git init` there first.\n')
})

test('a daemon that runs is named by process and address', () => {
  expect(explain(new DaemonRunning({ pid: 7, version: '1', url: 'http://127.0.0.1:8000' })).text).toContain(
    'process 7, http://127.0.0.1:8000',
  )
})

test('invalid files are told as their diagnostics', () => {
  const diagnostic = { code: 'CYCLE', severity: 'error' as const, message: 'A circle.', span }
  const { text, exitCode } = explain(new InvalidFiles([diagnostic], new Map([[span.path, 'steps:']])))
  expect(text).toContain('workflows/a.yaml:1:1 error[CYCLE] A circle.\n\n  1 | steps:\n    | ^')
  expect(exitCode).toBe(2)
})

test('anything else is a bug, told without its stack', () => {
  const { text, exitCode } = explain(new TypeError('x is undefined'))
  expect(exitCode).toBe(70)
  expect(text).toMatch(/^error: This is a bug in Orchestrate: TypeError: x is undefined\nhint: Please report it/)
  expect(text).not.toContain('    at ')
})

test('what an error quotes cannot move the cursor', () => {
  expect(explain(new UsageError('There is no run \u001b[2J.')).text).toContain('\\u{1b}[2J')
})

test.each([
  ['succeeded', 0],
  ['running', 0],
  ['failed', 1],
  ['cancelled', 3],
] as const)('a run that has %s gives exit code %d', (phase, code) => {
  expect(exitCodeOf({ phase, startedMs: 0 }, {})).toBe(code)
})

test('a run that its own time limit has ended gives exit code 6, one whose step took too long gives 1', () => {
  const late = { phase: 'failed', startedMs: 0, error: { step: 'a', reason: 'Timeout', message: '' } } as const
  expect(exitCodeOf({ ...late, endedMs: 5000 }, { limits: { timeMs: 5000 } })).toBe(6)
  expect(exitCodeOf({ ...late, endedMs: 4999 }, { limits: { timeMs: 5000 } })).toBe(1)
  expect(exitCodeOf({ ...late, endedMs: 5000 }, {})).toBe(1)
})
