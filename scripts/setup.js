// Makes a checkout ready to run. Plain JavaScript for any Node from 20 on: it is what brings the Node the rest runs on.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installBubblewrap } from './bubblewrap.js'
import { buildPage, isBuilt } from './build-page.js'
import { hasPinnedNode, pinnedNodeVersion } from './pinned-node.js'
import { takeSetupLock } from './setup-lock.js'

const installArguments = ['install', '--no-save', '--include=dev', '--ignore-scripts=false', '--loglevel=error']

/** A set-up that could not be finished; the message says what failed and what to do. */
export class SetupFailure extends Error {
  /** @override */
  name = 'SetupFailure'
}

/**
 * Installs what the lockfile names and builds the web page, unless that was done already. Safe to call from several processes at once.
 *
 * @param {string} root the checkout
 * @param {(line: string) => void} [say] hears what is done, one line each
 * @throws {SetupFailure} when npm is missing or fails
 */
export async function setUp(root, say = line => console.error(`set-up: ${line}`)) {
  if (!isInstalled(root) || !isBuilt(root)) {
    const release = await takeSetupLock(root, say)
    try {
      // Whoever held the lock before us may have done it all.
      if (!isInstalled(root)) await install(root, say)
      buildPage(root, say)
    } finally {
      release()
    }
  }
  installBubblewrap(root, say)
}

/**
 * True when the packages belong to the present lockfile and brought their Node.
 *
 * @param {string} root
 */
export function isInstalled(root) {
  return hasPinnedNode(root) && readText(stampFile(root)) === lockfileHash(root)
}

/**
 * The environment for npm: without the folders of installed packages on its path, since npm would otherwise run on the
 * very Node that it is about to replace.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment(environment) {
  const pathName = Object.keys(environment).find(name => name.toUpperCase() === 'PATH') ?? 'PATH'
  const folders = (environment[pathName] ?? '').split(delimiter)
  const isOutside = (/** @type {string} */ folder) => !folder.split(sep).includes('node_modules')
  return { ...environment, [pathName]: folders.filter(isOutside).join(delimiter) }
}

/**
 * @param {string} root
 * @param {(line: string) => void} say
 */
async function install(root, say) {
  const packages = join(root, 'node_modules')
  if (isBroken(root)) {
    say('The installed packages are incomplete: deleting them.')
    rmSync(packages, { recursive: true, force: true, maxRetries: 3 })
  }
  rmSync(stampFile(root), { force: true })
  say('Installing packages with npm; the first time takes about a minute.')
  const started = performance.now()
  await runNpm(root)
  const version = pinnedNodeVersion(root)
  if (!version?.startsWith('v24.')) {
    throw new SetupFailure(
      `npm succeeded, but node_modules/node/bin/node ${version ? `is ${version}, not Node 24` : 'does not run'}. ` +
        'Delete node_modules and try again; if that does not help, your platform may have no build of Node 24.',
    )
  }
  writeFileSync(stampFile(root), lockfileHash(root))
  say(`Installed, with Node ${version}, in ${Math.round((performance.now() - started) / 1000)} s.`)
}

/**
 * npm writes its own list of packages last, so a folder without one is an installation that was interrupted.
 *
 * @param {string} root
 */
function isBroken(root) {
  if (!existsSync(join(root, 'node_modules'))) return false
  return !existsSync(join(root, 'node_modules', '.package-lock.json')) || pinnedNodeVersion(root) === undefined
}

/**
 * How npm is called in a folder.
 *
 * @param {string} folder
 * @returns {{ command: string, options: { cwd: string, env: NodeJS.ProcessEnv, stdio: ['ignore', 'ignore', 'inherit'], shell: boolean } }}
 */
export function npmCall(folder) {
  const isWindows = process.platform === 'win32'
  return {
    command: isWindows ? 'npm.cmd' : 'npm',
    options: {
      cwd: folder,
      env: npmEnvironment(process.env),
      // npm reports on standard output, which belongs to whatever is started afterwards.
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: isWindows,
    },
  }
}

/**
 * @param {string} root
 * @returns {Promise<void>}
 */
function runNpm(root) {
  const { command, options } = npmCall(root)
  const npm = spawn(command, installArguments, options)
  return new Promise((succeed, fail) => {
    npm.once('error', error =>
      fail(
        new SetupFailure(`npm could not be started (${error.message}). Install Node 20 or newer together with npm.`),
      ),
    )
    npm.once('exit', (code, signal) => {
      if (code === 0) return succeed()
      fail(
        new SetupFailure(
          `npm install ended with ${signal ?? `exit code ${code}`}. ` +
            'Its own words are above; check the network and the registry (npm config get registry), then try again.',
        ),
      )
    })
  })
}

/** @param {string} root */
function stampFile(root) {
  return join(root, 'node_modules', '.orchestrate-setup')
}

/** @param {string} root */
function lockfileHash(root) {
  return createHash('sha256')
    .update(readText(join(root, 'package-lock.json')) ?? '')
    .digest('hex')
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await setUp(fileURLToPath(new URL('..', import.meta.url))).catch(error => {
    if (!(error instanceof SetupFailure)) throw error
    console.error(`set-up: ${error.message}`)
    process.exitCode = 1
  })
}
