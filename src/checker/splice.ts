import { renameReferences } from '../model/expression-rename.ts'
import type { Reference } from '../model/expression-tree.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { StepSource } from '../model/step-source.ts'
import type { Step } from '../model/step.ts'
import { checkArguments } from './arguments.ts'
import type { FieldReader, Inherited } from './fields.ts'
import { complain, type Origin, within } from './origin.ts'
import { renameStep } from './rewrite.ts'
import { readTemplate, type Template } from './template.ts'

/** The steps that a `use` becomes, and where each was written. */
export interface Spliced {
  readonly steps: readonly Step[]
  readonly origins: ReadonlyMap<string, Origin>
}
export type Splice = (source: StepSource, origin: Origin, id: string, inherited: Inherited) => Spliced

/** Splices templates into a file. `trail` names the templates that this file is itself spliced into. */
export function splicer(fields: FieldReader, trail: readonly string[]): Splice {
  return (source, origin, id, inherited) => {
    const name = source.use ?? ''
    const template = findTemplate(name, within(origin, 'use'), fields, trail, inherited)
    if (!template) return { steps: [placeholder(`${id}-with`, {}, fields)], origins: new Map() }
    const given = (source.with ?? {}) as Record<string, Json>
    checkArguments(given, template.inputs, `The template \`${name}\``, within(origin, 'use'), within(origin, 'with'))
    return spliced(template, given, id, origin, fields)
  }
}

function findTemplate(
  name: string,
  origin: Origin,
  fields: FieldReader,
  trail: readonly string[],
  inherited: Inherited,
): Template | undefined {
  const document = fields.library.templates.get(name)
  if (!document) {
    const near = nearest(name, fields.library.templates.keys())
    const hint = near === undefined ? `Create \`workflows/templates/${name}.yaml\`.` : `Did you mean \`${near}\`?`
    complain(origin, 'UNKNOWN_TEMPLATE', `No template is called "${name}".`, hint)
    return undefined
  }
  fields.dependencies.add(document.path)
  if (trail.includes(name)) {
    const way = [...trail.slice(trail.indexOf(name)), name].join(' → ')
    complain(origin, 'CYCLE', `These templates use one another: ${way}.`, 'Take one of these uses away.')
    return undefined
  }
  const template = readTemplate(document, fields, [...trail, name], inherited)
  if (template.isSound) return template
  complain(origin, 'BROKEN_TEMPLATE', `The template \`${name}\` has errors of its own.`, `Mend ${document.path} first.`)
  return undefined
}

/** The template’s steps under names of their own, after a step that holds what the template is given. */
function spliced(
  { steps, inputs, names, origins }: Template,
  given: Record<string, Json>,
  id: string,
  origin: Origin,
  fields: FieldReader,
): Spliced {
  const values = `${id}-with`
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
  const defaults = Object.entries(inputs).map(([name, input]) => [name, literal(input.default ?? null)] as const)
  const hidden = placeholder(values, { ...Object.fromEntries(defaults), ...given }, fields)
  const places = [...origins].map(([inner, from]) => [idOf(inner), from] as const)
  return { steps: [hidden, ...renamed], origins: new Map([...places, [values, origin]]) }
}

function outputText(id: string, key?: string): string {
  return `steps["${id}"].output${key === undefined ? '' : `["${key}"]`}`
}

/** A value as a template that gives it: a `${` in it is no expression. */
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('${', '$${')
  if (Array.isArray(value)) return value.map(literal)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]))
}

function placeholder(id: string, set: Record<string, Json>, fields: FieldReader): Step {
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
