import type { Reference } from '../model/expression-tree.ts'
import { nearest } from '../model/nearest.ts'
import { allSteps, type LoopStep } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import type { Place } from '../parser/document.ts'
import { splitTemplate } from '../parser/template.ts'
import { languageNames, type Outline, type OutlineEntry } from './outline.ts'
import { hasSettledBefore } from './order.ts'
import type { Report } from './report.ts'
import { suggest, valueAt } from './names.ts'
import {
  type ExpressionSite,
  expressionSites,
  expressionsOf,
  templateSites,
  type TemplateSite,
  textsIn,
} from './sites.ts'

const stepFields = ['output', 'status', 'error', 'attempts', 'usage']
const runFields = ['id', 'workflow', 'revision', 'branch', 'trigger', 'event', 'status', 'error']

/** Where an expression stands: what has settled there, and which loop is around it. */
interface Standpoint {
  hasSettled(id: string): boolean
  readonly loop: LoopStep | undefined
}

/** Checks every expression of a workflow: its syntax, its types, and that what it reads exists and has settled. */
export class ScopeChecker {
  readonly #workflow: Workflow
  readonly #outline: Outline
  readonly #places: ReadonlyMap<string, Place>
  readonly #report: Report
  readonly #isKnown: (id: string) => boolean

  constructor(
    workflow: Workflow,
    outline: Outline,
    places: ReadonlyMap<string, Place>,
    report: Report,
    isKnown: (id: string) => boolean,
  ) {
    this.#workflow = workflow
    this.#outline = outline
    this.#places = places
    this.#report = report
    this.#isKnown = isKnown
  }

  check(): void {
    for (const entry of this.#outline.entries.values()) {
      if (this.#report.isFull) return
      const place = this.#places.get(entry.step.id) ?? []
      for (const template of templateSites(entry.step)) this.#template(template, place)
      for (const site of expressionSites(entry.step))
        this.#expression(site, place, this.#standpoint(entry, site.moment))
    }
    const everything = { hasSettled: () => true, loop: undefined }
    for (const template of textsIn(this.#workflow.outputs ?? null, ['outputs'])) {
      this.#template(template, [])
      for (const site of expressionsOf(template)) this.#expression(site, [], everything)
    }
  }

  #template(site: TemplateSite, place: Place): void {
    const { problem } = splitTemplate(site.text)
    if (!problem) return
    const hint = 'Write $${ for a literal ${.'
    this.#report.errorWithin(
      'BAD_TEMPLATE',
      problem.message,
      [...place, ...site.place],
      problem.start,
      problem.end,
      hint,
    )
  }

