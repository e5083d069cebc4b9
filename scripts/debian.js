import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const waitMs = 120_000

/** Whether this is a Debian whose packages can be installed by the person who asks: by root. */
export const isDebian = existsSync('/etc/debian_version') && isOnPath('apt-get')
export const isRoot = process.getuid?.() === 0

/**
 * Installs a package of Debian; false when that did not work.
 *
 * @param {string} name
 */
export function installPackage(name) {
  return aptGet('install', name) || (aptGet('update') && aptGet('install', name))
}

/** @param {string} program */
export function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
}

/** @param {string[]} words */
function aptGet(...words) {
  const options = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60']
  const { status } = spawnSync('apt-get', [...options, ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
    timeout: waitMs,
  })
  return status === 0
}
