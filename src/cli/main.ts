import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// From the second start on it starts in half the time. A cache that cannot be written does no harm.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/orchestrate', import.meta.url)))

// Started by the launcher, we end with it, however it ends: a daemon must not outlive the process a person has killed.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}

const { main } = await import('./program.ts')
await main()
