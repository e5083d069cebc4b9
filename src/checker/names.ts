import { canNameValue } from '../model/expression.ts'
import { isLeaf } from '../model/step-lists.ts'
import type { Step } from '../model/step.ts'
import { reservedKeys } from '../parser/map-builder.ts'
import { complain, type Origin, within } from './origin.ts'
import { type Body, languageNames, type List, type Outline, type OutlineEntry } from './outline.ts'
import { cycleOf, orderOf } from './order.ts'
import type { Report } from './report.ts'
import { standpointOf } from './standpoint.ts'
import { suggest, valueAt } from './suggest.ts'

/** Words that no `.` may stand before in CEL, and names that no map can have: no step, no input, no `as`. */
const unreadable: ReadonlySet<string> = new Set([...['true', 'false', 'null', 'in'], ...reservedKeys])

/** Those and the words that name values of the language: no input, no `as`. */
const reserved: ReadonlySet<string> = new Set([...unreadable, ...languageNames])

function isReserved(name: string): boolean {
  return reserved.has(name) || !canNameValue(name)
}

/** Checks the names that steps are given and the steps that `needs` names. `isKnown` tells of ids whose step was taken out. */
export function checkNames(
  body: Body,
  outline: Outline,
  origins: ReadonlyMap<string, Origin>,
  report: Report,
  isKnown: (id: string) => boolean,
): void {
  const named = new Map<string, string>()
  for (const name of Object.keys(body.inputs)) {
    const origin = { report, place: ['inputs', name] }
    // A word of CEL does no harm as `inputs.type`; where it is read without, that is told there.
    if (reserved.has(name)) checkReserved(name, 'An input', origin, 'key')
    named.set(name, 'an input')
  }
  for (const entry of outline.entries.values()) {
    if (report.isFull) return
    const { step } = entry
    const origin = origins.get(step.id) ?? { report, place: [] }
    if (unreadable.has(step.id)) {
      complain(within(origin, 'id'), 'RESERVED_NAME', `A step cannot be called "${step.id}".`, 'Give it another id.')
    }
    checkAs(step, origin, named)
    if (Array.isArray(step.as)) checkNameList(step, step.as, origin)
    checkNeeds(entry, origin, outline, isKnown)
    checkContext(entry, origin, outline, isKnown)
  }
  checkItems(outline, origins, named)
  for (const list of outline.lists) checkCycle(list, outline, origins)
}

function checkReserved(name: string, owner: string, origin: Origin, at: 'key' | 'value' = 'value'): boolean {
  if (!isReserved(name)) return false
  const hint = 'It is a word of the expression language.'
  complain(origin, 'RESERVED_NAME', `${owner} cannot be called "${name}".`, hint, at)
  return true
}

function checkAs(step: Step, origin: Origin, named: Map<string, string>): void {
  for (const name of [step.as ?? []].flat()) {
    const at = within(origin, 'as')
    const other = named.get(name)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      complain(at, 'BAD_NAME', `"${name}" cannot name an output.`, 'Use letters, digits and underscores.')
    } else if (!checkReserved(name, 'An output', at) && other !== undefined) {
      complain(at, 'DUPLICATE_NAME', `"${name}" already names ${other}.`, 'Give this output another name.')
    }
    named.set(name, `the output of \`${step.id}\``)
  }
}

/** A list of names asks a step for an object of texts: a block is asked for nothing, and an `output` asks by itself. */
function checkNameList(step: Step, names: readonly string[], origin: Origin): void {
  const oneName = `one name, such as \`as: Result\`, and read \`\${Result.${names[0] ?? 'Plan'}}\``
  if (!isLeaf(step)) {
    const message = 'A list of names asks a step for texts, and a block is asked for nothing.'
    complain(within(origin, 'as'), 'BAD_VALUE', message, `Give it ${oneName}.`)
  } else if (valueAt(origin.report.document.value, [...origin.place, 'output']) !== undefined) {
    const message = '`as` asks for texts of these names, and `output` for something else.'
    complain(within(origin, 'output'), 'BAD_VALUE', message, `Take \`output\` away, or give it ${oneName}.`)
  }
}

