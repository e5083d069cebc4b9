import type { Json } from '../model/json.ts'

/** Where a step stands: in which list of which step, and below which one. */
export interface StepPlace {
  /** The step around it; undefined at the top. */
  readonly within?: string
  /** What the list is: `steps` or `finally` at the top, then `body`, `on-error`, `undo` or the branch of a switch. */
  readonly list: string
  /** The step above it in the list; undefined for the first one. */
  readonly after?: string
}

/** A step that only one side has, with the fields that it has of its own. */
interface WholeStep extends StepPlace {
  readonly step: string
  readonly kind: string
  readonly fields: Readonly<Record<string, Json>>
}

/** A field that differs; `before` or `after` is undefined where it is not there. Without `step` it is one of the file's. */
export interface FieldChange {
  readonly type: 'field-changed'
  readonly step?: string
  /** The names on the way to it, joined by dots: `retry.attempts`. */
  readonly field: string
  readonly before?: Json
  readonly after?: Json
}

/** One difference between two workflows. Steps go by the names that they have afterwards. */
export type Change =
  | ({ readonly type: 'step-added' } & WholeStep)
  | ({ readonly type: 'step-removed' } & WholeStep)
  | { readonly type: 'step-renamed'; readonly step: string; readonly from: string }
  | { readonly type: 'step-moved'; readonly step: string; readonly from: StepPlace; readonly to: StepPlace }
  /** The step itself stays as it is, but others come before it now: the names of those it waits for. */
  | {
      readonly type: 'order-changed'
      readonly step: string
      readonly before: readonly string[]
      readonly after: readonly string[]
    }
  | FieldChange

/** The kinds of files that decide what a workflow does. */
export type FileKind = 'workflow' | 'template' | 'agent' | 'skill' | 'prompt' | 'schema' | 'configuration'

/** What has become of a file. A changed one without `changes` differs in comments or layout only. */
export interface FileDifference {
  readonly path: string
  readonly kind: FileKind
  readonly change: 'added' | 'removed' | 'renamed' | 'changed'
  /** The path that a renamed file had. */
  readonly from?: string
  readonly changes: readonly Change[]
}

/** A change in one line of plain words, without the values of a field. */
export function describeChange(change: Change): string {
  switch (change.type) {
    case 'step-added':
      return `step ${change.step} added (${change.kind}), ${describePlace(change)}`
    case 'step-removed':
      return `step ${change.step} removed (${change.kind}), it was ${describePlace(change)}`
    case 'step-renamed':
      return `step ${change.from} is now called ${change.step}`
    case 'step-moved':
      return `step ${change.step} moved: ${describePlace(change.to)}, it was ${describePlace(change.from)}`
    case 'order-changed':
      return `step ${change.step} waits for ${named(change.after)}, it waited for ${named(change.before)}`
    case 'field-changed': {
      const what = change.step === undefined ? change.field : `step ${change.step}: ${change.field}`
      if (change.before === undefined) return `${what} added`
      return change.after === undefined ? `${what} removed` : `${what} changed`
    }
  }
}

function named(steps: readonly string[]): string {
  return steps.join(', ') || 'nothing'
}

function describePlace({ within, list, after }: StepPlace): string {
  const place = after === undefined ? 'first' : `after ${after}`
  if (within !== undefined) return `${place} in ${within}${list === 'body' ? '' : ` (${list})`}`
  return list === 'finally' ? `${place} in finally` : place
}
