import type { Reference } from '../model/expression-tree.ts'
import { isMap } from '../model/json.ts'
import { splitTemplate } from '../parser/template.ts'
import { type Origin, within } from './origin.ts'
import type { Keys, TemplateSite } from './sites.ts'
import { valueAt } from './suggest.ts'

/** A text that looks as if it were computed, and stays as it is written. */
interface LiteralText {
  readonly message: string
  readonly hint: string
  readonly start: number
  readonly end: number
}

/** Whether something of a name can be read in the workflow: `steps` and an id, `inputs` and a name, … */
export type IsReadable = (reference: Pick<Reference, 'root' | 'member'>) => boolean

/** Checks a text in which `${…}` is replaced: its braces, and that nothing in it only looks as if it were replaced. */
export function checkText(site: TemplateSite, step: Origin, isReadable: IsReadable): void {
  const { report, place } = locate(site, step)
  const { problem } = splitTemplate(site.text)
  if (problem) {
    const hint = 'Write $${ for a literal ${.'
    report.errorWithin('BAD_TEMPLATE', problem.message, place, problem.start, problem.end, hint)
  }
  // What a step inherits is told of where it was written, or not at all.
  const written = [place, ['defaults', ...site.place]].find(at => valueAt(report.document.value, at) === site.text)
  const literal = written && literalText(site, isReadable)
  if (!literal) return
  const { message, hint, start, end } = literal
  report.within({ code: 'LITERAL_TEXT', severity: 'warning', message, hint }, written, start, end)
}

/** Where the text of a site was written: the long form of a field has it one level down. */
export function locate(site: { readonly place: Keys }, step: Origin): Origin {
  const origin = within(step, ...site.place)
  const written = valueAt(origin.report.document.value, origin.place)
  const key = ['text', 'task', 'question'].find(name => isMap(written) && typeof written[name] === 'string')
  return key === undefined ? origin : within(origin, key)
}

/** The first part of a text that was meant to be a reference, as far as that is clear; undefined where none is. */
function literalText({ text, place }: TemplateSite, isReadable: IsReadable): LiteralText | undefined {
  const doubled = /(?<!\$)\{\{\s*(([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?[^{}]*?)\s*\}\}/.exec(text)
  if (doubled && isReference(doubled.slice(2), isReadable)) {
    return asWritten(doubled[0], `Write \`\${${doubled[1]}}\`.`, doubled.index)
  }
  const chain = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?:\.\w+)*$/.exec(text)
  if (chain && isReference(chain.slice(1), isReadable)) return asWritten(text, `Write \`\${${text}}\`.`)
  const variable = place[0] === 'env' ? /^\$([A-Za-z_]\w*)$/.exec(text)?.[1] : undefined
  if (variable === undefined) return undefined
  const root = isReadable({ root: 'inputs', member: variable }) ? 'inputs' : 'secrets'
  return asWritten(text, `Write \`\${${root}.${variable}}\`.`)
}

function isReference([root = '', member]: readonly (string | undefined)[], isReadable: IsReadable): boolean {
  return isReadable({ root, ...(member !== undefined && { member }) })
}

function asWritten(written: string, hint: string, start = 0): LiteralText {
  return {
    message: `\`${written}\` is not computed: it stays as it is written.`,
    hint,
    start,
    end: start + written.length,
  }
}
