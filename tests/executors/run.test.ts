import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createRunExecutor, type RunExecutorOptions } from '../../src/executors/run.ts'
import { probeSandbox } from '../../src/executors/sandbox.ts'
import { type ScratchFolder, scratchFolder } from '../../src/executors/scratch-folder.ts'
import { StepFailure } from '../../src/model/failure.ts'
import type { Answer, AttemptRequest, Work } from '../../src/runtime/ports.ts'
import { systemClock } from '../../src/system/clock.ts'

const sandbox = await probeSandbox()
if (!sandbox.isWorking) console.warn(`Tests of the sandbox are skipped: ${sandbox.problem}.`)
const confinedTest = test.skipIf(!sandbox.isWorking)

type RunWork = Extract<Work, { kind: 'run' }>
const confined = createRunExecutor({ policy: { unsafeShell: false }, clock: systemClock })
const broken: Pick<RunExecutorOptions, 'probe'> = {
  probe: async () => ({ isWorking: false, problem: 'bubblewrap is not installed' }),
}
const unconfined = createRunExecutor({ policy: { unsafeShell: true }, clock: systemClock, ...broken })

function request(command: string, work: Partial<RunWork> = {}): AttemptRequest {
  return {
    runId: 'r1',
    workflow: 'w',
    stepId: 'build',
    path: 'loop/2/build',
    attempt: 3,
    key: 'k',
    limits: [],
    isCached: false,
    idempotencyKey: 'key-3',
    startedMs: 0,
    deadlineMs: 0,
    runsOn: [],
    priority: 'interactive',
    work: { kind: 'run', command, env: {}, network: false, output: { type: 'text' }, ...work },
  }
}

const controllers: AbortController[] = []
afterEach(() => {
  for (const controller of controllers.splice(0)) controller.abort()
})

function execute(command: string, work?: Partial<RunWork>, executor = confined): Promise<Answer> {
  const controller = new AbortController()
  controllers.push(controller)
  return executor.execute(request(command, work), controller.signal, () => {})
}

async function failureOf(promise: Promise<unknown>): Promise<StepFailure['failure']> {
  const error = await promise.then(
    answer => expect.fail(`succeeded with ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof StepFailure)) throw error
  return error.failure
}

confinedTest('the output of a command is what it prints, without the line break at its end', async () => {
  expect(await execute('printf "a\\n\\nb\\n"')).toEqual({ output: 'a\n\nb', raw: 'a\n\nb\n' })
  expect(await execute('printf done')).toEqual({ output: 'done' })
  expect(await execute('true')).toEqual({ output: '' })
})

confinedTest('a step that asks for JSON is given a value, or fails with what was wrong', async () => {
  const json = { output: { type: 'json' } } as const
  expect(await execute(`echo '{"a": [1]}'`, json)).toEqual({ output: { a: [1] }, raw: '{"a": [1]}\n' })
  expect(await failureOf(execute('echo nope', json))).toMatchObject({
    reason: 'InvalidOutput',
    message: expect.stringContaining('not JSON'),
    output: 'nope\n',
  })
})

confinedTest('a command that fails says how, and leaves what it printed', async () => {
  expect(await failureOf(execute('echo half; echo "no such tea" >&2; exit 3'))).toEqual({
    reason: 'CommandFailed',
    message: 'The command ended with exit code 3.\nno such tea',
    output: 'half\n\nno such tea\n',
  })
})

confinedTest('the text is streamed as it is printed', async () => {
  const parts: string[] = []
  const { signal } = new AbortController()
  await confined.execute(request('printf one; sleep 0.1; printf two >&2'), signal, text => parts.push(text))
  expect(parts).toEqual(['one', 'two'])
})

confinedTest('a value full of shell metacharacters is inert', async () => {
  const hostile = `'; touch /workspace/pwned; "$(id)" \`id\` $HOME && || | > < * ? ~ # \\ \n\t\r é雪 --help`
  expect(await execute('printf "%s" "$VALUE"; ls -A', { env: { VALUE: hostile } })).toEqual({ output: hostile })
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary-ascii', maxLength: 200 }), async value => {
      const printable = value.replaceAll('\0', '')
      const { output, raw = output } = await execute('printf "%s" "$VALUE"', { env: { VALUE: printable } })
      expect(raw).toBe(printable)
    }),
    { numRuns: 15 },
  )
})

confinedTest('a command sees the variables it was given and none of ours', async () => {
  process.env['ORCHESTRATE_TEST_SECRET'] = 'do not tell'
  const { output } = await execute('env', { env: { TOPIC: 'tea' } })
  delete process.env['ORCHESTRATE_TEST_SECRET']
  const names = String(output)
    .split('\n')
    .map(line => line.split('=')[0])
  expect(names.sort()).toEqual(
    ['HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR', 'TOPIC']
      .concat(['ATTEMPT', 'IDEMPOTENCY_KEY', 'RUN', 'STEP'].map(name => `ORCHESTRATE_${name}`))
      .sort(),
  )
  expect(output).toContain('ORCHESTRATE_IDEMPOTENCY_KEY=key-3')
})

confinedTest('a variable that steers the loader does not reach the sandbox itself', async () => {
  const { output } = await execute('printf "%s" "$LD_PRELOAD"', { env: { LD_PRELOAD: '/nowhere/evil.so' } })
  expect(output).toBe('/nowhere/evil.so')
})

confinedTest.each([
  ['write to the system', 'touch /usr/pwned'],
  ['write to the root', 'touch /pwned'],
  ['see the folders of users', 'ls /home /root'],
  ['see the shadow file', 'cat /etc/shadow'],
  ['see this repository', `ls '${process.cwd()}'`],
  ['see the processes of the machine', `grep -q "[v]itest" /proc/[0-9]*/cmdline`],
  ['mount anything', 'mount -t tmpfs none /tmp'],
])('a command cannot %s', async (_, command) => {
  expect((await failureOf(execute(command))).reason).toBe('CommandFailed')
})

