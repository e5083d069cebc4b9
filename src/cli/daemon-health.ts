import { z } from 'zod'
import type { DaemonInfo } from '../store/daemon-lock.ts'
import { visibleText } from '../model/visible-text.ts'
import { type Paint, paintFor } from './paint.ts'
import { daemonOf } from './ask-daemon.ts'

/** A daemon that does not answer in this time is busy with something else, in milliseconds. */
const patienceMs = 2000

const Health = z.object({ reasons: z.array(z.string()) })

/** What a daemon says is wrong with it, a sentence each; that it does not answer is one. */
export async function healthReasons({ pid, url }: DaemonInfo): Promise<readonly string[]> {
  // It has only just begun.
  if (url === '') return []
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(patienceMs) })
    return Health.parse(await response.json()).reasons
  } catch {
    return [`NoAnswer: process ${pid} does not answer at ${url}`]
  }
}

/** Says on standard error what keeps the runs of a workspace from going on: the journal cannot hold it while a disk is full. */
export async function warnOfTroubles(folder: string): Promise<void> {
  const daemon = await daemonOf(folder)
  const paint = paintFor(process.stderr)
  for (const reason of daemon ? await healthReasons(daemon) : []) process.stderr.write(warning(reason, paint))
}

/** A line that says what runs wait for. */
function warning(reason: string, paint: Paint): string {
  const wait = reason.startsWith('JournalUnavailable') ? '; runs wait until it can' : ''
  return `${paint('yellow', 'warning:')} ${visibleText(reason)}${wait}\n`
}
