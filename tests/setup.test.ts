import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { npmEnvironment } from '../scripts/setup.js'
import { Checkout } from './setup/checkout.ts'

const setup = ['scripts/setup.js']

test('a checkout is installed once, in full, and nothing is said on standard output', async () => {
  using checkout = new Checkout()
  const first = await checkout.run(setup)
  const second = await checkout.run(setup)
  expect(first).toMatchObject({ code: 0, stdout: '' })
  expect(first.stderr).toMatch(/^set-up: Installing packages.*\nset-up: Installed, with Node v24\.\S+, in \d+ s\.\n$/)
  expect(second).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  expect(checkout.read('npm-calls')).toBe('install --no-save --include=dev --ignore-scripts=false --loglevel=error\n')
})

test('another lockfile is installed again, without deleting what is sound', async () => {
  using checkout = new Checkout()
  await checkout.run(setup)
  checkout.write('node_modules/kept/package.json', '{}')
  checkout.write('package-lock.json', '{ "lockfileVersion": 3, "packages": {} }')
  expect((await checkout.run(setup)).code).toBe(0)
  expect(checkout.installations).toBe(2)
  expect(existsSync(join(checkout.root, 'node_modules/kept'))).toBe(true)
})

test.each(['.package-lock.json', 'node/bin/node'])(
  'packages that lost %s are deleted and installed anew',
  async lost => {
    using checkout = new Checkout()
    await checkout.run(setup)
    checkout.write('node_modules/half/package.json', '{}')
    rmSync(join(checkout.root, 'node_modules', lost))
    rmSync(join(checkout.root, 'node_modules/.orchestrate-setup'))
    const { stderr, code } = await checkout.run(setup)
    expect(code).toBe(0)
    expect(stderr).toContain('incomplete: deleting them')
    expect(existsSync(join(checkout.root, 'node_modules/half'))).toBe(false)
  },
)

test('an npm that fails is reported with what to do, and tried again next time', async () => {
  using checkout = new Checkout('#!/bin/sh\necho "no such host" >&2\nexit 7\n')
  for (const _attempt of [1, 2]) {
    const { code, stderr } = await checkout.run(setup)
    expect(code).toBe(1)
    expect(stderr).toContain('no such host')
    expect(stderr).toContain('set-up: npm install ended with exit code 7.')
    expect(stderr).toContain('check the network')
  }
})

test('a missing npm is reported with what to do', async () => {
  using checkout = new Checkout()
  const { code, stderr } = await checkout.run(setup, { PATH: join(checkout.root, 'nothing') })
  expect(code).toBe(1)
  expect(stderr).toContain('Install Node 20 or newer together with npm.')
})

test.each([
  ['is another version', 'is v18.0.0, not Node 24', 'printf "#!/bin/sh\\necho v18.0.0\\n"'],
  ['does not run', 'does not run', 'printf "#!/bin/sh\\nexit 1\\n"'],
])('a Node that %s after the installation is reported', async (_name, message, script) => {
  using checkout = new Checkout(
    `#!/bin/sh\nmkdir -p node_modules/node/bin\n${script} > node_modules/node/bin/node\nchmod +x node_modules/node/bin/node\n`,
  )
  const { code, stderr } = await checkout.run(setup)
  expect(code).toBe(1)
  expect(stderr).toContain(message)
})

test('of several set-ups at once, one installs and the others wait for it', async () => {
  using checkout = new Checkout()
  const results = await Promise.all([1, 2, 3, 4].map(() => checkout.run(setup)))
  expect(results.map(result => result.code)).toEqual([0, 0, 0, 0])
  expect(checkout.installations).toBe(1)
  expect(readdirSync(checkout.root).filter(name => name.startsWith('.setup-lock'))).toEqual([])
})

test('a lock that goes from hand to hand is never in two hands, and never half there', async () => {
  using checkout = new Checkout()
  checkout.write(
    'turns.js',
    `import { rmdirSync, mkdirSync } from 'node:fs'
     import { takeSetupLock } from './scripts/setup-lock.js'
     for (let turn = 0; turn < 100; turn++) {
       const release = await takeSetupLock('.', () => {})
       mkdirSync('alone')
       rmdirSync('alone')
       release()
     }`,
  )
  const results = await Promise.all([1, 2, 3, 4].map(() => checkout.run(['turns.js'])))
  const silent = { code: 0, signal: null, stdout: '', stderr: '' }
  expect(results).toEqual([silent, silent, silent, silent])
  expect(readdirSync(checkout.root).filter(name => name.startsWith('.setup-lock'))).toEqual([])
})

test('the lock of a set-up that was killed is taken over', async () => {
  using checkout = new Checkout()
  mkdirSync(join(checkout.root, '.setup-lock'))
  // No process has this number: it is above what Linux and macOS give out.
  checkout.write('.setup-lock/owner', `99999999 ${hostname()}`)
  const { code, stderr } = await checkout.run(setup)
  expect(code).toBe(0)
  expect(stderr).toContain('interrupted: taking over')
  expect(checkout.installations).toBe(1)
})

test('npm runs on a Node that the installation does not replace', () => {
  const path = ['/checkout/node_modules/.bin', '/usr/bin', '/checkout/node_modules/node/bin', '/bin'].join(delimiter)
  expect(npmEnvironment({ PATH: path, HOME: '/home/me' })).toEqual({
    PATH: ['/usr/bin', '/bin'].join(delimiter),
    HOME: '/home/me',
  })
})
