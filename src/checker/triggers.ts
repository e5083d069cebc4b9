import { CronPattern } from 'croner'
import { Expressions } from '../model/expression.ts'
import type { Json } from '../model/json.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'
import type { Concurrency, Input, Triggers, Workflow } from '../model/workflow.ts'
import { splitTemplate } from '../parser/template.ts'
import { secretComplaint } from './complaints.ts'
import { complain, type Origin, within } from './origin.ts'
import { expressionsOf, textsIn } from './sites.ts'
import { expressionHint, suggest } from './suggest.ts'
import { checkFit } from './value-fit.ts'

type Values = Record<string, Json>

/** What starts a workflow, with the defaults of what is not written. */
export function readTriggers(written: WorkflowSource['on']): Triggers {
  if (written === 'manual') return { schedules: [] }
  const { commit, schedule, webhook } = written === undefined || written === 'commit' ? { commit: null } : written
  const { branches, paths = [], each = false, with: values } = commit ?? {}
  return {
    ...(commit !== undefined && {
      commit: { ...(branches && { branches }), paths, each, with: values ?? {} },
    }),
    schedules: [schedule ?? []].flat().map(({ cron, timezone = 'UTC', with: given, 'catch-up': catchUp = 'none' }) => {
      return { cron, timezone, with: given ?? {}, catchUp }
    }),
    ...(webhook && {
      webhook: {
        secret: webhook.secret,
        with: webhook.with ?? {},
        catchUp: webhook['catch-up'] ?? 'none',
      },
    }),
  }
}

/** How runs of a workflow stand aside for one another. */
export function readConcurrency(written: WorkflowSource['concurrency']): Concurrency | undefined {
  return written && { group: written.group, whenBusy: written['when-busy'] ?? 'queue' }
}

type Head = Pick<Workflow, 'inputs' | 'cases' | 'triggers' | 'concurrency'>

/** Checks what stands around the steps: cases, triggers and what they give to the inputs. */
export function checkHead(head: Head, file: Origin): void {
  const { cases, triggers, inputs } = head
  for (const [name, values] of Object.entries(cases)) checkCase(name, values, inputs, within(file, 'cases', name))
  const on = within(file, 'on')
  if (triggers.commit) {
    const origin = within(on, 'commit')
    checkGiven(triggers.commit.with, inputs, within(origin, 'with'))
    const sets = Object.entries(cases)
    for (const [name, values] of sets) {
      checkUnset({ ...triggers.commit.with, ...values }, head, `A commit cannot start the case "${name}"`, file)
    }
    if (sets.length === 0) checkUnset(triggers.commit.with, head, 'A commit cannot start this workflow', file)
  }
  triggers.schedules.forEach((schedule, index) => {
    const list = within(on, 'schedule')
    const origin = Array.isArray(valueOf(list)) ? within(list, index) : list
    checkCron(schedule.cron, schedule.timezone, origin)
    checkGiven(schedule.with, inputs, within(origin, 'with'))
    checkUnset(schedule.with, head, 'The schedule cannot start this workflow', file)
  })
  if (triggers.webhook) {
    checkGiven(triggers.webhook.with, inputs, within(on, 'webhook', 'with'))
    checkUnset(triggers.webhook.with, head, 'The webhook cannot start this workflow', file)
  }
  if (head.concurrency) {
    const names = ['inputs', 'run', ...Object.keys(inputs)]
    checkTexts(head.concurrency.group, names, within(file, 'concurrency', 'group'))
  }
}

function valueOf({ report, place }: Origin): unknown {
  return place.reduce<unknown>((value, key) => (value as Values | undefined)?.[key], report.document.value)
}

// Names of folders and of kinds of runs: a case of that name would be taken for one.
const reservedCases: ReadonlySet<string> = new Set(['steps', 'out', 'manual', 'webhook', 'schedule'])

function checkCase(name: string, values: Values, inputs: Readonly<Record<string, Input>>, origin: Origin): void {
  if (reservedCases.has(name)) {
    complain(origin, 'RESERVED_NAME', `A case cannot be called "${name}".`, 'Give it another name.', 'key')
  }
  checkKnown(values, inputs, origin)
  for (const [key, value] of Object.entries(values)) checkValue(key, value, inputs, origin)
  refuseSecrets(values, origin)
}

