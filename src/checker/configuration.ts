import { Configuration, idleKeys } from '../model/configuration.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { nearest } from '../model/nearest.ts'
import type { Document, Place } from '../parser/document.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'
import { valueAt } from './suggest.ts'

/** The configuration of a workspace without an `orchestrate.yaml`. */
export const defaultConfiguration: Configuration = Configuration.parse({})

/** Checks `orchestrate.yaml`; what is wrong in it is reported and counts as not written. */
export function checkConfiguration(document: Document): {
  configuration: Configuration
  diagnostics: readonly Diagnostic[]
} {
  const report = new Report(document)
  const shaped = checkShape<Configuration>(
    Configuration,
    document.value === undefined || document.value === null ? { ...document, value: {} } : document,
    fieldNames,
    () => undefined,
  )
  report.diagnostics.push(...shaped.diagnostics)
  const configuration = shaped.value ?? defaultConfiguration
  checkModels(configuration, report)
  for (const place of idleKeys) warnOfIdle(place, document, report)
  return { configuration, diagnostics: report.all() }
}

/** Nobody should believe that something is in force which is not. */
function warnOfIdle(place: readonly string[], document: Document, report: Report): void {
  if (valueAt(document.value, place) === undefined) return
  const message = `This version does not act on \`${place.join('.')}\` yet.`
  report.warning('NOT_IN_FORCE', message, place, 'Leave it for a later version, or take it away.', 'key')
}

function checkModels({ hosts, models }: Configuration, report: Report): void {
  for (const [name, model] of Object.entries(models)) {
    if (typeof model === 'string') continue
    model.on.forEach((host, index) => {
      if (Object.hasOwn(hosts, host)) return
      const near = nearest(host, Object.keys(hosts))
      const hint = near === undefined ? `Declare it under \`hosts\`.` : `Did you mean \`${near}\`?`
      report.error('UNKNOWN_HOST', `There is no host "${host}".`, ['models', name, 'on', index], hint)
    })
  }
}

function fieldNames(place: Place): readonly string[] {
  if (place.length === 0) return Object.keys(Configuration.shape)
  const known: Record<string, readonly string[]> = {
    hosts: ['url', 'kind', 'key', 'models', 'parallel', 'usd-per-million'],
    models: ['on', 'name', 'fallback'],
    triggers: ['branches', 'poll', 'suspend', 'verify', 'remote', 'base', 'fetch', 'secret'],
    traces: ['to', 'push', 'sign'],
    limits: ['runs', 'parallel'],
    server: ['host', 'port'],
  }
  return known[String(place[0])] ?? []
}
