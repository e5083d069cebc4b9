import { isMap } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { ChildStep } from '../model/step.ts'
import type { Input } from '../model/workflow.ts'
import type { Document } from '../parser/document.ts'
import { checkArguments } from './arguments.ts'
import type { FieldReader } from './fields.ts'
import { readInputs } from './inputs.ts'
import { complain, type Origin, within } from './origin.ts'
import type { Outline } from './outline.ts'
import { Report } from './report.ts'

/** Checks the workflows that a workflow calls: they exist, are given what they need, and never come back to it. */
export function checkCalls(
  name: string,
  outline: Outline,
  origins: ReadonlyMap<string, Origin>,
  fields: FieldReader,
): void {
  for (const { step } of outline.entries.values()) {
    const origin = origins.get(step.id)
    if (step.kind === 'workflow' && origin) checkCall(name, step, origin, fields)
  }
}

function checkCall(caller: string, step: ChildStep, origin: Origin, fields: FieldReader): void {
  const { workflows } = fields.library
  const call = within(origin, 'workflow')
  const document = step.workflow === caller ? origin.report.document : workflows.get(step.workflow)
  if (!document) {
    const near = nearest(step.workflow, workflows.keys())
    const hint = near === undefined ? `Create \`workflows/${step.workflow}.yaml\`.` : `Did you mean \`${near}\`?`
    complain(call, 'UNKNOWN_WORKFLOW', `No workflow is called "${step.workflow}".`, hint)
    return
  }
  const way = wayBack(caller, step.workflow, workflows, fields.dependencies)
  if (way) {
    const message = `These workflows call one another: ${[caller, ...way].join(' → ')}.`
    complain(call, 'CYCLE', message, 'Take one of these calls away.')
    return
  }
  checkArguments(step.with, inputsOf(document), `The workflow \`${step.workflow}\``, call, within(origin, 'with'))
}

/** The inputs that a document declares; what is wrong with them is reported with the document itself. */
function inputsOf(document: Document): Record<string, Input> {
  const written = isMap(document.value) ? document.value['inputs'] : undefined
  return isMap(written) ? readInputs(written as never, { report: new Report(document), place: ['inputs'] }) : {}
}

/** The calls that lead from a workflow back to the caller, if any do; notes the files on every way. */
function wayBack(
  caller: string,
  callee: string,
  workflows: ReadonlyMap<string, Document>,
  dependencies: Set<string>,
): string[] | undefined {
  const seen = new Set<string>()
  const open: string[][] = [[callee]]
  for (let way = open.pop(); way; way = open.pop()) {
    const last = way.at(-1) ?? ''
    if (last === caller) return way
    const document = workflows.get(last)
    if (!document || seen.has(last)) continue
    seen.add(last)
    dependencies.add(document.path)
    for (const next of callsOf(document.value)) open.push([...way, next])
  }
  return undefined
}

// Below these keys stand values, not steps.
const valueKeys: ReadonlySet<string> = new Set(['set', 'with', 'json', 'inputs', 'outputs', 'output', 'env'])

function callsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(callsOf)
  if (!isMap(value)) return []
  const own = typeof value['workflow'] === 'string' ? [value['workflow']] : []
  const inside = Object.entries(value).flatMap(([key, item]) => (valueKeys.has(key) ? [] : callsOf(item)))
  return [...own, ...inside]
}
