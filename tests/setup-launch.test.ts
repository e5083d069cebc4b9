import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { countTests, type Report } from '../scripts/count-tests.js'
import { Checkout, resultOf } from './setup/checkout.ts'

const launcher = 'bin/orchestrate.js'
const countsInterrupts = `
let interrupts = 0
process.on('SIGINT', () => {
  interrupts += 1
  setTimeout(() => process.exit(129 + interrupts), 200)
})
console.log('ready')
setInterval(() => {}, 1000)
`

test('a checkout sets itself up and hands arguments, output and exit code through', async () => {
  using checkout = new Checkout()
  checkout.write(
    'src/cli/main.ts',
    'const words: string[] = process.argv.slice(2)\nconsole.log(words)\nprocess.exit(6)',
  )
  const result = await checkout.run([launcher, 'run', 'a b', '--json'])
  expect(result).toMatchObject({ code: 6, stdout: "[ 'run', 'a b', '--json' ]\n" })
  expect(result.stderr).toContain('set-up: Installed')
})

test('an interrupt reaches the command once, and its exit code comes back', async () => {
  using checkout = new Checkout()
  checkout.write('src/cli/main.ts', countsInterrupts)
  await checkout.run(['scripts/setup.js'])
  const child = checkout.start([launcher])
  child.stdout?.once('data', () => child.kill('SIGINT'))
  expect(await resultOf(child)).toMatchObject({ code: 130, signal: null })
})

test.runIf(process.platform === 'linux')('Ctrl-C in a terminal reaches the command once', async () => {
  using checkout = new Checkout()
  checkout.write('src/cli/main.ts', countsInterrupts)
  await checkout.run(['scripts/setup.js'])
  // Every Linux has `script`, which opens a terminal and types into it what it reads.
  const terminal = spawn('script', ['-qefc', `"${process.execPath}" ${launcher}`, '/dev/null'], { cwd: checkout.root })
  terminal.stdout.once('data', () => terminal.stdin.write('\x03'))
  expect((await resultOf(terminal)).code).toBe(130)
})

test('a command that a signal killed is reported as killed by it', async () => {
  using checkout = new Checkout()
  checkout.write('src/cli/main.ts', "console.log('ready')\nsetInterval(() => {}, 1000)")
  await checkout.run(['scripts/setup.js'])
  const child = checkout.start([launcher])
  child.stdout?.once('data', () => child.kill('SIGTERM'))
  expect(await resultOf(child)).toMatchObject({ code: null, signal: 'SIGTERM' })
})

test('a checkout that cannot be set up says so and starts nothing', async () => {
  using checkout = new Checkout('#!/bin/sh\nexit 1\n')
  checkout.write('src/cli/main.ts', "console.log('started')")
  const result = await checkout.run([launcher])
  expect(result).toMatchObject({ code: 1, stdout: '' })
  expect(result.stderr).toContain('orchestrate: Node 24, which a checkout runs on, is not ready.')
})

test('the published package runs on the Node that started it and installs nothing', async () => {
  using checkout = new Checkout('#!/bin/sh\nexit 1\n')
  checkout.write('dist/cli/main.js', 'console.log(process.execPath, ...process.argv.slice(2))\nprocess.exit(3)')
  const result = await checkout.run([launcher, 'doctor'])
  expect(result).toEqual({ code: 3, signal: null, stdout: `${process.execPath} doctor\n`, stderr: '' })
})

test('a package without its build says that it is incomplete', async () => {
  using checkout = new Checkout()
  const result = await checkout.run([launcher])
  expect(result).toMatchObject({ code: 1, stdout: '' })
  expect(result.stderr).toContain(`${join('dist', 'cli', 'main.js')} is missing`)
})

const file = (...statuses: string[]): Report['testResults'][number] => ({
  name: 'a.test.ts',
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map((status, index) => ({ fullName: `test ${index}`, status })),
})

test.each<[string, Report, object]>([
  [
    'tests that pass are green',
    { success: true, testResults: [file('passed', 'passed')] },
    { passed: 2, isGreen: true },
  ],
  ['a failure is not', { success: false, testResults: [file('passed', 'failed')] }, { failed: 1, isGreen: false }],
  [
    'a skip is not',
    { success: true, testResults: [file('passed', 'skipped')] },
    { skipped: ['test 1'], isGreen: false },
  ],
  ['a todo is not', { success: true, testResults: [file('passed', 'todo')] }, { skipped: ['test 1'], isGreen: false }],
  ['a run without tests is not', { success: true, testResults: [] }, { passed: 0, isGreen: false }],
  [
    'an error outside of all tests is not',
    { success: false, testResults: [file('passed')] },
    { failed: 0, isGreen: false },
  ],
  [
    'a file that cannot be loaded counts as a failure',
    { success: false, testResults: [file('passed'), { ...file(), status: 'failed' }] },
    { passed: 1, failed: 1, unloaded: ['a.test.ts'], isGreen: false },
  ],
])('in the count of a run, %s', (_name, report, counts) => {
  expect(countTests(report)).toMatchObject(counts)
})
