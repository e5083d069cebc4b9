import type { Json } from '../model/json.ts'
import type { Log } from './ports.ts'

/** Takes known secrets out of values and texts. */
interface Redaction {
  text(text: string): string
  json(value: Json): Json
}

/** A log whose fields hold no known secret. What is an error there keeps its kind. */
export function redactedLog(log: Log, redaction: () => Redaction): Log {
  const clean = (fields: object): object => {
    const { text, json } = redaction()
    const entries = Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? cleanError(value, text) : value === undefined ? value : json(value as Json),
    ])
    return Object.fromEntries(entries) as object
  }
  const at =
    (level: keyof Log): Log[keyof Log] =>
    (fields, message) =>
      log[level](clean(fields), message)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The same error where nothing is to be hidden: its stack helps us. */
function cleanError(error: Error, text: Redaction['text']): Error {
  const message = text(error.message)
  if (message === error.message && (error.stack === undefined || text(error.stack) === error.stack)) return error
  const cleaned = new Error(message)
  cleaned.stack = text(error.stack ?? '')
  return cleaned
}
