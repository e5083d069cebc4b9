import type { Configuration, HostSource, ModelSource } from '../model/configuration.ts'
import type { Host } from './host.ts'

/** The hosts and models that calls go to. */
export interface ResolvedHosts {
  readonly hosts: readonly Host[]
  readonly models: Readonly<Record<string, ModelSource>>
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface Simulation {
  /** Asked for by `--mock`; `ORCHESTRATE_USE_MOCK=true` does the same. */
  readonly mock: boolean
  /** How long a simulated answer takes; default `ORCHESTRATE_MOCK_DELAY_MS`, else none. */
  readonly mockDelayMs?: number
}

/** The name of the host that makes its answers up in this process. */
export const simulatedHostName = 'simulated'

const defaultParallel = 4

/** What a person can do who has no host. */
export const waysToAHost =
  'Set OPENAI_API_KEY, or add a host to orchestrate.yaml, or try simulated answers with --mock (or ORCHESTRATE_USE_MOCK=true).'

/**
 * The hosts and models to use: simulated ones where that is asked for, else the declared ones, else OpenAI's where its
 * key is set, else none.
 *
 * @example resolveHosts(configuration, process.env, { mock: false })
 */
export function resolveHosts(
  configuration: Pick<Configuration, 'hosts' | 'models'>,
  environment: Environment,
  simulation: Simulation,
): ResolvedHosts {
  if (simulation.mock || isTrue(environment['ORCHESTRATE_USE_MOCK'])) {
    return simulated(configuration, simulation.mockDelayMs ?? delayOf(environment))
  }
  const declared = Object.entries(configuration.hosts)
  if (declared.length > 0) {
    return {
      hosts: declared.map(([name, source]) => declaredHost(name, source, environment)),
      models: configuration.models,
    }
  }
  const key = environment['OPENAI_API_KEY']?.trim()
  return key ? openAi(configuration, key) : { hosts: [], models: configuration.models }
}

/** True when there is a host to ask, simulated or real. */
export function hasHost(resolved: ResolvedHosts): boolean {
  return resolved.hosts.length > 0
}

function declaredHost(name: string, source: HostSource, environment: Environment): Host {
  const { url, kind = 'openai', key: keyName, models, parallel, 'usd-per-million': prices } = source
  const key = keyName === undefined ? undefined : environment[keyName]?.trim()
  return {
    name,
    url: plainUrl(url),
    kind,
    ...(keyName !== undefined && { keyName }),
    ...(key && { key }),
    ...(models && { models }),
    parallel: parallel ?? defaultParallel,
    prices: prices ?? {},
  }
}

function openAi({ models }: Pick<Configuration, 'models'>, key: string): ResolvedHosts {
  const url = 'https://api.openai.com/v1'
  const host: Host = { name: 'openai', url, kind: 'openai', keyName: 'OPENAI_API_KEY', key, parallel: 8, prices: {} }
  return { hosts: [host], models: { default: 'gpt-4o', ...models } }
}

/** One simulated host in place of all others; it answers for every model, under the name that agents use. */
function simulated({ models }: Pick<Configuration, 'models'>, delayMs: number): ResolvedHosts {
  const host: Host = {
    name: simulatedHostName,
    url: 'simulated:',
    kind: 'openai',
    parallel: 64,
    prices: {},
    simulated: { delayMs },
  }
  const aliases = Object.entries(models).filter(([, model]) => typeof model === 'string')
  return { hosts: [host], models: { default: simulatedHostName, ...Object.fromEntries(aliases) } }
}

/** Without a slash at the end, and without a password: `fetch` refuses one, and messages would show it. */
function plainUrl(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href.replace(/\/+$/, '')
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(1|true|yes)$/i.test(text)
}

function delayOf(environment: Environment): number {
  const delayMs = Number(environment['ORCHESTRATE_MOCK_DELAY_MS'] ?? 0)
  return Number.isFinite(delayMs) && delayMs > 0 ? delayMs : 0
}
