import type { Json } from '../model/json.ts'
import { isLeaf } from '../model/step-lists.ts'
import type { BlockStep, LeafStep, Step } from '../model/step.ts'
import { splitTemplate } from '../parser/template.ts'

/** How the names of a step are to be changed. */
export interface Renaming {
  /** The new id of a step of the same file. */
  id(id: string): string
  /** An expression with its names changed. */
  expression(source: string): string
  /** What else changes in every step. */
  readonly change: Partial<Pick<Step, 'owner'>>
}

/** A step, with all that is inside it, whose ids and expressions are changed. */
export function renameStep(step: Step, renaming: Renaming): Step {
  const { as: _names, ...rest } = renameBody(step, renaming)
  const { id, expression } = renaming
  return {
    ...rest,
    ...renaming.change,
    id: id(step.id),
    ...(step.needs && { needs: step.needs.map(id) }),
    ...(step.if !== undefined && { if: expression(step.if) }),
    ...(step.expect !== undefined && { expect: expression(step.expect) }),
    ...(step.handler && { handler: step.handler.map(inner => renameStep(inner, renaming)) }),
    ...(step.undo && { undo: renameStep(step.undo, renaming) }),
  }
}

function renameBody(step: Step, renaming: Renaming): Step {
  return isLeaf(step) ? renameLeaf(step, renaming) : renameBlock(step, renaming)
}

function renameLeaf(step: LeafStep, renaming: Renaming): Step {
  const text = (template: string): string => renameTemplate(template, renaming.expression)
  const data = <T extends Json>(value: T): T => renameData(value, text) as T
  switch (step.kind) {
    case 'prompt': {
      const context = Array.isArray(step.context) ? step.context.map(renaming.id) : step.context
      const words = step.with ? { with: data(step.with) } : { prompt: text(step.prompt) }
      return { ...step, ...words, files: step.files.map(text), context }
    }
    case 'tool':
    case 'workflow':
    case 'code':
      return { ...step, with: data(step.with) }
    case 'run':
      return { ...step, env: data(step.env) }
    case 'http': {
      const { json, body } = step
      const sent = { ...(json !== undefined && { json: data(json) }), ...(body !== undefined && { body: text(body) }) }
      return { ...step, ...sent, url: text(step.url), headers: data(step.headers), query: data(step.query) }
    }
    case 'kilo':
      return { ...step, task: text(step.task) }
    case 'ask':
      return { ...step, question: text(step.question) }
    case 'wait': {
      const { until, event } = step
      const named = event !== undefined && { event: text(event) }
      return { ...step, ...(until !== undefined && { until: text(until) }), ...named }
    }
    case 'set':
      return { ...step, set: data(step.set) }
  }
}

function renameBlock(step: BlockStep, renaming: Renaming): Step {
  const { expression } = renaming
  const list = (steps: readonly Step[]): Step[] => steps.map(inner => renameStep(inner, renaming))
  switch (step.kind) {
    case 'parallel':
    case 'steps':
      return { ...step, steps: list(step.steps) }
    case 'loop': {
      const { while: before, until } = step
      const tests = {
        ...(before !== undefined && { while: expression(before) }),
        ...(until !== undefined && { until: expression(until) }),
      }
      return { ...step, ...tests, steps: list(step.steps) }
    }
    case 'each': {
      const text = (template: string): string => renameTemplate(template, expression)
      const from = typeof step.in === 'string' ? expression(step.in) : step.in.map(item => renameData(item, text))
      return { ...step, in: from, steps: list(step.steps) }
    }
    case 'switch': {
      const branches = step.branches.map(branch => ({
        ...branch,
        ...(branch.when !== undefined && { when: expression(branch.when) }),
        steps: list(branch.steps),
      }))
      return { ...step, ...(step.chooser !== undefined && { chooser: expression(step.chooser) }), branches }
    }
  }
}

function renameData(value: Json, text: (template: string) => string): Json {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map(item => renameData(item, text))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameData(item, text)]))
}

function renameTemplate(template: string, expression: (source: string) => string): string {
  const edits = splitTemplate(template).parts.flatMap(part => (part.type === 'expression' ? [part] : []))
  return edits.reduceRight(
    (text, { source, start, end }) => text.slice(0, start) + expression(source) + text.slice(end),
    template,
  )
}
