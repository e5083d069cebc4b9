import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// From the second start on it starts in half the time. A cache that cannot be written does no harm.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/orchestrate', import.meta.url)))

const { main } = await import('./program.ts')
await main()
