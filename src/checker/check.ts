import type { Diagnostic, Span } from '../model/diagnostic.ts'
import { hasErrors } from '../model/diagnostic.ts'
import type { Workflow } from '../model/workflow.ts'
import { WorkflowSource } from '../model/workflow-source.ts'
import type { Document } from '../parser/document.ts'
import { StepBuilder } from './build.ts'
import { checkBounds } from './bounds.ts'
import { checkCalls } from './calls.ts'
import { checkBody } from './check-body.ts'
import { FieldReader, type Inherited } from './fields.ts'
import { readInputs } from './inputs.ts'
import type { Library } from './library.ts'
import type { Origin } from './origin.ts'
import { Outline } from './outline.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'
import { brokenBelow, fieldNames, foreignWords, mend } from './source-shape.ts'
import { splicer } from './template.ts'
import { checkHead, readConcurrency, readTriggers } from './triggers.ts'

export interface Checked {
  /** The sound workflow; undefined when a diagnostic is an error. */
  readonly workflow: Workflow | undefined
  /** Every problem found, in the order of the file; those of files it is made of come after its own. */
  readonly diagnostics: readonly Diagnostic[]
  /** Where each step was written: in the file itself, or in a template. */
  readonly places: Readonly<Record<string, Span>>
  /** Paths of the files that the workflow depends on, besides its own. */
  readonly dependencies: readonly string[]
}

/** Checks a document and makes a sound workflow of it, or says everything that keeps it from being one. */
export function check(document: Document, library: Library): Checked {
  const report = new Report(document)
  const fields = new FieldReader(library)
  if (document.value === undefined) return finish(report, undefined, new Map(), fields)
  const shaped = checkShape(WorkflowSource, document, fieldNames, mend, foreignWords)
  report.diagnostics.push(...shaped.diagnostics)
  if (!shaped.value) return finish(report, undefined, new Map(), fields)
  const builder = new StepBuilder(fields, brokenBelow(shaped.removed), splicer(fields, []))
  const workflow = build(shaped.value, builder, fields, report)
  const outline = new Outline(workflow)
  checkHead(workflow, { report, place: [] })
  checkBody(workflow, outline, builder.origins, report)
  checkCalls(workflow.name, outline, builder.origins, fields)
  checkBounds(workflow, outline, builder.origins, fields, report)
  return finish(report, workflow, builder.origins, fields)
}

function build(source: WorkflowSource, builder: StepBuilder, fields: FieldReader, report: Report): Workflow {
  const name = workflowName(report.document.path)
  const inherited = inheritedFrom(source.defaults, report)
  const at = (key: string): Origin => ({ report, place: [key] })
  const limits = fields.limits(source.limits)
  const concurrency = readConcurrency(source.concurrency)
  return {
    name,
    title: source.name ?? name,
    ...(source.description !== undefined && { description: source.description }),
    tags: source.tags ?? [],
    inputs: readInputs(source.inputs, at('inputs')),
    cases: source.cases ?? {},
    triggers: readTriggers(source.on),
    ...(limits && { limits }),
    ...(concurrency && { concurrency }),
    steps: builder.list(source.steps, at('steps'), inherited),
    ...(source.finally && { finally: builder.list(source.finally, at('finally'), inherited) }),
    ...(source.outputs !== undefined && { outputs: source.outputs }),
  }
}

function inheritedFrom(defaults: WorkflowSource['defaults'], report: Report): Inherited {
  if (!defaults) return {}
  const at = (key: string): Origin => ({ report, place: ['defaults', key] })
  return { ...defaults, agentAt: at('agent'), outputAt: at('output'), skillsAt: at('skills') }
}

/** The identity of a workflow: its path below `workflows/` without ending. */
export function workflowName(path: string): string {
  const below = path.replaceAll('\\', '/').replace(/^(.*\/)?workflows\//, '')
  const plain = below === path ? below.slice(below.lastIndexOf('/') + 1) : below
  return plain.replace(/\.(workflow\.md|ya?ml)$/, '')
}

function finish(
  report: Report,
  workflow: Workflow | undefined,
  origins: ReadonlyMap<string, Origin>,
  fields: FieldReader,
): Checked {
  const diagnostics = [report, ...fields.reports].flatMap(each => each.all())
  const once = new Map(
    diagnostics.map(item => [`${item.span.path} ${item.span.offset} ${item.code} ${item.message}`, item]),
  )
  const places = [...origins].map(([id, origin]) => [id, origin.report.document.spanOf(origin.place)] as const)
  return {
    workflow: hasErrors(diagnostics) ? undefined : workflow,
    diagnostics: [...once.values()],
    places: Object.fromEntries(places),
    dependencies: [...fields.dependencies].sort(),
  }
}
