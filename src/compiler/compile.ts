import { boundOf } from '../checker/bounds.ts'
import { Outline } from '../checker/outline.ts'
import { permissionsOf } from '../checker/permissions.ts'
import type { Span } from '../model/diagnostic.ts'
import { hashValue } from '../model/hash.ts'
import type { Workflow } from '../model/workflow.ts'
import { compileCharts } from './chart.ts'
import { graphOf } from './graph.ts'
import type { Program } from './program.ts'
import { stepTable } from './table.ts'

/**
 * Compiles a sound workflow to a program: charts, step table and graph, as plain JSON.
 *
 * `places` says where each step was written; it is no part of the hash, so that a comment changes no program.
 */
export function compile(workflow: Workflow, places: Readonly<Record<string, Span>> = {}): Program {
  const outline = new Outline(workflow)
  const everything = [...workflow.steps, ...(workflow.finally ?? [])]
  const body = {
    workflow: workflow.name,
    title: workflow.title,
    ...(workflow.description !== undefined && { description: workflow.description }),
    inputs: workflow.inputs,
    cases: workflow.cases,
    triggers: workflow.triggers,
    ...(workflow.limits && { limits: workflow.limits }),
    ...(workflow.concurrency && { concurrency: workflow.concurrency }),
    ...(workflow.outputs !== undefined && { outputs: workflow.outputs }),
    bound: boundOf(everything),
    permissions: permissionsOf(everything),
    ...compileCharts(workflow, outline),
    steps: stepTable(outline),
    names: Object.fromEntries(outline.names),
    order: [...outline.entries.keys()],
    top: workflow.steps.map(step => step.id),
    graph: graphOf(outline),
  }
  return { hash: hashValue(body), ...body, places }
}
