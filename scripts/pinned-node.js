import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The Node that the package `node` brings: everything but set-up runs on it.
 *
 * @param {string} root
 */
export function pinnedNode(root) {
  return join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/**
 * True when the pinned Node is there. Says nothing about whether it runs: that costs 40 ms to find out.
 *
 * @param {string} root
 */
export function hasPinnedNode(root) {
  return existsSync(pinnedNode(root))
}

/**
 * What the pinned Node calls itself, as in `v24.21.0`; undefined when it does not run on this machine.
 *
 * @param {string} root
 */
export function pinnedNodeVersion(root) {
  const { status, stdout } = spawnSync(pinnedNode(root), ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
