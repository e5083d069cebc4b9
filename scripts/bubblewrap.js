import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const waitMs = 120_000

/**
 * Brings bubblewrap, the sandbox of commands, where that is possible: on Debian, as root. Never fails, since everything
 * but sandboxed commands works without it; tried or told once an installation, so that later starts are quick and quiet.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 */
export function installBubblewrap(root, say) {
  const marker = join(root, 'node_modules', '.orchestrate-bubblewrap')
  if (process.platform !== 'linux' || isOnPath('bwrap') || existsSync(marker)) return
  writeFileSync(marker, '')
  const isDebian = existsSync('/etc/debian_version') && isOnPath('apt-get')
  if (!isDebian || process.getuid?.() !== 0) {
    say(
      `bubblewrap (bwrap) is missing: steps that run commands need it. ${isDebian ? 'Run as root: apt-get install bubblewrap' : 'Install it with your package manager.'}`,
    )
    return
  }
  say('Installing bubblewrap with apt-get, for steps that run commands.')
  if (aptGet('install', 'bubblewrap') || (aptGet('update') && aptGet('install', 'bubblewrap'))) return
  say('bubblewrap could not be installed; steps that run commands will be refused until it is.')
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

/** @param {string} program */
function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
}
