import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const everything = '*\n'

/** Whether a state folder, which lies inside the work tree, keeps itself out of git. */
export function ignoresItself(stateDir: string): boolean {
  const path = join(stateDir, '.gitignore')
  return existsSync(path) && readFileSync(path, 'utf8') === everything
}

/** The path of a file in the state folder; folder and file are made if need be, and are the owner's alone. */
export function prepareStateFile(stateDir: string, name: string): string {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  chmodSync(stateDir, 0o700)
  if (!ignoresItself(stateDir)) writeFileSync(join(stateDir, '.gitignore'), everything)
  const path = join(stateDir, name)
  // Made before SQLite does, which gives its companion files the same mode.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  return path
}
