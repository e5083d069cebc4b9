import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { GitFailure } from './git-failure.ts'
import { startGit } from './git-process.ts'
import type { Location } from './location.ts'

export interface ObjectInfo {
  readonly id: string
  readonly type: string
  readonly sizeBytes: number
}

export interface GitObject extends ObjectInfo {
  readonly contents: Buffer
}

/** Reads objects by id through one long-lived process, which is started on the first use and again when it is lost. */
export interface ObjectReader {
  /** Undefined when there is no such object. */
  read(id: string): Promise<GitObject | undefined>
  /** Type and size alone. */
  inspect(id: string): Promise<ObjectInfo | undefined>
  /** Ends the process; a later read starts another. */
  close(): Promise<void>
}

interface Request {
  readonly id: string
  readonly withContents: boolean
  hasBeenRetried: boolean
  resolve(object: GitObject | undefined): void
  reject(failure: Error): void
}

// An id is one word of a line protocol; anything but hexadecimal digits could smuggle in a second command.
const objectId = /^[0-9a-f]{40,64}$/

const noContents = Buffer.alloc(0)

/** Opens the object reader of a repository. */
export function openObjectReader(location: Location): ObjectReader {
  let reading: Reading | undefined
  let isFlushDue = false

  function send(request: Request): void {
    reading ??= startReading(location, lost)
    reading.pending.push(request)
    reading.child.stdin?.write(`${request.withContents ? 'contents' : 'info'} ${request.id}\n`)
    if (isFlushDue) return
    isFlushDue = true
    // Requests made in the same turn share one flush, so that many small objects come in one write.
    queueMicrotask(() => {
      isFlushDue = false
      reading?.child.stdin?.write('flush\n')
    })
  }

  function lost(gone: Reading, cause: Error): void {
    if (reading === gone) reading = undefined
    for (const request of gone.pending.splice(0)) {
      if (request.hasBeenRetried) request.reject(cause)
      else send(Object.assign(request, { hasBeenRetried: true }))
    }
  }

  function ask(id: string, withContents: boolean): Promise<GitObject | undefined> {
    if (!objectId.test(id)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => send({ id, withContents, hasBeenRetried: false, resolve, reject }))
  }

  return {
    read: id => ask(id, true),
    inspect: id => ask(id, false),
    close: async () => {
      const closing = reading
      reading = undefined
      if (closing) await endReading(closing)
    },
  }
}

interface Reading {
  readonly child: ChildProcess
  readonly pending: Request[]
}

function startReading(location: Location, lost: (gone: Reading, cause: Error) => void): Reading {
  const child = startGit(['--git-dir', location.gitDir, 'cat-file', '--batch-command', '--buffer'], {
    cwd: location.gitDir,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const reading: Reading = { child, pending: [] }
  const parse = answerParser(reading.pending)
  child.stdout?.on('data', parse)
  child.stdin?.on('error', () => {})
  const fail = (cause?: unknown) =>
    lost(reading, new GitFailure('ProcessLost', 'The git process that reads objects has ended.', { cause }))
  child.once('error', fail)
  child.once('close', () => fail())
  return reading
}

async function endReading({ child }: Reading): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.stdin?.end()
  await closed
}

/** Cuts the output into answers: `<id> <type> <size>\n`, for contents the bytes and a line end, or `<id> missing\n`. */
function answerParser(pending: Request[]): (chunk: Buffer) => void {
  let received: Buffer[] = []
  let receivedBytes = 0
  let neededBytes = 0

  return chunk => {
    received.push(chunk)
    receivedBytes += chunk.length
    if (receivedBytes < neededBytes) return
    let rest = Buffer.concat(received)
    neededBytes = 0
    for (let request = pending[0]; request && rest.length > 0; request = pending[0]) {
      const answer = takeAnswer(rest, request)
      if ('neededBytes' in answer) {
        neededBytes = answer.neededBytes
        break
      }
      pending.shift()
      rest = rest.subarray(answer.usedBytes)
      request.resolve(answer.object)
    }
    received = [rest]
    receivedBytes = rest.length
  }
}

type Taken = { readonly usedBytes: number; readonly object: GitObject | undefined } | { readonly neededBytes: number }

function takeAnswer(bytes: Buffer, request: Request): Taken {
  const headEnd = bytes.indexOf(10)
  if (headEnd === -1) return { neededBytes: bytes.length + 1 }
  const [id = '', type = '', size] = bytes.toString('latin1', 0, headEnd).split(' ')
  if (size === undefined) return { usedBytes: headEnd + 1, object: undefined }
  const sizeBytes = Number(size)
  if (!request.withContents) return { usedBytes: headEnd + 1, object: { id, type, sizeBytes, contents: noContents } }
  const end = headEnd + 1 + sizeBytes
  if (bytes.length <= end) return { neededBytes: end + 1 }
  // A copy, so that a small object does not keep a large chunk alive.
  return {
    usedBytes: end + 1,
    object: { id, type, sizeBytes, contents: Buffer.from(bytes.subarray(headEnd + 1, end)) },
  }
}
