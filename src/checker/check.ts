import type { Diagnostic, Span } from '../model/diagnostic.ts'
import { hasErrors } from '../model/diagnostic.ts'
import type { Json } from '../model/json.ts'
import { stepFieldNames } from '../model/step-source.ts'
import type { Input, Workflow } from '../model/workflow.ts'
import { WorkflowSource } from '../model/workflow-source.ts'
import { toJsonSchema } from '../model/value-schema.ts'
import type { Document, Place } from '../parser/document.ts'
import { StepBuilder } from './build.ts'
import { FieldReader, type Inherited } from './fields.ts'
import type { Library } from './library.ts'
import { checkNames } from './names.ts'
import { Outline } from './outline.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'
import { ScopeChecker } from './scope.ts'
import { checkBranches } from './branches.ts'

export interface Checked {
  /** The sound workflow; undefined when a diagnostic is an error. */
  readonly workflow: Workflow | undefined
  /** Every problem found, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[]
  /** Where each step was written. */
  readonly places: Readonly<Record<string, Span>>
  /** Paths of the files that the workflow depends on, besides its own. */
  readonly dependencies: readonly string[]
}

/** Checks a document and makes a sound workflow of it, or says everything that keeps it from being one. */
export function check(document: Document, library: Library): Checked {
  const report = new Report(document)
  if (document.value === undefined) return finish(report, undefined, new Map(), [])
  const shaped = checkShape(WorkflowSource, document, fieldNames, mend)
  report.diagnostics.push(...shaped.diagnostics)
  if (!shaped.value) return finish(report, undefined, new Map(), [])
  const fields = new FieldReader(report, library)
  const isBroken = brokenBelow(shaped.removed)
  const builder = new StepBuilder(report, fields, isBroken)
  const workflow = build(shaped.value, builder, document.path, report)
  const outline = new Outline(workflow)
  const ids = writtenIds(document.value)
  checkInputs(workflow, report)
  checkNames(workflow, outline, builder.places, report, id => ids.has(id))
  checkBranches(outline, builder.places, report)
  new ScopeChecker(workflow, outline, builder.places, report, id => ids.has(id)).check()
  return finish(report, workflow, builder.places, [...fields.dependencies])
}

/** A commit gives no inputs: one without a default keeps it from starting the workflow. */
function checkInputs({ inputs }: Workflow, report: Report): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (input.default !== undefined) continue
    const hint = `Give it a \`default\`, or start the workflow with \`orchestrate run -i ${name}=…\`.`
    report.warning(
      'INPUT_UNSET',
      `A commit cannot start this workflow: input "${name}" has no value.`,
      ['inputs', name],
      hint,
      'key',
    )
  }
}

function build(source: WorkflowSource, builder: StepBuilder, path: string, report: Report): Workflow {
  const name = workflowName(path)
  return {
    name,
    title: source.name ?? name,
    ...(source.description !== undefined && { description: source.description }),
    tags: source.tags ?? [],
    inputs: Object.fromEntries(
      Object.entries(source.inputs ?? {}).map(([key, input]) => [key, readInput(input, ['inputs', key], report)]),
    ),
    steps: builder.list(source.steps, ['steps'], inheritedFrom(source.defaults)),
    ...(source.outputs !== undefined && { outputs: source.outputs }),
  }
}

function inheritedFrom(defaults: WorkflowSource['defaults']): Inherited {
  return defaults ? { ...defaults, agentPlace: ['defaults', 'agent'] } : {}
}

/** The identity of a workflow: its path below `workflows/` without ending. */
export function workflowName(path: string): string {
  const below = path.replaceAll('\\', '/').replace(/^(.*\/)?workflows\//, '')
  const plain = below === path ? below.slice(below.lastIndexOf('/') + 1) : below
  return plain.replace(/\.(workflow\.md|ya?ml)$/, '')
}

function readInput(written: unknown, place: Place, report: Report): Input {
  if (typeof written !== 'object' || written === null) return { schema: toJsonSchema(written) ?? {} }
  const { default: value, description, ...schema } = written as Record<string, Json>
  const known = toJsonSchema(schema)
  if (!known)
    report.error(
      'BAD_SCHEMA',
      'This is no schema of an input.',
      place,
      'Write a type, or `{ type: string, default: … }`.',
    )
  return {
    schema: known ?? {},
    ...(value !== undefined && { default: value }),
    ...(typeof description === 'string' && { description }),
  }
}

function finish(
  report: Report,
  workflow: Workflow | undefined,
  places: ReadonlyMap<string, Place>,
  dependencies: readonly string[],
): Checked {
  const { document } = report
  const diagnostics = report.all()
  return {
    workflow: hasErrors(diagnostics) ? undefined : workflow,
    diagnostics,
    places: Object.fromEntries([...places].map(([id, place]) => [id, document.spanOf(place)])),
    dependencies: dependencies.toSorted(),
  }
}

function fieldNames(place: Place): readonly string[] {
  const last = place.at(-1)
  if (last === undefined) return Object.keys(WorkflowSource.shape)
  if (typeof last === 'number') return place.at(-2) === 'switch' ? ['when', 'steps'] : stepFieldNames
  const fields: Record<string, readonly string[]> = {
    loop: ['while', 'until', 'max', 'steps'],
    retry: ['attempts', 'backoff', 'factor', 'max', 'jitter', 'on'],
    agent: ['name', 'model', 'temperature', 'top-p', 'max-tokens', 'seed'],
    run: ['command', 'network'],
    defaults: ['agent', 'model', 'context', 'env', 'timeout', 'retry', 'on-error'],
  }
  return fields[last] ?? []
}

/** What stands in for a part that is missing or wrong, so that the rest can be checked; undefined where nothing can. */
function mend(place: Place): unknown {
  const [last, owner, above] = [place.at(-1), place.at(-2), place.at(-3)]
  if (typeof last === 'number') {
    if (owner === 'switch') return { steps: [] }
    return owner === 'steps' || owner === 'parallel' || owner === 'default' || above === 'cases'
      ? { set: {} }
      : undefined
  }
  if (owner === 'loop' && last === 'max') return 1
  if (last === 'steps' && (owner === 'loop' || place.length === 1)) return [{ set: {} }]
  return last === 'default' || owner === 'cases' || (last === 'steps' && above === 'switch') ? [] : undefined
}

function brokenBelow(removed: readonly Place[]): (place: Place) => boolean {
  return place => removed.some(gone => place.every((key, index) => gone[index] === key))
}

/** Every id in the file, also those of steps that were taken out: a reference to one is not reported again. */
function writtenIds(value: unknown): Set<string> {
  const found = new Set<string>()
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if ('id' in next && typeof next.id === 'string') found.add(next.id)
    open.push(...Object.values(next).filter(item => item !== undefined))
  }
  return found
}
