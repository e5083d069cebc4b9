// Many runs: what they add to a process, and how soon a daemon is back. Minutes. Run: npm run bench:scale
import { loadavg } from 'node:os'
import { restart, slope, soak, waitFor } from '../tests/scale/measure.ts'
import { line, ms } from './measure.ts'

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const load = (): string => `load ${loadavg()[0]?.toFixed(1)}`

const empty = await restart({ finished: 0, live: 0, waiting: 0 })
line('a daemon over nothing', ms(empty.ms), `${mebibytes(empty.rssBytes)}, ${load()}`)
const busy = await restart({ finished: 10_000, live: 500, waiting: 0 })
line('restart: 10000 runs finished, 500 live', ms(busy.ms), `target 5000 ms, ${mebibytes(busy.rssBytes)}, ${load()}`)
const asking = await restart({ finished: 0, live: 0, waiting: 10_000 })
line('restart: 10000 runs wait', ms(asking.ms), `${mebibytes(asking.rssBytes)}, ${load()}`)

const waited = await waitFor(10_000)
const added = waited.after.rssBytes - waited.before.rssBytes
const heap = waited.after.heapBytes - waited.before.heapBytes
line('10000 runs that wait add', mebibytes(added), `target 100 MiB, heap ${mebibytes(heap)}, ${load()}`)

const soaked = await soak(20_000)
const [first, last] = [soaked.samples[0], soaked.samples.at(-1)]
const perRun = (figure: number): string => `${Math.round(figure)} B a run`
const heapSlope = perRun(slope(soaked, held => held.heapBytes))
line(
  '10000 runs after 10000 others add',
  perRun(slope(soaked, held => held.rssBytes)),
  `target 1024 B, heap ${heapSlope}`,
)
line(
  'their descriptors and timers',
  `${last?.descriptors} ${last?.timers}`,
  `at first ${first?.descriptors} ${first?.timers}`,
)
