// npm run simulate -- --seed N [--count M]: the daemon in virtual time, with everything going wrong that a seed can think of.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { simulate, type Simulated } from '../tests/simulation/simulate.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string', default: '1' } } })
const [first, count] = [Number(values.seed ?? randomInt(2 ** 31)), Number(values.count)]
if (!Number.isSafeInteger(first) || first < 0 || !Number.isSafeInteger(count) || count < 1) {
  console.error('Write npm run simulate -- --seed 17, or --seed 17 --count 100.')
  process.exit(2)
}

const broken: Simulated[] = []
const total = { runs: 0, lives: 0, executions: 0, repeats: 0, events: 0 }
for (let seed = first; seed < first + count; seed += 1) {
  const simulated = await simulate(seed)
  for (const what of ['runs', 'lives', 'executions', 'repeats', 'events'] as const) total[what] += simulated[what]
  if (simulated.violations.length > 0) broken.push(simulated)
  if (simulated.violations.length > 0 || count === 1) tell(simulated)
}
const { runs, lives, executions, repeats, events } = total
console.log(`seeds ${first} to ${first + count - 1}: ${broken.length} with violations`)
console.log(
  `${runs} runs, ${lives} lives of the daemon, ${executions} attempts executed, ${repeats} of them again, ${events} events`,
)
if (broken.length > 0) process.exitCode = 1

function tell({ seed, story, violations }: Simulated): void {
  console.log(`seed ${seed}`)
  for (const line of story) console.log(line)
  for (const violation of violations) console.log(`VIOLATED  ${violation}`)
}
