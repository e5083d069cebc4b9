import { renameReferences } from '../model/expression-rename.ts'
import type { Reference } from '../model/expression-tree.ts'
import type { Json } from '../model/json.ts'
import { allSteps } from '../model/step-lists.ts'
import type { Step } from '../model/step.ts'
import type { Input } from '../model/workflow.ts'
import type { Spliced } from './build.ts'
import type { FieldReader, Inherited } from './fields.ts'
import type { Origin } from './origin.ts'
import type { Outline } from './outline.ts'
import { renameStep } from './rewrite.ts'

/** A template as it is read for one use of it. */
export interface Template {
  readonly isSound: boolean
  readonly steps: readonly Step[]
  readonly inputs: Readonly<Record<string, Input>>
  readonly names: Outline['names']
  readonly origins: ReadonlyMap<string, Origin>
}

/** The template’s steps under names of their own, after a step that holds what the template is given. */
export function splice(
  { steps, inputs, names, origins }: Template,
  given: Record<string, Json>,
  id: string,
  origin: Origin,
  inherited: Inherited,
  fields: FieldReader,
): Spliced {
  const values = `${id}-with-values`
  const idOf = (inner: string): string => `${id}-${inner}`
  const rename = ({ root, member }: Reference): string | undefined => {
    if (member !== undefined) {
      return root === 'steps' || root === 'previous' ? `${root}["${idOf(member)}"]` : undefined
    }
    const named = names.get(root)
    if (named) return outputText(idOf(named.step), named.key)
    if (root === 'inputs') return outputText(values)
    return Object.hasOwn(inputs, root) ? outputText(values, root) : undefined
  }
  const change = { owner: id }
  const expression = (source: string): string => renameReferences(source, rename)
  const renamed = steps.map(step => renameStep(step, { id: idOf, expression, change }))
  for (const step of allSteps(renamed)) adopt(step, inherited)
  const defaults = Object.entries(inputs).map(([name, input]) => [name, literal(input.default ?? null)] as const)
  const hidden = placeholder(values, { ...Object.fromEntries(defaults), ...given }, fields)
  const places = [...origins].map(([inner, from]) => [idOf(inner), from] as const)
  return { steps: [hidden, ...renamed], origins: new Map([...places, [values, origin]]) }
}

/** What is handed down from around the `use` reads what can be read there: it joins the steps when they are in place. */
function adopt(step: Step, { env, context }: Inherited): void {
  if (step.kind === 'run' && env) step.env = { ...env, ...step.env }
  if (step.kind === 'prompt' && step.context === 'rule' && Array.isArray(context)) step.context = [...context]
}

/** What a template may be handed down as it is read: fields that name nothing of the workflow around it. */
export function handedToTemplate({ env: _env, context, ...rest }: Inherited): Inherited {
  return typeof context === 'string' ? { ...rest, context } : rest
}

function outputText(id: string, key?: string): string {
  return `steps["${id}"].output${key === undefined ? '' : `["${key}"]`}`
}

/** A value as a template that gives it: a `${` in it is no expression. */
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${')
  if (Array.isArray(value)) return value.map(literal)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]))
}

/** A step that holds values for others. */
export function placeholder(id: string, set: Record<string, Json>, fields: FieldReader): Step {
  return {
    kind: 'set',
    id,
    isNamed: false,
    retry: fields.retry(undefined),
    onError: 'fail',
    output: { type: 'json' },
    isCached: false,
    priority: 'interactive',
    runsOn: [],
    set,
    isInternal: true,
  }
}
