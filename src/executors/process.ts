import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../runtime/ports.ts'

/** A process to be started, everything explicit. */
export interface ProcessRequest {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  /** Text the process finds on descriptor 3. */
  readonly extraInput?: string
}

/** How a process ended: an exit code, or the name of the signal that killed it. */
export interface ProcessResult {
  readonly exit: number | string
  readonly stdout: string
  readonly stderr: string
  /** True when it was stopped because it would not stop printing. */
  readonly hasFlooded: boolean
}

/** Text beyond this is dropped and counted. */
const keptBytes = 1024 * 1024

/** Nobody prints this much for a reader: a process that does is stopped before it keeps the machine busy. */
const floodBytes = 64 * 1024 * 1024

/** How long output may still arrive after the process is gone, in milliseconds. */
const drainMs = 250

/**
 * Runs a process to its end, killed as a group when the signal aborts. Throws the error of a process that cannot start.
 *
 * `onText` hears standard output and standard error as they come, up to what is kept.
 */
export async function runProcess(
  request: ProcessRequest,
  signal: AbortSignal,
  clock: Clock,
  onText: (text: string) => void,
): Promise<ProcessResult> {
  const child = spawn(request.file, request.args, {
    cwd: request.folder,
    env: { ...request.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const kill = (): void => killGroup(child)
  signal.addEventListener('abort', kill, { once: true })
  let hasFlooded = false
  const onFlood = (): void => {
    hasFlooded = true
    kill()
  }
  const [, standardOut, standardError, extra] = child.stdio
  const stdout = capture(standardOut as Readable, onText, onFlood)
  const stderr = capture(standardError as Readable, onText, onFlood)
  giveInput(extra as Writable, request.extraInput ?? '')
  try {
    if (signal.aborted) kill()
    const exit = await ended(child, clock)
    return { exit, stdout: stdout(), stderr: stderr(), hasFlooded }
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

/** Waits until the process is gone and its output read; what it left running in its group is killed. */
function ended(child: ChildProcess, clock: Clock): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signalName) => {
      killGroup(child)
      const settle = (): void => resolve(code ?? signalName ?? 'unknown')
      // A process that left the group may hold the pipes open for ever.
      const forget = clock.at(clock.now() + drainMs, () => {
        for (const stream of child.stdio) stream?.destroy()
        settle()
      })
      child.once('close', () => {
        forget()
        settle()
      })
    })
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

/** Collects a stream; the function that is returned gives the text so far, and says at its end what was dropped. */
function capture(stream: Readable, onText: (text: string) => void, onFlood: () => void): () => string {
  const decoder = new TextDecoder()
  let text = ''
  let kept = 0
  let total = 0
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    total += chunk.length
    if (total > floodBytes) onFlood()
    const part = decoder.decode(chunk.subarray(0, keptBytes - kept), { stream: true })
    kept = Math.min(total, keptBytes)
    if (part === '') return
    text += part
    onText(part)
  })
  return () => (total > kept ? `${text}\n[${total - kept} more bytes were dropped]\n` : text + decoder.decode())
}

function giveInput(stream: Writable, text: string): void {
  // A process that ends without reading is no fault of ours: its exit tells.
  stream.on('error', () => {})
  stream.end(text)
}
