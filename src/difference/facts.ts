import { isMap } from '../model/json.ts'
import { kindKeys } from '../model/step-source.ts'
import type { Place } from '../parser/document.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../parser/parse.ts'
import { orderOf } from '../parser/print-order.ts'
import { fileKindOf } from './merge-sound.ts'

/**
 * What a file says, one fact a line, however it is laid out: so does `git diff` show what changed and nothing else.
 * A text that cannot be read stands for itself.
 *
 * @example factsOf('steps:\n  - { id: a, run: make }\n', 'workflows/a.yaml') // 'steps.a\nsteps.a.run: make\n'
 */
export function factsOf(text: string, path: string): string {
  const { value, body } = read(text, path)
  if (!isMap(value)) return text
  const lines = [...factsIn(value, '', []), ...(body === undefined ? [] : linesOfText('text', body))]
  return lines.map(line => `${line}\n`).join('')
}

function read(text: string, path: string): { readonly value: unknown; readonly body?: string } {
  switch (fileKindOf(path)) {
    case 'workflow':
    case 'template':
      return parseWorkflow(text, path)
    case 'configuration':
      return parseConfiguration(text, path)
    case 'agent': {
      const { value, system } = parseAgent(text, path)
      return { value, body: system }
    }
    case 'skill':
      return parseSkill(text, path)
    case 'prose':
      return { value: undefined }
  }
}

function factsIn(value: unknown, name: string, place: Place): string[] {
  if (typeof value === 'string' && value.trimEnd().includes('\n')) return linesOfText(name, value)
  if (Array.isArray(value) && value.length > 0) {
    const isSteps = orderOf([...place, 0])[0] === 'id'
    return value.flatMap((item, index) => {
      const inner = `${name}.${isSteps ? nameOf(item) : index}`
      return [...(isSteps ? [inner] : []), ...factsIn(item, inner, [...place, index])]
    })
  }
  if (!isMap(value) || Object.keys(value).length === 0) {
    return [`${name}: ${typeof value === 'string' ? value.trimEnd() : JSON.stringify(value)}`]
  }
  const order = orderOf(place)
  // What has an order of its own keeps it; the rest is sorted, for the order of names means nothing.
  const fields = [
    ...order.filter(field => field in value),
    ...Object.keys(value)
      .filter(field => !order.includes(field))
      .sort(),
  ]
  return fields
    .filter(field => !(order[0] === 'id' && field === 'id'))
    .flatMap(field => factsIn(value[field], name === '' ? field : `${name}.${field}`, [...place, field]))
}

/** A step is called by its id, else by what it does. */
function nameOf(step: unknown): string {
  if (!isMap(step)) return 'step'
  return typeof step['id'] === 'string' ? step['id'] : `(${kindKeys.find(kind => kind in step) ?? 'step'})`
}

function linesOfText(name: string, text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => `${name} | ${line}`.trimEnd())
}
