import { isMap } from '../model/json.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'
import type { Place } from './document.ts'

/** What a part of a workflow is: it decides in which order its fields are printed, and what the parts of it are. */
interface Role {
  readonly order: readonly string[]
  /** The role of what stands under a name, or of every entry. */
  inside(name: string | number): Role
}

const data: Role = { order: [], inside: () => data }
const steps: Role = { order: [], inside: () => step }
const cases: Role = { order: [], inside: () => steps }
const branches: Role = { order: [], inside: () => around('when', 'steps') }
const loop = around('while', 'until', 'max', 'steps')
const each = around('in', 'as', 'parallel', 'steps')

const step: Role = {
  order: [
    ...['id', 'description', 'if', 'needs', 'runs-on', 'priority'],
    ...['agent', 'model', 'context', 'tools', 'skills', 'env'],
    ...['prompt', 'tool', 'run', 'http', 'kilo', 'ask', 'wait', 'set', 'workflow', 'use', 'code', 'with'],
    ...['parallel', 'steps', 'loop', 'each', 'switch', 'cases', 'default'],
    ...['output', 'expect', 'as', 'limits', 'timeout', 'retry', 'cache', 'on-error', 'undo'],
  ],
  inside(name) {
    switch (name) {
      case 'parallel':
      case 'steps':
      case 'default':
        return steps
      case 'loop':
        return loop
      case 'each':
        return each
      case 'switch':
        return branches
      case 'cases':
        return cases
      case 'on-error':
        return around('steps')
      case 'undo':
        return step
      default:
        return data
    }
  },
}

const workflow: Role = {
  order: [
    ...['name', 'description', 'tags', 'inputs', 'cases', 'on', 'defaults', 'limits', 'concurrency'],
    ...['steps', 'finally', 'outputs'],
  ],
  inside: name => (name === 'steps' || name === 'finally' ? steps : data),
}

/** A map with `steps` in it, and fields of its own. */
function around(...order: readonly string[]): Role {
  return { order, inside: name => (name === 'steps' ? steps : data) }
}

/** The order in which the fields at a place of a workflow are printed; empty where people choose the names. */
export function orderOf(place: Place): readonly string[] {
  return place.reduce<Role>((role, name) => role.inside(name), workflow).order
}

/** The same workflow with its fields in the order in which they are always printed. */
export function orderWorkflow(source: WorkflowSource): WorkflowSource {
  return ordered(source, workflow) as WorkflowSource
}

/** Fields that the order does not know come last, as they stand; what is undefined is left out. */
function ordered(value: unknown, role: Role): unknown {
  if (role === data) return value
  if (Array.isArray(value)) return value.map((item, index) => ordered(item, role.inside(index)))
  if (!isMap(value)) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  if (role.order.length > 0) entries.sort(([a], [b]) => rank(role.order, a) - rank(role.order, b))
  return Object.fromEntries(entries.map(([name, field]) => [name, ordered(field, role.inside(name))]))
}

/** The position of a name in an order; unknown names stand behind all others. */
export function rank(order: readonly string[], name: string): number {
  const index = order.indexOf(name)
  return index === -1 ? order.length : index
}
