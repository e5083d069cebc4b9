import { nearest } from '../model/nearest.ts'
import type { Step } from '../model/step.ts'
import type { ExpressionSite } from './sites.ts'

/** What is wrong with one name in an expression. */
export interface Complaint {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** `index` or `previous` where nothing turns. */
export function outsideLoop(name: string): Complaint {
  return {
    code: 'OUTSIDE_LOOP',
    message: `\`${name}\` exists only inside a loop.`,
    hint: 'Read a step by `steps.<id>.output` instead.',
  }
}

/** `item` where there is none. */
export function outsideEach(): Complaint {
  const hint = 'Put the step inside the `each`; outside, read its list of outputs.'
  return { code: 'OUTSIDE_LOOP', message: '`item` exists only inside an `each` that names no other item.', hint }
}

/** An input whose bare name means something to CEL. */
export function wordOfCel(name: string): Complaint {
  const hint = `Write \`inputs.${name}\`.`
  return { code: 'RESERVED_NAME', message: `"${name}" is a word of the expression language.`, hint }
}

/** `error` where nothing is handled. */
export function outsideHandler(): Complaint {
  const hint = 'Elsewhere, read the error of a step: `steps.<id>.error`.'
  return { code: 'OUTSIDE_HANDLER', message: '`error` exists only in the steps of an `on-error`.', hint }
}

/** A secret is used where it goes out, by itself, and nowhere else. */
export function secretComplaint(
  name: string | undefined,
  { source, isSecretPlace }: ExpressionSite,
): Complaint | undefined {
  const code = 'SECRET_MISPLACED'
  if (!isSecretPlace) {
    const hint = 'Secrets go only into `env` and the headers of `http`.'
    return { code, message: 'A secret cannot be read here: it would be seen by others.', hint }
  }
  if (name !== undefined && source === `secrets.${name}`) return undefined
  return { code, message: 'A secret cannot be computed with.', hint: 'Write `${secrets.NAME}` by itself.' }
}

/** A step that reads what it gives itself. */
export function ownOutput(id: string, written: string, loop: Step | undefined): Complaint {
  const hint = loop ? `What it gave in the turn before is \`previous.${id}\`.` : 'Read a step above it.'
  return { code: 'NOT_SETTLED', message: `\`${written}\` is the step itself, which has given nothing yet.`, hint }
}

/** A name that means nothing. */
export function unknownName(name: string, hint: string): Complaint {
  return { code: 'UNKNOWN_NAME', message: `Nothing is called "${name}" here.`, hint }
}

/** A member that its owner does not have. */
export function unknownMember(owner: string, member: string, known: readonly string[]): Complaint | undefined {
  if (known.includes(member)) return undefined
  const near = nearest(member, known)
  const hint = near === undefined ? `It has ${known.join(', ')}.` : `Did you mean \`${near}\`?`
  return { code: 'UNKNOWN_FIELD', message: `\`${owner}\` has no "${member}".`, hint }
}