/** The name of an item hides nothing: no input, no output, no item of an `each` around it. */
function checkItems(outline: Outline, origins: ReadonlyMap<string, Origin>, named: ReadonlyMap<string, string>): void {
  for (const { step, ancestors } of outline.entries.values()) {
    if (step.kind !== 'each' || step.item === 'item') continue
    const origin = origins.get(step.id)
    if (!origin || checkReserved(step.item, 'An item', within(origin, 'each', 'as'))) continue
    const outer = ancestors.find(ancestor => ancestor.kind === 'each' && ancestor.item === step.item)
    const other = named.get(step.item) ?? (outer && `the item of \`${outer.id}\``)
    if (other === undefined) continue
    const message = `"${step.item}" already names ${other}.`
    complain(within(origin, 'each', 'as'), 'DUPLICATE_NAME', message, 'Give the item another name.')
  }
}

function checkNeeds(
  { step, list }: OutlineEntry,
  origin: Origin,
  outline: Outline,
  isKnown: (id: string) => boolean,
): void {
  step.needs?.forEach((need, index) => {
    const written = valueAt(origin.report.document.value, [...origin.place, 'needs'])
    const at = Array.isArray(written) ? within(origin, 'needs', index) : within(origin, 'needs')
    const entry = outline.entries.get(need)
    const found = entry?.step.isNamed ? entry : undefined
    if (found?.list === list && found.step !== step) return
    if (need === step.id) {
      complain(at, 'NEEDS_ITSELF', `\`${step.id}\` cannot need itself.`, 'Take it away.')
    } else if (found) {
      const hint = elsewhereHint(step, outline.memberOf(list, need))
      complain(at, 'NEEDS_ELSEWHERE', `\`${need}\` is not in the list of \`${step.id}\`.`, hint)
    } else if (!isKnown(need)) {
      const others = list.steps.filter(other => other.isNamed && other !== step).map(other => other.id)
      complain(at, 'UNKNOWN_STEP', `No step is called "${need}".`, suggest(need, others))
    }
  })
}

/** A step needs steps of its own list; a step in a block of that list is waited for with its block. */
function elsewhereHint(step: Step, block: Step | undefined): string {
  if (!block || block === step) return 'A step needs steps of its own list.'
  if (block.isNamed) return `Name the block that holds it instead, \`${block.id}\`.`
  return `Give the \`${block.kind}\` that holds it an \`id\`, and name that.`
}

/** The steps that a prompt is to be shown: each is there, and has a name. */
function checkContext(entry: OutlineEntry, origin: Origin, outline: Outline, isKnown: (id: string) => boolean): void {
  const { step } = entry
  if (step.kind !== 'prompt' || typeof step.context === 'string') return
  const isOwn = valueAt(origin.report.document.value, [...origin.place, 'context']) !== undefined
  const { hasSettled } = standpointOf(entry, 'before', outline)
  const named = [...outline.entries.values()].flatMap(({ step: other }) => (other.isNamed ? [other.id] : []))
  step.context.forEach((id, index) => {
    if (named.includes(id) && isOwn && !hasSettled(id)) {
      const hint = `Let the step need \`${id}\`, or leave it out.`
      complain(within(origin, 'context', index), 'NOT_SETTLED', `\`${id}\` has not settled before this step.`, hint)
    }
    if (named.includes(id) || isKnown(id)) return
    const others = named.filter(other => other !== step.id)
    complain(within(origin, 'context', index), 'UNKNOWN_STEP', `No step is called "${id}".`, suggest(id, others))
  })
}

function checkCycle(list: List, outline: Outline, origins: ReadonlyMap<string, Origin>): void {
  const order = orderOf(list, outline)
  if (order.shape !== 'graph') return
  const cycle = cycleOf(order)
  const origin = origins.get(cycle?.[0] ?? '')
  if (!cycle || !origin) return
  const hint = 'Take one of these needs, or the expression that reads the step, away.'
  complain(origin, 'CYCLE', `These steps wait for one another: ${cycle.join(' → ')}.`, hint)
}
