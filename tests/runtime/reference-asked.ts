import type { Json } from '../../src/model/json.ts'
import { durationMs } from '../../src/model/duration.ts'
import { prompts } from '../generators/library.ts'
import type { Named } from './reference-names.ts'
import type { Place, ReferenceScope } from './reference-scope.ts'

/** What an attempt of a step is asked to do, as far as the file says it; a prompt is its last message. */
export function askedOf({ source }: Named, place: Place, scope: ReferenceScope): Record<string, Json> {
  const fill = (value: unknown): Json => scope.fill((value ?? {}) as Json, place)
  const text = (value: string): string => scope.text(value, place)
  if (source.prompt !== undefined) return promptOf(source.prompt, place, scope)
  if (source.run !== undefined) {
    const own = Object.entries(source.env ?? {}).filter(([, value]) => !value.startsWith('${secrets.'))
    return { env: Object.fromEntries(own.map(([name, value]) => [name, text(value)])) }
  }
  if (source.tool !== undefined || source.code !== undefined) return { arguments: fill(source.with) }
  if (source.workflow !== undefined) return { inputs: fill(source.with) }
  if (source.http) {
    const { url, query, json, body } = source.http
    const sent = { ...(json !== undefined && { json: fill(json) }), ...(body !== undefined && { body: text(body) }) }
    return { url: scope.text(url, place, encodeURIComponent), query: fill(query), ...sent }
  }
  if (source.kilo !== undefined) return { task: text(typeof source.kilo === 'string' ? source.kilo : source.kilo.task) }
  if (source.ask !== undefined)
    return { question: text(typeof source.ask === 'string' ? source.ask : source.ask.question) }
  return waitOf(source.wait ?? '0s', text)
}

function waitOf(wait: NonNullable<Named['source']['wait']>, text: (value: string) => string): Record<string, Json> {
  if (typeof wait === 'string') return { durationMs: durationMs(wait) }
  return 'until' in wait ? { until: text(wait.until) } : { event: text(wait.event) }
}

function promptOf(
  prompt: NonNullable<Named['source']['prompt']>,
  place: Place,
  scope: ReferenceScope,
): Record<string, Json> {
  if (typeof prompt === 'string') return { prompt: scope.text(prompt, place), files: [] }
  const files = (prompt.files ?? []).map(file => scope.text(file, place))
  if ('text' in prompt) return { prompt: scope.text(prompt.text, place), files }
  const document = prompts[prompt.file as keyof typeof prompts]
  return { prompt: scope.libraryText(document.text, scope.fill(prompt.with ?? {}, place)), files }
}
