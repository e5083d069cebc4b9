import type { Json } from '../model/json.ts'

/** Takes known secrets out of whatever is kept or shown. */
export interface Redactor {
  /** The text with `[secret NAME]` for every secret, in whatever form it was written. */
  text(text: string): string
  /** A copy of a value with every text in it redacted, keys included. */
  json(value: Json): Json
  /** For a text that comes in pieces: a secret may be cut in two. */
  stream(): RedactedStream
}

export interface RedactedStream {
  /** What may be shown by now. The end is kept back as long as it may be the beginning of a secret. */
  push(piece: string): string
  /** What was kept back to the last. */
  end(): string
}

/** Shorter values are no secrets: to take them out would destroy the text and hide nothing. */
const shortestSecret = 4

/** Fragments of Base64 shorter than this occur by chance. */
const shortestFragment = 6

interface Form {
  readonly name: string
  readonly text: string
}

/** A redactor for exact values: as they are, and in Base64, hexadecimal, URL and JSON notation. */
export function createRedactor(secrets: Readonly<Record<string, string>>): Redactor {
  const forms = Object.entries(secrets)
    .filter(([, value]) => value.length >= shortestSecret)
    .flatMap(([name, value]) => [...new Set(formsOf(value))].map(text => ({ name, text })))
  const text = (given: string): string => replaceAll(given, forms)
  const json = (value: Json): Json => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(json)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), json(item)]))
  }
  return { text, json, stream: () => streamed(text, forms) }
}

function streamed(text: Redactor['text'], forms: readonly Form[]): RedactedStream {
  let kept = ''
  return {
    push: piece => {
      const known = text(kept + piece)
      const start = beginningOfSecret(known, forms)
      kept = known.slice(start)
      return known.slice(0, start)
    },
    end: () => {
      const last = text(kept)
      kept = ''
      return last
    },
  }
}

/** Where the longest end of a text stands that a secret may begin with; the length of the text where there is none. */
function beginningOfSecret(text: string, forms: readonly Form[]): number {
  const longest = Math.max(0, ...forms.map(form => form.text.length - 1))
  for (let start = Math.max(0, text.length - longest); start < text.length; start += 1) {
    const end = text.slice(start)
    if (forms.some(form => form.text.startsWith(end))) return start
  }
  return text.length
}

function formsOf(value: string): string[] {
  const plainForms = [value, ...jsonForms(value), ...urlForms(value)]
  return [...plainForms, ...jsonForms(jsonForms(value)[0] ?? ''), ...base64Forms(value), ...hexForms(value)]
}

function jsonForms(value: string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1)
  const ascii = escaped.replaceAll(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [escaped, ascii].flatMap(form => [form, form.replaceAll('/', '\\/')])
}

function urlForms(value: string): string[] {
  const encoded = encodeURIComponent(value.toWellFormed())
  const strict = encoded.replaceAll(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  const inForm = new URLSearchParams({ '': value }).toString().slice(1)
  const forms = [encoded, strict, encoded.replaceAll('%20', '+'), inForm, inForm.replaceAll('+', '%20')]
  return forms.flatMap(form => [form, form.replaceAll(/%[0-9A-F]{2}/g, code => code.toLowerCase())])
}

/**
 * What a value always leaves in Base64, wherever in the encoded bytes it stands: `user:secret` of an HTTP header
 * is encoded as one. The one or two letters at its ends that mix with the neighbours stay.
 */
function base64Forms(value: string): string[] {
  const bytes = new TextEncoder().encode(value)
  const fragments = [0, 1, 2].map(offset => {
    const shifted = String.fromCharCode(...new Uint8Array(offset), ...bytes)
    return btoa(shifted).slice(Math.ceil((8 * offset) / 6), Math.floor((8 * shifted.length) / 6))
  })
  const whole = btoa(String.fromCharCode(...bytes))
  const standard = [whole, ...fragments.filter(fragment => fragment.length >= shortestFragment)]
  return standard.flatMap(form => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

function hexForms(value: string): string[] {
  const digits = [...new TextEncoder().encode(value)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  return [digits, digits.toUpperCase()]
}

/** Every occurrence is found in the text as given, so that secrets that overlap hide none of each other. */
function replaceAll(text: string, forms: readonly Form[]): string {
  const found = forms.flatMap(form => occurrences(text, form))
  if (found.length === 0) return text
  found.sort((a, b) => a.start - b.start || b.end - a.end)
  let result = ''
  let end = 0
  for (const occurrence of found) {
    if (occurrence.start >= end) result += `${text.slice(end, occurrence.start)}[secret ${occurrence.name}]`
    end = Math.max(end, occurrence.end)
  }
  return result + text.slice(end)
}

function occurrences(text: string, { name, text: form }: Form): { name: string; start: number; end: number }[] {
  const found = []
  for (let start = text.indexOf(form); start !== -1; start = text.indexOf(form, start + 1)) {
    found.push({ name, start, end: start + form.length })
  }
  return found
}

/** A text as it may be sent: what was JSON is JSON still, though a number in it may look like a secret. */
export function redactSent({ text, json }: Pick<Redactor, 'text' | 'json'>, sent: string): string {
  const plain = text(sent)
  return plain === sent || !/^[[{]/.test(sent) ? plain : JSON.stringify(json(JSON.parse(sent) as Json))
}
