// The receiver of the older inspector protocol needs XState 4, beside our XState 5: it has an installation of its own.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { npmEnvironment } from './setup.js'

const installArguments = ['install', '--omit-lockfile-registry-resolved', '--no-audit', '--no-fund', '--loglevel=error']

/**
 * Installs what `tests/inspect-v4` names, unless it is there.
 *
 * @param {string} root the checkout
 */
export function installLegacyInspector(root) {
  const folder = join(root, 'tests', 'inspect-v4')
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return
  console.error('set-up: installing the XState 4 inspector, which ours is tested with.')
  const isWindows = process.platform === 'win32'
  execFileSync(isWindows ? 'npm.cmd' : 'npm', installArguments, {
    cwd: folder,
    env: npmEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: isWindows,
  })
}
