import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

type Line = Record<string, unknown> & { readonly msg?: string }

/** A real `orchestrate up` in a process of its own. */
export interface DaemonProcess extends AsyncDisposable {
  readonly pid: number
  readonly url: string
  readonly lines: readonly Line[]
  /** Resolves when so many traces have been committed since the start. */
  settledRuns(count: number): Promise<void>
  /** Resolves with the first log line, past or to come, of a message that passes a test. */
  line(message: string, test?: (line: Line) => boolean): Promise<Line>
  /** Ends the process by a signal, waits until it is gone, and answers with its exit code. */
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** The words that run an `orchestrate` command on this Node. */
export function command(...words: readonly string[]): readonly [string, readonly string[]] {
  return [process.execPath, [main, ...words]]
}

/** What a caller of the daemon of a workspace has to send. */
export function authorization(root: string): { readonly authorization: string } {
  const { token } = JSON.parse(readFileSync(join(root, '.orchestrate/daemon.json'), 'utf8')) as { token: string }
  return { authorization: `Bearer ${token}` }
}

/** Starts the daemon over a folder and waits until it watches. */
export async function startDaemon(root: string, words: readonly string[] = []): Promise<DaemonProcess> {
  const { ready, ...daemon } = launchDaemon(root, words)
  return { ...daemon, url: await ready }
}

/** A daemon that may not watch yet: `ready` resolves with its URL when it does, and rejects when it ends before. */
export interface StartingDaemon extends Omit<DaemonProcess, 'url'> {
  readonly ready: Promise<string>
}

/** Starts the daemon over a folder, by another command if need be, and waits for nothing. */
export function launchDaemon(root: string, words: readonly string[] = [], by: readonly string[] = []): StartingDaemon {
  const [node, own] = command('up', '--port', '0', ...words)
  const [file = node, ...args] = [...by, node, ...own]
  const env = { ...process.env, ORCHESTRATE_LOG: 'info', XDG_CONFIG_HOME: root, OPENAI_API_KEY: '' }
  const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log = readLog(child)
  const ready = log.line('orchestrate is watching; Ctrl-C stops it').then(({ url }) => String(url))
  // Who does not wait for it need not hear that it never came.
  ready.catch(() => undefined)
  const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
    return child.exitCode
  }
  return {
    pid: child.pid ?? 0,
    ready,
    lines: log.lines,
    line: log.line,
    settledRuns: count => log.count('trace committed', count),
    kill,
    [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')),
  }
}

function readLog(child: ChildProcess) {
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  if (!child.stderr) throw new Error('the daemon has no standard error')
  const wake = (): void => waiting.forEach(look => look())
  createInterface({ input: child.stderr }).on('line', text => {
    lines.push(text.startsWith('{') ? (JSON.parse(text) as Line) : { text })
    wake()
  })
  child.on('exit', wake)
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look()
        if (found !== undefined) resolve(found)
        else if (child.exitCode === null && child.signalCode === null) return
        else reject(new Error(`the daemon ended: ${JSON.stringify(lines.slice(-5))}`))
        waiting.delete(check)
      }
      waiting.add(check)
      check()
    })
  return {
    lines,
    line: (message: string, test: (line: Line) => boolean = () => true) =>
      until(() => lines.find(line => line.msg === message && test(line))),
    count: (message: string, count: number) =>
      until(() => (lines.filter(line => line.msg === message).length >= count ? true : undefined)).then(
        () => undefined,
      ),
  }
}
