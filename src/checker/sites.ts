import type { Json } from '../model/json.ts'
import type { Step } from '../model/step.ts'
import { splitTemplate } from '../parser/template.ts'

/** A CEL expression somewhere in a step: `place` leads from the step to the text, [start, end) to the expression in it. */
export interface ExpressionSite {
  readonly place: readonly (string | number)[]
  readonly source: string
  readonly start: number
  readonly end: number
  /** Where it is read: most before the step; `until` after a turn of a loop, `while` before one. */
  readonly moment: 'before' | 'while' | 'until'
}

/** A text with `${…}` somewhere in a step. */
export interface TemplateSite {
  readonly place: readonly (string | number)[]
  readonly text: string
}

/** Every expression of a step itself, those of the steps inside it apart. */
export function expressionSites(step: Step): ExpressionSite[] {
  return [...bareSites(step), ...templateSites(step).flatMap(expressionsOf)]
}

function bareSites(step: Step): ExpressionSite[] {
  const sites: ExpressionSite[] = []
  const add = (
    place: readonly (string | number)[],
    source: string | undefined,
    moment: ExpressionSite['moment'],
  ): void => {
    if (source !== undefined) sites.push({ place, source, start: 0, end: source.length, moment })
  }
  add(['if'], step.if, 'before')
  if (step.kind === 'loop') {
    add(['loop', 'while'], step.while, 'while')
    add(['loop', 'until'], step.until, 'until')
  }
  if (step.kind === 'switch') {
    add(['switch'], step.chooser, 'before')
    step.branches.forEach((branch, index) => add(['switch', index, 'when'], branch.when, 'before'))
  }
  return sites
}

/** Every text of a step in which `${…}` is replaced. */
export function templateSites(step: Step): TemplateSite[] {
  switch (step.kind) {
    case 'prompt':
      return [{ place: ['prompt'], text: step.prompt }]
    case 'run':
      return Object.entries(step.env).map(([name, text]) => ({ place: ['env', name], text }))
    case 'set':
      return textsIn(step.set, ['set'])
    case 'parallel':
    case 'steps':
    case 'switch':
    case 'loop':
      return []
  }
}

/** Every text inside a value, with its place. */
export function textsIn(value: Json, place: readonly (string | number)[]): TemplateSite[] {
  if (typeof value === 'string') return [{ place, text: value }]
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...place, index]))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...place, key]))
}

/** The expressions of a template. */
export function expressionsOf({ place, text }: TemplateSite): ExpressionSite[] {
  return splitTemplate(text).parts.flatMap(part =>
    part.type === 'expression'
      ? [{ place, source: part.source, start: part.start, end: part.end, moment: 'before' as const }]
      : [],
  )
}
