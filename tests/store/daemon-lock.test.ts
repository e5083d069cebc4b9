import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireDaemonLock, DaemonRunning, findDaemon } from '../../src/store/daemon-lock.ts'

let stateDir: string
let children: ChildProcess[] = []

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'orchestrate-lock-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(stateDir, { recursive: true })
})

const info = { pid: process.pid, version: '1.0.0', url: 'http://127.0.0.1:8000' }
const lockModule = join(import.meta.dirname, '../../src/store/daemon-lock.ts')

/** Another process that takes the lock and keeps it; its first word is `held` or `refused`. */
async function startHolder(): Promise<{ child: ChildProcess; word: string }> {
  const script = `
    const { acquireDaemonLock } = await import(${JSON.stringify(lockModule)})
    try {
      globalThis.lock = acquireDaemonLock(process.argv[1], { pid: process.pid, version: '1.0.0', url: 'http://x' })
      console.log('held')
    } catch (error) {
      console.log(error.name === 'DaemonRunning' ? 'refused' : error.stack)
    }
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const word = await new Promise<string>(resolve => child.stdout?.once('data', data => resolve(String(data).trim())))
  return { child, word }
}

test('a second daemon is refused with the process of the first', () => {
  using _lock = acquireDaemonLock(stateDir, info)
  expect(() => acquireDaemonLock(stateDir, { ...info, pid: 1 })).toThrow(DaemonRunning)
  expect(() => acquireDaemonLock(stateDir, { ...info, pid: 1 })).toThrow(`process ${process.pid}`)
  expect(findDaemon(stateDir)).toEqual(info)
})

test('what a daemon announces is seen by others, and gone when it stops', () => {
  const lock = acquireDaemonLock(stateDir, info)
  lock.announce({ ...info, url: 'http://127.0.0.1:8123' })
  expect(findDaemon(stateDir)?.url).toBe('http://127.0.0.1:8123')
  expect(statSync(join(stateDir, 'daemon.json')).mode & 0o777).toBe(0o600)
  lock[Symbol.dispose]()
  lock[Symbol.dispose]()
  expect(existsSync(join(stateDir, 'daemon.json'))).toBe(false)
  acquireDaemonLock(stateDir, info)[Symbol.dispose]()
})

test('the lock of a process that was killed is free, whatever its file says', async () => {
  const { child, word } = await startHolder()
  expect(word).toBe('held')
  expect(() => acquireDaemonLock(stateDir, info)).toThrow(`process ${child.pid}`)
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('close', resolve))
  expect(JSON.parse(readFileSync(join(stateDir, 'daemon.json'), 'utf8'))).toMatchObject({ pid: child.pid })
  expect(findDaemon(stateDir)).toBeUndefined()
  using _lock = acquireDaemonLock(stateDir, info)
  expect(findDaemon(stateDir)).toEqual(info)
})

test('of several daemons that start at once, one gets the workspace', async () => {
  const holders = await Promise.all([1, 2, 3, 4].map(startHolder))
  expect(holders.map(({ word }) => word).sort()).toEqual(['held', 'refused', 'refused', 'refused'])
})

test('a file that is no description of a daemon is taken for none', () => {
  writeFileSync(join(stateDir, 'daemon.json'), '{"pid":')
  expect(findDaemon(stateDir)).toBeUndefined()
  acquireDaemonLock(stateDir, info)[Symbol.dispose]()
})
