import { isMap, type Json } from '../model/json.ts'
import { slugOf, titleOf } from './slug.ts'
import { printFlow } from './yaml-layout.ts'

/** Longer values are easier to read as YAML of several lines. */
const longestBullet = 100

/** The bullet that says what a field holds; undefined where it would be no line that a person writes. */
export function printBullet(field: string, value: unknown): string | undefined {
  const text = bulletText(field, value)
  if (text === undefined || text === '' || text.length > longestBullet || /[\n\r]/.test(text)) return undefined
  const words = field === 'as' ? 'output' : field.replaceAll('-', ' ')
  return `* **${words.charAt(0).toUpperCase()}${words.slice(1)}:** ${text}`
}

/** The text behind the name of a bullet; undefined for what no bullet says. */
export function bulletText(field: string, value: unknown): string | undefined {
  switch (field) {
    case 'prompt':
      return isMap(value) ? printFlow(value as Json) : undefined
    case 'undo':
    case 'each':
    case 'cases':
    case 'default':
    case 'parallel':
    case 'steps':
    case 'loop':
    case 'switch':
      return undefined
    case 'as':
      return [value]
        .flat()
        .map(name => `\${${String(name)}}`)
        .join(', ')
    case 'needs':
    case 'context':
      return namesText(field, value)
    case 'on-error':
      return typeof value === 'string' ? value : undefined
    case 'tools':
    case 'skills':
    case 'runs-on':
      return Array.isArray(value) && value.length > 1 ? value.join(', ') : flowOrText(value)
    default:
      return flowOrText(value)
  }
}

function flowOrText(value: unknown): string {
  return isMap(value) || Array.isArray(value) ? printFlow(value as Json) : String(value)
}

function namesText(field: 'needs' | 'context', value: unknown): string {
  if (!Array.isArray(value)) return field === 'needs' ? nameText(String(value)) : String(value)
  if (value.length === 0) return 'none'
  const names = value.map(name => nameText(String(name))).join(', ')
  return value.length === 1 && field === 'needs' ? `[${String(value[0])}]` : names
}

function nameText(id: string): string {
  return slugOf(titleOf(id)) === id ? titleOf(id) : id
}
