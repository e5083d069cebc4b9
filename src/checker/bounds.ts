import { bodyLists } from '../model/step-lists.ts'
import type { LeafStep, Step } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import type { FieldReader } from './fields.ts'
import { complain, type Origin, within } from './origin.ts'
import type { Outline, OutlineEntry } from './outline.ts'
import type { Report } from './report.ts'

/** The most items of an `each`; a longer list is a failure of the step. */
export const mostItems = 10_000

const mostTurns = 1_000_000
const dayMs = 86_400_000
const longestMs = 366 * dayMs

/** How often steps can run at most, retries apart: every run of a workflow ends within that. */
export function boundOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + boundOfStep(step), 0)
}

function boundOfStep(step: Step): number {
  const attached = boundOf(step.handler ?? []) + boundOf(step.undo ? [step.undo] : [])
  const inside = bodyLists(step).map(boundOf)
  switch (step.kind) {
    case 'loop':
      return attached + step.max * (inside[0] ?? 0) + 1
    case 'each':
      return attached + itemsOf(step.in) * (inside[0] ?? 0) + 1
    case 'switch':
      return attached + Math.max(0, ...inside) + 1
    default:
      return attached + (inside[0] ?? 0) + 1
  }
}

function itemsOf(list: string | readonly unknown[]): number {
  return typeof list === 'string' ? mostItems : list.length
}

/** Checks that a workflow ends in reasonable time, spends what can be counted, and has no step that never runs. */
export function checkBounds(
  workflow: Workflow,
  outline: Outline,
  origins: ReadonlyMap<string, Origin>,
  fields: FieldReader,
  report: Report,
): void {
  if (workflow.limits?.usd !== undefined)
    checkPrices(outline.entries.values(), { report, place: ['limits', 'usd'] }, fields)
  for (const entry of outline.entries.values()) {
    const { step } = entry
    const origin = origins.get(step.id)
    if (!origin) continue
    checkDurations(step, origin)
    checkTurns(entry, origin)
    checkNever(step, origin)
    if (step.limits?.usd === undefined) continue
    const inside = [...outline.entries.values()].filter(other => other === entry || other.ancestors.includes(step))
    checkPrices(inside, within(origin, 'limits', 'usd'), fields)
  }
}

function checkDurations(step: Step, origin: Origin): void {
  const lengths = { timeout: step.timeoutMs, wait: step.kind === 'wait' ? step.durationMs : undefined }
  for (const [key, length = 0] of Object.entries(lengths)) {
    if (length <= longestMs) continue
    const message = `\`${key}\` is ${Math.round(length / dayMs)} days; at most 366 are waited.`
    complain(within(origin, key), 'TOO_LONG', message, 'Wait for a time or an event instead: `wait: { until: … }`.')
  }
}

/** Loops in loops multiply. */
function checkTurns({ step, ancestors }: OutlineEntry, origin: Origin): void {
  if (step.kind !== 'loop') return
  const turns = [...ancestors, step].reduce((product, each) => product * (each.kind === 'loop' ? each.max : 1), 1)
  if (turns <= mostTurns) return
  const message = `This loop could turn ${turns} times in all, with the loops around it; at most ${mostTurns} are allowed.`
  complain(within(origin, 'loop', 'max'), 'TOO_MANY_TURNS', message, 'Lower `max` here or in a loop around it.')
}

function checkNever(step: Step, origin: Origin): void {
  if (step.if === 'false') {
    origin.report.warning('UNREACHABLE', 'This step never runs.', [...origin.place, 'if'], 'Take it away, or the `if`.')
  }
  if (step.kind === 'loop' && step.while === 'false') {
    const place = [...origin.place, 'loop', 'while']
    origin.report.warning('UNREACHABLE', 'This loop never turns.', place, 'Take it away, or the `while`.')
  }
}

/** A limit in USD can only be kept where tokens have a price. */
function checkPrices(entries: Iterable<OutlineEntry>, origin: Origin, { library }: FieldReader): void {
  const { hasPrice } = library
  if (!hasPrice) return
  const asked = [...entries].flatMap(({ step }) => (step.kind === 'prompt' ? modelsOf(step) : []))
  const unknown = [...new Set(asked.filter(model => !hasPrice(model)))]
  if (unknown.length === 0) return
  const names = unknown.map(model => (model === undefined ? 'the default model' : `"${model}"`)).join(', ')
  const hint = 'Give its price at its host: `usd-per-million: { model: [input, output] }` in orchestrate.yaml.'
  origin.report.warning(
    'NO_PRICE',
    `Nobody knows what ${names} costs: this limit counts it as free.`,
    origin.place,
    hint,
  )
}

function modelsOf(step: LeafStep & { kind: 'prompt' }): (string | undefined)[] {
  return step.agent.models.length === 0 ? [undefined] : step.agent.models
}
