// Packages that tests need in another release than we do stand in folders of their own, each with its own lockfile.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCall, SetupFailure } from './setup.js'

const installArguments = [
  ...['install', '--ignore-scripts', '--omit-lockfile-registry-resolved'],
  ...['--no-audit', '--no-fund', '--loglevel=error'],
]

/**
 * Installs what the lockfile of a folder names, into that folder alone, unless that was done already.
 *
 * @param {string} folder holds a `package.json` and a `package-lock.json`
 * @throws {SetupFailure} when npm is missing or fails
 */
export function installApart(folder) {
  const lockfile = join(folder, 'package-lock.json')
  const stamp = join(folder, 'node_modules', '.orchestrate-setup')
  const wanted = createHash('sha256').update(readFileSync(lockfile)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error(`set-up: Installing the packages of ${folder}.`)
  rmSync(stamp, { force: true })
  const { command, options } = npmCall(folder)
  const npm = spawnSync(command, installArguments, options)
  if (npm.status !== 0) {
    throw new SetupFailure(`npm install in ${folder} ended with ${npm.error?.message ?? npm.signal ?? npm.status}.`)
  }
  writeFileSync(stamp, wanted)
}
