import type { Json } from '../model/json.ts'
import type { HttpStep, Step } from '../model/step.ts'
import { splitTemplate } from '../parser/template.ts'

export type Keys = readonly (string | number)[]

/** A CEL expression somewhere in a step: `place` leads from the step to the text, [start, end) to the expression in it. */
export interface ExpressionSite {
  readonly place: Keys
  readonly source: string
  readonly start: number
  readonly end: number
  /** Where it is read: most before the step; `while` before a turn of a loop, `until` and `expect` after it. */
  readonly moment: Moment
  /** What its value must be. */
  readonly expects: 'any' | 'boolean' | 'list' | 'scalar'
  /** True where a secret may be read. */
  readonly isSecretPlace: boolean
}
export type Moment = 'before' | 'while' | 'until' | 'expect'

/** A text with `${…}` somewhere in a step. */
export interface TemplateSite {
  readonly place: Keys
  readonly text: string
  readonly isSecretPlace: boolean
}

/** Every expression of a step itself, those of the steps inside it apart. */
export function expressionSites(step: Step): ExpressionSite[] {
  return [...bareSites(step), ...templateSites(step).flatMap(expressionsOf)]
}

function bareSites(step: Step): ExpressionSite[] {
  const sites: ExpressionSite[] = []
  const add = (
    place: Keys,
    source: string | undefined,
    moment: Moment,
    expects: ExpressionSite['expects'] = 'boolean',
  ): void => {
    if (source === undefined) return
    sites.push({ place, source, start: 0, end: source.length, moment, expects, isSecretPlace: false })
  }
  add(['if'], step.if, 'before')
  add(['expect'], step.expect, 'expect')
  if (step.kind === 'loop') {
    add(['loop', 'while'], step.while, 'while')
    add(['loop', 'until'], step.until, 'until')
  }
  if (step.kind === 'each' && typeof step.in === 'string') add(['each', 'in'], step.in, 'before', 'list')
  if (step.kind === 'switch') {
    add(['switch'], step.chooser, 'before', 'scalar')
    step.branches.forEach((branch, index) => add(['switch', index, 'when'], branch.when, 'before'))
  }
  return sites
}

/** Every text of a step in which `${…}` is replaced. */
export function templateSites(step: Step): TemplateSite[] {
  switch (step.kind) {
    case 'prompt':
      return [
        ...(step.with ? textsIn(step.with, ['prompt', 'with']) : [text(['prompt'], step.prompt)]),
        ...textsIn(step.files, ['prompt', 'files']),
      ]
    case 'tool':
    case 'workflow':
    case 'code':
      return textsIn(step.with, ['with'])
    case 'run':
      return secretTexts(step.env, ['env'])
    case 'http':
      return requestTexts(step)
    case 'kilo':
      return [text(['kilo'], step.task)]
    case 'ask':
      return [text(['ask'], step.question)]
    case 'wait':
      return [
        ...(step.until === undefined ? [] : [text(['wait', 'until'], step.until)]),
        ...(step.event === undefined ? [] : [text(['wait', 'event'], step.event)]),
      ]
    case 'set':
      return textsIn(step.set, step.isInternal ? ['with'] : ['set'])
    case 'each':
      return typeof step.in === 'string' ? [] : textsIn(step.in, ['each', 'in'])
    case 'parallel':
    case 'steps':
    case 'switch':
    case 'loop':
      return []
  }
}

function requestTexts({ url, headers, query, json, body }: HttpStep): TemplateSite[] {
  return [
    text(['http', 'url'], url),
    ...secretTexts(headers, ['http', 'headers']),
    ...textsIn(query, ['http', 'query']),
    ...textsIn(json ?? null, ['http', 'json']),
    ...(body === undefined ? [] : [text(['http', 'body'], body)]),
  ]
}

function text(place: Keys, written: string): TemplateSite {
  return { place, text: written, isSecretPlace: false }
}

function secretTexts(texts: Readonly<Record<string, string>>, place: Keys): TemplateSite[] {
  return Object.entries(texts).map(([name, written]) => ({
    place: [...place, name],
    text: written,
    isSecretPlace: true,
  }))
}

/** Every text inside a value, with its place. */
export function textsIn(value: Json, place: Keys): TemplateSite[] {
  if (typeof value === 'string') return [text(place, value)]
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...place, index]))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...place, key]))
}

/** The expressions of a template. */
export function expressionsOf({ place, text: template, isSecretPlace }: TemplateSite): ExpressionSite[] {
  return splitTemplate(template).parts.flatMap(part => {
    if (part.type === 'text') return []
    const { source, start, end } = part
    return [{ place, source, start, end, moment: 'before' as const, expects: 'any' as const, isSecretPlace }]
  })
}