/** A case is a value as it is written, which everybody may read. */
function refuseSecrets(values: Values, { report, place }: Origin): void {
  const expressions = new Expressions([])
  for (const site of textsIn(values, place).flatMap(expressionsOf)) {
    for (const { root, member, start, end } of expressions.references(site.source)) {
      const complaint = root === 'secrets' ? secretComplaint(member, site) : undefined
      if (!complaint) continue
      const { code, message, hint } = complaint
      report.errorWithin(code, message, site.place, site.start + start, site.start + end, hint)
    }
  }
}

/** Values that a trigger gives: they may read what the trigger brings. */
function checkGiven(values: Values, inputs: Readonly<Record<string, Input>>, origin: Origin): void {
  checkKnown(values, inputs, origin)
  for (const [key, value] of Object.entries(values)) {
    if (textsIn(value, []).every(({ text }) => !text.includes('${'))) checkValue(key, value, inputs, origin)
    else checkTexts(value, ['run'], within(origin, key))
  }
}

function checkKnown(values: Values, inputs: Readonly<Record<string, Input>>, origin: Origin): void {
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(inputs, name)) continue
    const declared = Object.keys(inputs)
    const hint = declared.length > 0 ? suggest(name, declared) : `Declare it: \`inputs: { ${name}: string }\`.`
    complain(within(origin, name), 'UNKNOWN_INPUT', `There is no input "${name}".`, hint, 'key')
  }
}

function checkValue(name: string, value: Json, inputs: Readonly<Record<string, Input>>, origin: Origin): void {
  const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined
  if (input) checkFit(name, value, input.schema, within(origin, name))
}

/** A trigger gives no more than is written: an input that it leaves unset keeps it from starting the workflow. */
function checkUnset(given: Values, { inputs }: Head, what: string, file: Origin): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (input.default !== undefined || Object.hasOwn(given, name)) continue
    const hint = `Give it a \`default\`, a value in \`cases\` or \`with\`, or start it with \`orchestrate run -i ${name}=…\`.`
    file.report.warning('INPUT_UNSET', `${what}: input "${name}" has no value.`, ['inputs', name], hint, 'key')
  }
}

function checkCron(cron: string, timezone: string, origin: Origin): void {
  const reason = cronProblem(cron)
  if (reason !== undefined) {
    const hint = 'Write minute, hour, day, month and day of the week: `0 9 * * 1-5`.'
    complain(within(origin, 'cron'), 'BAD_SCHEDULE', `This is no schedule: ${reason}.`, hint)
  }
  if (isTimezone(timezone)) return
  const hint = 'Write one like `Europe/Berlin`, or UTC.'
  complain(within(origin, 'timezone'), 'BAD_SCHEDULE', `There is no time zone "${timezone}".`, hint)
}

function cronProblem(cron: string): string | undefined {
  // Seconds and years are no part of the five fields people know.
  if (cron.trim().split(/\s+/).length !== 5) return 'it does not have five fields'
  try {
    const pattern = new CronPattern(cron)
    return pattern.minute.includes(1) ? undefined : 'it names no minute'
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '').replace(/\.$/, '') : String(error)
  }
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Checks the templates of a value that may read but a few names. */
function checkTexts(value: Json, names: readonly string[], origin: Origin): void {
  const expressions = new Expressions(names)
  for (const { place, text } of textsIn(value, origin.place)) {
    const { parts, problem } = splitTemplate(text)
    if (problem) {
      const hint = 'Write $${ for a literal ${.'
      origin.report.errorWithin('BAD_TEMPLATE', problem.message, place, problem.start, problem.end, hint)
    }
    for (const part of parts) {
      if (part.type === 'text') continue
      const wrong = expressions.problem(part.source)
      if (wrong) {
        const [start, end] = [part.start + wrong.start, part.start + wrong.end]
        const hint = expressionHint(part.source)
        origin.report.errorWithin('BAD_EXPRESSION', `${wrong.message}.`, place, start, end, hint)
      }
      for (const { root, start, end } of expressions.references(part.source)) {
        if (names.includes(root)) continue
        const message = `"${root}" cannot be read here.`
        const hint = `Before a run there is only ${names.slice(0, 6).join(', ')}.`
        origin.report.errorWithin('UNKNOWN_NAME', message, place, part.start + start, part.start + end, hint)
      }
    }
  }
}
