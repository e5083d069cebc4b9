import { isMap } from '../model/json.ts'
import type { Reference } from '../model/expression-tree.ts'
import { canNameValue } from '../model/expression.ts'
import { nearest } from '../model/nearest.ts'
import { allSteps } from '../model/step-lists.ts'
import { firstTurnProblems } from './first-turn.ts'
import { checkText, type IsReadable, locate } from './text.ts'
import {
  type Complaint,
  outsideEach,
  outsideHandler,
  outsideLoop,
  ownOutput,
  secretComplaint,
  unknownMember,
  unknownName,
  wordOfCel,
} from './complaints.ts'
import type { Origin } from './origin.ts'
import { type Body, languageNames, type Outline } from './outline.ts'
import type { Report } from './report.ts'
import { assumedAt, StepTypes } from './step-types.ts'
import { typeProblems } from './type-problems.ts'
import { eachOf, loopAround, type Standpoint, standpointAtEnd, standpointOf } from './standpoint.ts'
import { expressionHint, suggest, valueAt } from './suggest.ts'
import { type ExpressionSite, expressionSites, expressionsOf, templateSites, textsIn } from './sites.ts'

const stepFields = ['output', 'status', 'error', 'attempts', 'usage', 'items']
const previousFields = ['output', 'status', 'error']
const runFields = ['id', 'workflow', 'revision', 'branch', 'trigger', 'event', 'status', 'error']
const errorFields = ['step', 'reason', 'message', 'output']

/** Checks every expression of a workflow: its syntax, its types, and that what it reads exists and has settled. */
export class ScopeChecker {
  readonly #body: Body
  readonly #outline: Outline
  readonly #origins: ReadonlyMap<string, Origin>
  readonly #report: Report
  readonly #isKnown: (id: string) => boolean
  readonly #types: StepTypes
  /** Inputs that are called by a word of CEL. */
  readonly #words: ReadonlySet<string>

  constructor(
    body: Body,
    outline: Outline,
    origins: ReadonlyMap<string, Origin>,
    report: Report,
    isKnown: (id: string) => boolean,
    types: StepTypes,
  ) {
    this.#body = body
    this.#outline = outline
    this.#origins = origins
    this.#report = report
    this.#isKnown = isKnown
    this.#types = types
    this.#words = new Set(Object.keys(body.inputs).filter(name => !canNameValue(name)))
  }

