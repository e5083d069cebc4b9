import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The path of a file in the state folder; folder and file are made if need be, and are the owner's alone. */
export function prepareStateFile(stateDir: string, name: string): string {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  chmodSync(stateDir, 0o700)
  // The folder lies inside the work tree and keeps itself out of git.
  writeFileSync(join(stateDir, '.gitignore'), '*\n')
  const path = join(stateDir, name)
  // Made before SQLite does, which gives its companion files the same mode.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  return path
}