confinedTest('the network is there only for a step that asks for it', async () => {
  const server = createServer((_, response) => response.end('tea'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    const command = `exec 2>&1; bash -c 'exec 3<>/dev/tcp/127.0.0.1/${(server.address() as AddressInfo).port}' && echo open`
    expect(await execute(command, { network: true })).toMatchObject({ output: 'open' })
    expect(await failureOf(execute(command))).toMatchObject({ output: expect.stringContaining('refused') })
  } finally {
    server.close()
  }
})

confinedTest('a command starts in a scratch folder of its own, which is gone afterwards', async () => {
  const paths: string[] = []
  const prepare = async (): Promise<ScratchFolder> => {
    const folder = await scratchFolder()
    paths.push(folder.path)
    return folder
  }
  const executor = createRunExecutor({ policy: { unsafeShell: false }, clock: systemClock, prepare })
  const made = await execute('echo x > file; pwd; ls; cd; pwd', {}, executor)
  expect(made).toMatchObject({ output: '/workspace\nfile\n/workspace' })
  expect(await execute('ls -A', {}, executor)).toEqual({ output: '' })
  await failureOf(execute('touch left; exit 1', {}, executor))
  expect(paths.map(path => existsSync(path))).toEqual([false, false, false])
})

confinedTest('a command may be given a folder to work on', async () => {
  await using folder = await scratchFolder()
  const given: ScratchFolder = { path: folder.path, [Symbol.asyncDispose]: async () => {} }
  const executor = createRunExecutor({ policy: { unsafeShell: false }, clock: systemClock, prepare: async () => given })
  await execute('echo made > made.txt', {}, executor)
  expect(readFileSync(join(folder.path, 'made.txt'), 'utf8')).toBe('made\n')
})

confinedTest('more than a mebibyte of output is dropped, and said so', async () => {
  const { raw } = await execute('head -c 1048586 /dev/zero | tr "\\0" x; echo late >&2')
  expect(raw).toBe(`${'x'.repeat(1024 * 1024)}\n[10 more bytes were dropped]\n`)
})

confinedTest('a command that never stops printing is stopped', async () => {
  expect(await failureOf(execute('yes'))).toMatchObject({
    reason: 'CommandFailed',
    message: 'The command was stopped: it printed more than 64 MiB.',
  })
})

test.each([
  [
    'in the sandbox',
    confined,
    'sh -c "sleep 61.5" & (setsid sleep 61.5 &) ; echo up; wait; sleep 61.5',
    !sandbox.isWorking,
  ],
  ['unconfined', unconfined, 'sh -c "sleep 61.5" & echo up; wait; sleep 61.5', false],
] as const)(
  'a command that is stopped is gone within a second, with all it started: %s',
  async (_, executor, command, isSkipped) => {
    if (isSkipped) return
    const controller = new AbortController()
    const startedMs = { value: 0 }
    const stopped = executor.execute(request(command), controller.signal, () => {
      startedMs.value = performance.now()
      controller.abort()
    })
    expect(await failureOf(stopped)).toMatchObject({ reason: 'Stopped' })
    expect(performance.now() - startedMs.value).toBeLessThan(1000)
    expect(processesNamed('sleep\u000061.5')).toEqual([])
  },
)

function processesNamed(commandLine: string): string[] {
  const ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return ids.filter(id => existsSync(`/proc/${id}/cmdline`) && commandLineOf(id).startsWith(commandLine))
}

function commandLineOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

test('what a command leaves behind does not keep its step from ending', async () => {
  expect(await execute('sleep 61.5 & echo done', {}, unconfined)).toMatchObject({ output: 'done' })
  expect(processesNamed('sleep\u000061.5')).toEqual([])
})

test('an attempt that was stopped before it began starts nothing', async () => {
  const reason = new StepFailure({ reason: 'Timeout', message: 'too late' })
  const failure = failureOf(unconfined.execute(request('echo hello'), AbortSignal.abort(reason), () => expect.fail()))
  expect(await failure).toEqual(reason.failure)
})

test('without a sandbox a command is refused, and the message says what to do', async () => {
  const strict = createRunExecutor({ policy: { unsafeShell: false }, clock: systemClock, ...broken })
  const failure = await failureOf(execute('echo hello', {}, strict))
  expect(failure.reason).toBe('CommandRefused')
  expect(failure.message).toContain('bubblewrap is not installed')
  expect(failure.message).toContain('apt install bubblewrap')
  expect(failure.message).toContain('unsafe-shell: true')
})

test('with the word of the operator a command runs unconfined, with the same explicit environment', async () => {
  process.env['ORCHESTRATE_TEST_SECRET'] = 'do not tell'
  const { output } = await execute('env; cd; pwd', { env: { TOPIC: 'tea' } }, unconfined)
  delete process.env['ORCHESTRATE_TEST_SECRET']
  expect(output).not.toContain('do not tell')
  expect(output).toContain('TOPIC=tea')
  expect(String(output).split('\n').at(-1)).toContain('orchestrate-')
})

test.each([
  ['a NUL character', { VALUE: 'a\0b' }, 'NUL'],
  ['a value the system cannot hand over', { VALUE: 'x'.repeat(140_000) }, '140000 bytes'],
  ['a name with an equals sign', { 'A=B': '' }, '"A=B"'],
] as const)('%s in the environment is refused', async (_, env, part) => {
  const failure = await failureOf(execute('echo hello', { env }, unconfined))
  expect(failure).toMatchObject({ reason: 'CommandRefused', message: expect.stringContaining(part) })
})