  check(): void {
    const isThere: IsReadable = reference => this.#isThere(reference)
    for (const entry of this.#outline.entries.values()) {
      if (this.#report.isFull) return
      const origin = this.#origins.get(entry.step.id) ?? { report: this.#report, place: [] }
      for (const template of templateSites(entry.step)) checkText(template, origin, isThere)
      for (const site of expressionSites(entry.step))
        this.#expression(site, origin, standpointOf(entry, site.moment, this.#outline))
    }
    const end = standpointAtEnd(this.#outline)
    const file = { report: this.#report, place: [] }
    for (const template of textsIn(this.#body.outputs ?? null, ['outputs'])) {
      checkText(template, file, isThere)
      for (const site of expressionsOf(template)) this.#expression(site, file, end)
    }
  }

  #expression(site: ExpressionSite, step: Origin, standpoint: Standpoint): void {
    const { report, place } = locate(site, step)
    const written = valueAt(report.document.value, place)
    // A condition may stand inside one `${…}` of its own, which the site does not count.
    const offset =
      site.start > 0 || typeof written !== 'string' ? site.start : Math.max(0, written.indexOf(site.source))
    const { expressions } = this.#outline
    const problem = expressions.problem(site.source)
    if (problem) {
      const { message, start, end } = problem
      const word = site.source.slice(start, end)
      const hint = this.#words.has(word) ? wordOfCel(word).hint : expressionHint(site.source)
      report.errorWithin('BAD_EXPRESSION', `${message}.`, place, offset + start, offset + end, hint)
    }
    const references = expressions.references(site.source)
    const complaints = references.flatMap(reference => {
      const { start, end } = reference
      const complaint = this.#complaint(reference, site, standpoint)
      return complaint ? [{ severity: 'error' as const, ...complaint, start, end }] : []
    })
    const { expects } = site
    const types = this.#types.environment(references, standpoint, assumedAt(site))
    const typed = [
      ...typeProblems(site.source, types, expects === 'any' ? {} : { expects }),
      ...firstTurnProblems(site, standpoint, this.#outline),
    ]
    // Where a name is wrong, so may be what its type seems to be.
    for (const { code, message, hint, start, end, severity } of complaints.length > 0 ? complaints : typed) {
      report.within(
        { code, severity, message, ...(hint !== undefined && { hint }) },
        place,
        offset + start,
        offset + end,
      )
    }
  }

  #isThere({ root, member }: Pick<Reference, 'root' | 'member'>): boolean {
    if (root === 'steps' || root === 'previous') return member !== undefined && this.#outline.entries.has(member)
    if (root === 'inputs') return member !== undefined && Object.hasOwn(this.#body.inputs, member)
    return root === 'secrets' || (root === 'run' && runFields.includes(member ?? '')) || this.#outline.names.has(root)
  }

  #complaint(reference: Reference, site: ExpressionSite, standpoint: Standpoint): Complaint | undefined {
    const { root, member, field } = reference
    switch (root) {
      case 'steps':
        return this.#stepComplaint(member, field, standpoint)
      case 'previous':
        return this.#previousComplaint(member, field, standpoint)
      case 'index':
        return standpoint.repeaters.length > 0 ? undefined : outsideLoop('index')
      case 'inputs':
        return this.#inputComplaint(member)
      case 'run':
        return member === undefined ? undefined : unknownMember('run', member, runFields)
      case 'secrets':
        return secretComplaint(member, site)
      case 'error':
        if (!standpoint.isHandling) return outsideHandler()
        return member === undefined ? undefined : unknownMember('error', member, errorFields)
    }
    if (eachOf(root, standpoint)) return undefined
    if (root === 'item') return outsideEach()
    const named = this.#outline.names.get(root)
    if (named) return this.#settledComplaint(named.step, root, standpoint)
    if (Object.hasOwn(this.#body.inputs, root)) return this.#words.has(root) ? wordOfCel(root) : undefined
    return this.#isDeclared(root) ? undefined : this.#unknownName(reference, site, standpoint)
  }

  #stepComplaint(id: string | undefined, field: string | undefined, standpoint: Standpoint): Complaint | undefined {
    if (id === undefined)
      return { code: 'BAD_REFERENCE', message: '`steps` needs the id of a step.', hint: 'Write `steps.<id>.output`.' }
    if (!this.#isReadable(id, standpoint)) {
      if (this.#isKnown(id)) return undefined
      const named = [...this.#outline.entries.values()].filter(({ step }) => this.#isReadable(step.id, standpoint))
      const ids = named.map(({ step }) => step.id).filter(other => other !== standpoint.reader?.id)
      return { code: 'UNKNOWN_STEP', message: `No step is called "${id}".`, hint: suggest(id, ids) }
    }
    if (field !== undefined) {
      const wrong = unknownMember(`steps.${id}`, field, stepFields) ?? this.#itemsComplaint(id, field)
      if (wrong) return wrong
    }
    return this.#settledComplaint(id, `steps.${id}`, standpoint)
  }

  /** A step of a template can be read by that template alone, and one without a name by nobody. */
  #isReadable(id: string, { reader }: Standpoint): boolean {
    const step = this.#outline.entries.get(id)?.step
    return step !== undefined && (reader?.owner !== undefined || (step.isNamed && step.owner === undefined))
  }

  #itemsComplaint(id: string, field: string): Complaint | undefined {
    const kind = this.#outline.entries.get(id)?.step.kind
    if (field !== 'items' || kind === 'loop' || kind === 'each') return undefined
    const hint = 'A loop has its turns as `items`, an `each` its items.'
    return { code: 'NULL_READ', message: `\`steps.${id}.items\` is always null.`, hint }
  }

  #settledComplaint(id: string, written: string, standpoint: Standpoint): Complaint | undefined {
    if (standpoint.isHidden(id)) {
      const each = this.#outline.entries.get(id)?.repeaters.find(repeater => repeater.kind === 'each')
      const hint = `Read the list of all outputs, \`steps.${each?.id ?? ''}.output\`.`
      return { code: 'INSIDE_EACH', message: `\`${written}\` is one for every item of \`${each?.id ?? ''}\`.`, hint }
    }
    if (standpoint.hasSettled(id)) return undefined
    if (id === standpoint.reader?.id) return ownOutput(id, written, loopAround(standpoint))
    const loop = loopAround(standpoint)
    const isEarlierTurn = loop !== undefined && allSteps(loop.steps).some(step => step.id === id)
    const hint = isEarlierTurn
      ? `In a loop, \`previous.${id}\` is the turn before.`
      : `Move the step below \`${id}\`, or let it need that step.`
    return { code: 'NOT_SETTLED', message: `\`${written}\` has not settled where it is read.`, hint }
  }

  #previousComplaint(id: string | undefined, field: string | undefined, standpoint: Standpoint): Complaint | undefined {
    const loop = loopAround(standpoint)
    if (!loop) return outsideLoop('previous')
    const body = allSteps(loop.steps)
      .filter(step => this.#isReadable(step.id, standpoint))
      .map(step => step.id)
    if (id === undefined || !body.includes(id)) {
      if (id !== undefined && this.#isKnown(id) && !this.#outline.entries.has(id)) return undefined
      const near = id === undefined ? undefined : nearest(id, body)
      const hint = near === undefined ? `It knows ${body.join(', ')}.` : `Did you mean \`${near}\`?`
      const message = `\`previous\` knows no step "${id ?? ''}" in the loop \`${loop.id}\`.`
      return { code: 'UNKNOWN_STEP', message, hint }
    }
    return field === undefined ? undefined : unknownMember(`previous.${id}`, field, previousFields)
  }

  #inputComplaint(name: string | undefined): Complaint | undefined {
    if (name === undefined || Object.hasOwn(this.#body.inputs, name) || this.#isDeclared(name)) return undefined
    const near = nearest(name, Object.keys(this.#body.inputs))
    const hint = near === undefined ? `Declare it: \`inputs: { ${name}: string }\`.` : `Did you mean \`${near}\`?`
    return { code: 'UNKNOWN_INPUT', message: `There is no input "${name}".`, hint }
  }

  /** True for an input that was taken out, as its schema is none. */
  #isDeclared(name: string): boolean {
    const inputs = valueAt(this.#report.document.value, ['inputs'])
    return isMap(inputs) && Object.hasOwn(inputs, name)
  }

  #unknownName({ root: name, start }: Reference, { source }: ExpressionSite, { repeaters }: Standpoint): Complaint {
    const items = repeaters.flatMap(repeater => (repeater.kind === 'each' ? [repeater.item] : []))
    const known = [...languageNames, ...Object.keys(this.#body.inputs), ...this.#outline.names.keys(), ...items]
    if (this.#outline.entries.has(name)) return unknownName(name, `Write \`steps.${name}.output\`.`)
    // What is compared with a bare word is compared with a text, most often.
    const isCompared = /[=!]=\s*$/.test(source.slice(0, start)) && nearest(name, known) === undefined
    return unknownName(name, isCompared ? `A text is written \`"${name}"\`.` : suggest(name, known))
  }
}
