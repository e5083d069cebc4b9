import { visibleText } from '../model/visible-text.ts'

const lineWidth = 100

/** A value as a JavaScript literal, as people write them: bare keys, single quotes, and what fits stands on one line. */
export function printLiteral(value: unknown, indent = ''): string {
  const inline = inlineLiteral(value, lineWidth - indent.length)
  if (inline !== undefined) return inline
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map(item => `${deeper}${printLiteral(item, deeper)},\n`)
    return `[\n${items.join('')}${indent}]`
  }
  if (typeof value !== 'object' || value === null) return scalar(value)
  const fields = fieldsOf(value).map(([key, field]) => `${deeper}${printKey(key)}: ${printLiteral(field, deeper)},\n`)
  return `{\n${fields.join('')}${indent}}`
}

/** The literal on one line; undefined when there is no room for it. */
function inlineLiteral(value: unknown, room: number): string | undefined {
  if (typeof value !== 'object' || value === null) {
    const text = scalar(value)
    return text.length <= room ? text : undefined
  }
  const isList = Array.isArray(value)
  const parts: string[] = []
  let left = room - 4
  for (const [key, field] of fieldsOf(value)) {
    const name = isList ? '' : `${printKey(key)}: `
    const text = inlineLiteral(field, left - name.length)
    if (text === undefined) return undefined
    parts.push(`${name}${text}`)
    left -= name.length + text.length + 2
  }
  if (isList) return `[${parts.join(', ')}]`
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => field !== undefined)
}

function printKey(key: string): string {
  // Written plainly, this one key would set the object’s prototype.
  if (key === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : printText(key)
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? printText(value) : JSON.stringify(value)
}

/** A string in single quotes, hidden characters as their codes. JSON escapes the rest. */
function printText(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${visibleText(escaped)}'`
}
