import type { Diagnostic } from '../model/diagnostic.ts'
import { hasErrors } from '../model/diagnostic.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { TemplateSource } from '../model/workflow-source.ts'
import type { Document } from '../parser/document.ts'
import { checkArguments } from './arguments.ts'
import { type Splice, StepBuilder } from './build.ts'
import { checkBody } from './check-body.ts'
import { FieldReader, type Inherited } from './fields.ts'
import { readInputs } from './inputs.ts'
import type { Library } from './library.ts'
import { complain, type Origin, within } from './origin.ts'
import { Outline } from './outline.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'
import { brokenBelow, mend, templateFieldNames, templateWords } from './source-shape.ts'
import { handedToTemplate, placeholder, splice, type Template } from './splice.ts'

/** The name of a template: its path below `workflows/templates/` without ending. */
export function templateName(path: string): string {
  return path.replace(/^(.*\/)?workflows\/templates\//, '').replace(/\.ya?ml$/, '')
}

/** Reads and checks a template by itself; what is wrong in it joins the reports of `fields`. */
export function readTemplate(
  document: Document,
  fields: FieldReader,
  trail: readonly string[],
  inherited: Inherited,
): Template {
  const report = new Report(document)
  fields.reports.add(report)
  const shaped = checkShape(TemplateSource, document, templateFieldNames, mend, templateWords)
  report.diagnostics.push(...shaped.diagnostics)
  const source = shaped.value
  if (!source) return { isSound: false, steps: [], inputs: {}, names: new Map(), origins: new Map() }
  const at = (key: string): Origin => ({ report, place: [key] })
  const builder = new StepBuilder(fields, brokenBelow(shaped.removed), splicer(fields, trail))
  const inputs = readInputs(source.inputs, at('inputs'))
  const own = { ...inherited, ...source.defaults, ...(source.defaults?.agent && { agentAt: at('defaults') }) }
  const steps = builder.list(source.steps, at('steps'), own)
  const body = { inputs, steps }
  const outline = new Outline(body)
  checkBody(body, outline, builder.origins, report)
  return { isSound: !hasErrors(report.all()), steps, inputs, names: outline.names, origins: builder.origins }
}

/** Checks a template that nothing uses, perhaps. */
export function checkTemplate(document: Document, library: Library): { diagnostics: readonly Diagnostic[] } {
  const fields = new FieldReader(library)
  if (document.value === undefined) return { diagnostics: document.diagnostics }
  readTemplate(document, fields, [templateName(document.path)], {})
  return { diagnostics: [...fields.reports].flatMap(report => report.all()) }
}

// Templates in templates multiply: a few lines of them could stand for millions of steps.
const mostUses = 1000

/** Splices templates into a file. `trail` names the templates that this file is itself spliced into. */
export function splicer(fields: FieldReader, trail: readonly string[]): Splice {
  return (source, origin, id, inherited) => {
    const name = source.use ?? ''
    const template = findTemplate(name, within(origin, 'use'), fields, trail, inherited)
    if (!template) return { steps: [placeholder(`${id}-with-values`, {}, fields)], origins: new Map() }
    const given = (source.with ?? {}) as Record<string, Json>
    const [call, values] = [within(origin, 'use'), within(origin, 'with')]
    const refused = checkArguments(given, template.inputs, `The template \`${name}\``, call, values)
    // The template is not to blame for what it is given wrongly: there, nothing is known of it.
    const accepted = Object.entries(given).filter(([argument]) => !refused.has(argument))
    return splice(template, Object.fromEntries(accepted), id, origin, inherited, fields)
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
    complain(origin, 'UNKNOWN_TEMPLATE', `No template is called "${name}".`, unknownHint(name, fields.library))
    return undefined
  }
  fields.dependencies.add(document.path)
  fields.uses += 1
  if (fields.uses > mostUses) {
    const message = `There are more than ${mostUses} uses of templates, those inside templates counted each time.`
    if (fields.uses === mostUses + 1)
      complain(origin, 'TOO_MANY_USES', message, 'Let a template use fewer others, or an `each` do it.')
    return undefined
  }
  if (trail.includes(name)) {
    const way = [...trail.slice(trail.indexOf(name)), name].join(' → ')
    complain(origin, 'CYCLE', `These templates use one another: ${way}.`, 'Take one of these uses away.')
    return undefined
  }
  const template = readTemplate(document, fields, [...trail, name], handedToTemplate(inherited))
  if (template.isSound) return template
  complain(origin, 'BROKEN_TEMPLATE', `The template \`${name}\` has errors of its own.`, `Mend ${document.path} first.`)
  return undefined
}

/** What to write for a name that no template has; people also write the path of its file. */
function unknownHint(name: string, { templates }: Library): string {
  const plain = templateName(name).replace(/^(\.{0,2}\/)*(templates\/)?/, '')
  const near = templates.has(plain) ? plain : nearest(plain, templates.keys())
  const path = `\`workflows/templates/${plain}.yaml\``
  if (plain === name) return near === undefined ? `Create ${path}.` : `Did you mean \`${near}\`?`
  const created = near === undefined ? `, and create ${path}` : ''
  return `A template is named without folder and ending: write \`${near ?? plain}\`${created}.`
}
