import type { Diagnostic } from '../model/diagnostic.ts'
import { hasErrors } from '../model/diagnostic.ts'
import type { Step } from '../model/step.ts'
import { TemplateSource } from '../model/workflow-source.ts'
import type { Input } from '../model/workflow.ts'
import type { Document } from '../parser/document.ts'
import { StepBuilder } from './build.ts'
import { checkBody } from './check-body.ts'
import { FieldReader, type Inherited } from './fields.ts'
import { readInputs } from './inputs.ts'
import type { Library } from './library.ts'
import type { Origin } from './origin.ts'
import { Outline } from './outline.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'
import { brokenBelow, fieldNames, mend } from './source-shape.ts'
import { splicer } from './splice.ts'

/** A template as it is read for one use of it. */
export interface Template {
  readonly isSound: boolean
  readonly steps: readonly Step[]
  readonly inputs: Readonly<Record<string, Input>>
  readonly names: Outline['names']
  readonly origins: ReadonlyMap<string, Origin>
}

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
  const shaped = checkShape(TemplateSource, document, fieldNames, mend)
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
