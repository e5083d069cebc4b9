import { addSpending, type PlannedSpending, type PlannedStep, type Range } from '../difference/plan.ts'
import type { Configuration } from '../model/configuration.ts'
import { costUsd, openAiPrice, type Price } from '../model/prices.ts'
import type { Usage } from '../model/usage.ts'
import { type Catalog, resolveModels } from '../router/catalog.ts'

/** What is known for telling what answers will cost. */
export interface Experience {
  /** What answers of each agent have cost. */
  readonly usages: ReadonlyMap<string, readonly Usage[]>
  readonly configuration: Pick<Configuration, 'hosts' | 'models'>
  /** Simulated answers cost nothing. */
  readonly isSimulated: boolean
}

/** A question that was never asked may need this many times more, or fewer, tokens than all that were. */
const stretch = 2

/** What steps that ask models would spend, retries apart. What a cache answers costs nothing. */
export function spendingOf(steps: readonly PlannedStep[], experience: Experience): PlannedSpending {
  const asking = steps.filter(({ kind, verdict }) => kind === 'prompt' && verdict !== 'cached')
  return addSpending(asking.map(step => spendingOfStep(step, experience)))
}

function spendingOfStep({ agent = '', models = [], verdict }: PlannedStep, experience: Experience): PlannedSpending {
  const usages = experience.usages.get(agent) ?? []
  if (usages.length === 0) {
    const none = { low: 0, high: 0 }
    return { inputTokens: none, outputTokens: none, costUsd: null, unknown: [agent] }
  }
  const widen = ({ low, high }: Range): Range =>
    verdict === 'anew' ? { low: Math.floor(low / stretch), high: Math.ceil(high * stretch) } : { low, high }
  const inputTokens = widen(rangeOf(usages.map(usage => usage.inputTokens)))
  const outputTokens = widen(rangeOf(usages.map(usage => usage.outputTokens)))
  return { inputTokens, outputTokens, costUsd: costOf(inputTokens, outputTokens, models, experience), unknown: [] }
}

function costOf(input: Range, output: Range, models: readonly string[], experience: Experience): Range | null {
  if (experience.isSimulated) return { low: 0, high: 0 }
  const price = priceOf(models, experience.configuration)
  const [low, high] = [costUsd(price, input.low, output.low), costUsd(price, input.high, output.high)]
  return low === null || high === null ? null : { low, high }
}

function rangeOf(numbers: readonly number[]): Range {
  return { low: Math.min(...numbers), high: Math.max(...numbers) }
}

/** The price of the first of some models that would be asked, as a configuration has it. */
export function priceOf(
  models: readonly string[],
  configuration: Pick<Configuration, 'hosts' | 'models'>,
): Price | undefined {
  const resolved = resolveModels(catalogOf(configuration), models)
  const [target] = resolved.ok ? resolved.targets : []
  if (!target) return undefined
  const host = configuration.hosts[target.hosts[0] ?? '']
  const prices = host?.['usd-per-million'] ?? {}
  const isOpenAi = host === undefined || new URL(host.url).hostname === 'api.openai.com'
  return prices[target.servedAs] ?? prices[target.name] ?? (isOpenAi ? openAiPrice(target.servedAs) : undefined)
}

/** Without hosts of its own a workspace asks OpenAI, as soon as there is a key. */
function catalogOf({ hosts, models }: Pick<Configuration, 'hosts' | 'models'>): Catalog {
  const declared = Object.entries(hosts)
  if (declared.length === 0)
    return { hosts: [{ name: 'openai', parallel: 1 }], models: { default: 'gpt-4o', ...models } }
  return {
    hosts: declared.map(([name, host]) => ({ name, parallel: 1, ...(host.models && { models: host.models }) })),
    models,
  }
}
