import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPackage, isDebian, isOnPath, isRoot } from './debian.js'

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
  if (!isDebian || !isRoot) {
    say(
      `bubblewrap (bwrap) is missing: steps that run commands need it. ${isDebian ? 'Run as root: apt-get install bubblewrap' : 'Install it with your package manager.'}`,
    )
    return
  }
  say('Installing bubblewrap with apt-get, for steps that run commands.')
  if (installPackage('bubblewrap')) return
  say('bubblewrap could not be installed; steps that run commands will be refused until it is.')
}
