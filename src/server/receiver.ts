import { matches } from '../controller/commit-cases.ts'
import type { Configuration } from '../model/configuration.ts'
import { hashValue } from '../model/hash.ts'
import type { NotificationSource, TelemetrySource } from '../model/notification-source.ts'
import type { Matter } from './matter.ts'

/** Somebody elsewhere who is told of something. */
export interface Receiver {
  /** The same as long as it is the same one, also in another process. */
  readonly id: string
  /** For people; without what may be secret in an address. */
  readonly name: string
  readonly format: 'json' | 'slack' | 'otlp'
  wants(matter: Matter): boolean
  /** Where it is sent. Undefined while a variable that is needed for it is not set. */
  place(): Place | undefined
}

export interface Place {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The key of the signature. */
  readonly key?: string | undefined
}

type Environment = Readonly<Record<string, string>>

/** Those whom a configuration names. */
export function receiversOf({ notifications = [], telemetry }: Configuration, environment: Environment): Receiver[] {
  const collectors = telemetry?.otlp ? [collectorOf(telemetry.otlp, environment)] : []
  return [...notifications.map(source => notified(source, environment)), ...collectors]
}

function notified(
  { on, workflows, url, secret, format = 'json' }: NotificationSource,
  environment: Environment,
): Receiver {
  const isLiteral = /^https?:/.test(url)
  return {
    id: hashValue([url, secret ?? '', format]).slice(0, 16),
    name: isLiteral ? new URL(url).host : url,
    format,
    wants: matter =>
      on.some(reason => reason === matter.type) &&
      (!workflows || matter.type === 'host-down' || workflows.some(pattern => matches(pattern, matter.workflow))),
    place: () => {
      const address = isLiteral ? url : environment[url]
      const key = secret === undefined ? undefined : environment[secret]
      // What was to be signed is never sent without a signature.
      if (!isAddress(address) || (secret !== undefined && !key)) return undefined
      return { url: address, headers: {}, key }
    },
  }
}

function collectorOf(
  { endpoint, headers = {} }: NonNullable<TelemetrySource['otlp']>,
  environment: Environment,
): Receiver {
  return {
    id: hashValue(['otlp', endpoint]).slice(0, 16),
    name: new URL(endpoint).host,
    format: 'otlp',
    wants: ({ type }) => type === 'trace',
    place: () => {
      const given = Object.entries(headers).map(([name, variable]) => [name, environment[variable] ?? ''] as const)
      if (given.some(([, value]) => value === '')) return undefined
      return { url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, headers: Object.fromEntries(given) }
    },
  }
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