  #expression(site: ExpressionSite, stepPlace: Place, standpoint: Standpoint): void {
    const place = [...stepPlace, ...site.place]
    const written = valueAt(this.#report.document.value, place)
    // A condition may stand inside one `${…}` of its own, which the site does not count.
    const offset =
      site.start > 0 || typeof written !== 'string' ? site.start : Math.max(0, written.indexOf(site.source))
    const { expressions } = this.#outline
    const problem = expressions.problem(site.source)
    if (problem) {
      const { message, start, end } = problem
      const hint = hintFor(site.source)
      this.#report.errorWithin('BAD_EXPRESSION', `${message}.`, place, offset + start, offset + end, hint)
    }
    for (const reference of expressions.references(site.source)) {
      if (this.#report.isFull) return
      const complaint = this.#complaint(reference, standpoint)
      if (!complaint) continue
      const { code, message, hint } = complaint
      this.#report.errorWithin(code, message, place, offset + reference.start, offset + reference.end, hint)
    }
  }

  #complaint(reference: Reference, standpoint: Standpoint): Complaint | undefined {
    const { root, member, field } = reference
    if (root === 'steps') return this.#stepComplaint(member, field, standpoint)
    if (root === 'previous') return this.#previousComplaint(member, field, standpoint)
    if (root === 'index') return standpoint.loop ? undefined : outsideLoop('index')
    if (root === 'inputs') return this.#inputComplaint(member)
    if (root === 'run') return member === undefined ? undefined : unknownMember('run', member, runFields)
    const named = this.#outline.names.get(root)
    if (named) return this.#settledComplaint(named.step, root, standpoint)
    if (Object.hasOwn(this.#workflow.inputs, root)) return undefined
    return this.#unknownName(root)
  }

  #stepComplaint(id: string | undefined, field: string | undefined, standpoint: Standpoint): Complaint | undefined {
    if (id === undefined)
      return { code: 'BAD_REFERENCE', message: '`steps` needs the id of a step.', hint: 'Write `steps.<id>.output`.' }
    if (!this.#outline.entries.get(id)?.step.isNamed) {
      if (this.#isKnown(id)) return undefined
      const named = [...this.#outline.entries.values()].filter(({ step }) => step.isNamed)
      const ids = named.map(({ step }) => step.id)
      return { code: 'UNKNOWN_STEP', message: `No step is called "${id}".`, hint: suggest(id, ids) }
    }
    if (field !== undefined) {
      const wrong = unknownMember(`steps.${id}`, field, stepFields)
      if (wrong) return wrong
    }
    return this.#settledComplaint(id, `steps.${id}`, standpoint)
  }

  #settledComplaint(id: string, written: string, { hasSettled, loop }: Standpoint): Complaint | undefined {
    if (hasSettled(id)) return undefined
    const isEarlierTurn = loop !== undefined && allSteps(loop.steps).some(step => step.id === id)
    const hint = isEarlierTurn
      ? `In a loop, \`previous.${id}\` is the turn before.`
      : `Move the step below \`${id}\`, or let it need that step.`
    return { code: 'NOT_SETTLED', message: `\`${written}\` has not settled where it is read.`, hint }
  }

  #previousComplaint(id: string | undefined, field: string | undefined, { loop }: Standpoint): Complaint | undefined {
    if (!loop) return outsideLoop('previous')
    const body = allSteps(loop.steps)
      .filter(step => step.isNamed)
      .map(step => step.id)
    if (id === undefined || !body.includes(id)) {
      if (id !== undefined && this.#isKnown(id) && !this.#outline.entries.has(id)) return undefined
      const near = id === undefined ? undefined : nearest(id, body)
      const hint = near === undefined ? `It knows ${body.join(', ')}.` : `Did you mean \`${near}\`?`
      return {
        code: 'UNKNOWN_STEP',
        message: `\`previous\` knows no step "${id ?? ''}" in the loop \`${loop.id}\`.`,
        hint,
      }
    }
    return field === undefined ? undefined : unknownMember(`previous.${id}`, field, stepFields)
  }

  #inputComplaint(name: string | undefined): Complaint | undefined {
    if (name === undefined || Object.hasOwn(this.#workflow.inputs, name)) return undefined
    const near = nearest(name, Object.keys(this.#workflow.inputs))
    const hint = near === undefined ? `Declare it: \`inputs: { ${name}: string }\`.` : `Did you mean \`${near}\`?`
    return { code: 'UNKNOWN_INPUT', message: `There is no input "${name}".`, hint }
  }

  #unknownName(name: string): Complaint {
    const known = [...languageNames, ...Object.keys(this.#workflow.inputs), ...this.#outline.names.keys()]
    const hint = this.#outline.entries.has(name) ? `Write \`steps.${name}.output\`.` : suggest(name, known)
    return { code: 'UNKNOWN_NAME', message: `Nothing is called "${name}" here.`, hint }
  }

  /** Before a step, that has settled which it waits for at its level or at a level around it. */
  #standpoint(entry: OutlineEntry, moment: ExpressionSite['moment']): Standpoint {
    const { ancestors, step } = entry
    const isBefore = (id: string): boolean =>
      [...ancestors, step].some(holder => hasSettledBefore(id, holder, this.#outline))
    if (moment === 'before' || step.kind !== 'loop') {
      return { hasSettled: isBefore, loop: ancestors.findLast(ancestor => ancestor.kind === 'loop') }
    }
    const isInside = (id: string): boolean => this.#outline.entries.get(id)?.ancestors.includes(step) ?? false
    return { hasSettled: id => isBefore(id) || (moment === 'until' && isInside(id)), loop: step }
  }
}

interface Complaint {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

function outsideLoop(name: string): Complaint {
  return {
    code: 'OUTSIDE_LOOP',
    message: `\`${name}\` exists only inside a loop.`,
    hint: 'Read a step by `steps.<id>.output` instead.',
  }
}

function unknownMember(owner: string, member: string, known: readonly string[]): Complaint | undefined {
  if (known.includes(member)) return undefined
  const near = nearest(member, known)
  const hint = near === undefined ? `It has ${known.join(', ')}.` : `Did you mean \`${near}\`?`
  return { code: 'UNKNOWN_FIELD', message: `\`${owner}\` has no "${member}".`, hint }
}

function hintFor(source: string): string | undefined {
  if (/[^=!<>]=[^=]/.test(source)) return 'Two values are compared with `==`.'
  if (/\b(and|or|not)\b/.test(source)) return 'CEL writes `&&`, `||` and `!`.'
  return undefined
}
