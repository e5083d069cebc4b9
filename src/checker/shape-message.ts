import type { z } from 'zod'
import { isMap } from '../model/json.ts'
import { kindKeys } from '../model/step-source.ts'
import type { Place } from '../parser/document.ts'
import { typeMeant } from './schema-advice.ts'
import { inFlow } from './schema-example.ts'
import { stepLists } from './source-shape.ts'

export type Issue = z.core.$ZodIssue

/** One thing that does not fit, in the reader's words. `at` says whether the key or the value is to be marked. */
export interface ShapeProblem {
  readonly code: string
  readonly message: string
  readonly place: Place
  readonly hint?: string
  readonly at: 'key' | 'value'
}

/** Examples of what may stand at a place. */
export type Examples = (place: Place) => readonly unknown[]

/** What a schema's issue means to the person who wrote the file. */
export function explainIssue(issue: Issue, examples: Examples): ShapeProblem[] {
  const place = issue.path as Place
  const name = nameOf(place)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => unknownField(key, place))
    case 'invalid_type':
      if (issue.input === undefined) return [missing(place, examples)]
      return [mustBe([typeWords(issue.expected)], issue.input, place, examples)]
    case 'invalid_value':
      return [withHint(place, `${name} cannot be ${describe(issue.input)}.`, valueHint(issue))]
    case 'too_small':
    case 'too_big':
      return [withHint(place, boundMessage(issue, name), boundHint(issue))]
    case 'invalid_format':
      return [{ ...wrong(place, `${name} is ${describe(issue.input)}.`), ...advice(issue, place) }]
    case 'custom':
      return [withHint(place, `${name} is ${describe(issue.input)}.`, issue.message)]
    case 'invalid_union':
      return explainUnion(issue, place, examples)
    case 'invalid_key':
      return [
        {
          ...wrong(place, `${name} is not a name that can be used here.`),
          hint: issue.issues[0]?.message ?? '',
          at: 'key',
        },
      ]
    default:
      return [wrong(place, `${name}: ${issue.message}`)]
  }
}

/** A union fits one of several forms: when the form is clear and a part of it is wrong, speak of the part. */
function explainUnion(issue: Issue & { code: 'invalid_union' }, place: Place, examples: Examples): ShapeProblem[] {
  if (issue.input === undefined) return [missing(place, examples)]
  const deeper = issue.errors.filter(branch =>
    branch.every(inner => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  )
  const [clear] = deeper.toSorted((a, b) => a.length - b.length)
  if (clear) return clear.flatMap(inner => explainIssue(withinPlace(inner, place), examples))
  const sameType = issue.errors.flat().find(inner => inner.path.length === 0 && inner.code !== 'invalid_type')
  // A list or a map is none of the allowed words, but it may be near to another form.
  const isWord = sameType?.code === 'invalid_value' && typeof issue.input === 'object'
  if (sameType && !isWord) return explainIssue(withinPlace(sameType, place), examples)
  const expected = new Set(
    issue.errors.flat().flatMap(inner => (inner.code === 'invalid_type' ? [typeWords(inner.expected)] : [])),
  )
  return [mustBe([...expected], issue.input, place, examples)]
}

function withinPlace(inner: Issue, place: Place): Issue {
  return { ...inner, path: [...place, ...inner.path] }
}

function valueHint({ values, input }: Issue & { code: 'invalid_value' }): string {
  const meant = typeMeant(input)
  return meant !== undefined && values.includes(meant) ? `Write \`${meant}\`.` : `Write ${values.join(' or ')}.`
}

function missing(place: Place, examples: Examples): ShapeProblem {
  const name = String(place.at(-1))
  const [example] = examples(place)
  // A list of steps has no example that says more than its name.
  const such = example === undefined || typeof example === 'object' ? '' : `, such as \`${name}: ${inFlow(example)}\``
  const hint = `Add \`${name}\`${such}.`
  return { code: 'MISSING_FIELD', message: `${nameOf(place)} is missing.`, place, hint, at: 'key' }
}

function wrong(place: Place, message: string): ShapeProblem {
  return { code: 'BAD_VALUE', message, place, at: 'value' }
}

function unknownField(key: string, place: Place): ShapeProblem {
  const message = `\`${key}\` is not a field ${ownerOf(place)}.`
  return { code: 'UNKNOWN_FIELD', message, place: [...place, key], at: 'key' }
}

function mustBe(kinds: readonly string[], input: unknown, place: Place, examples: Examples): ShapeProblem {
  const known = examples(place)
  if (typeof input === 'number' && known.some(isDuration)) {
    return withHint(
      place,
      `${nameOf(place)} needs a unit of time, and is ${input}.`,
      `Write \`${input}s\` for seconds.`,
    )
  }
  const words = kinds.join(' or ') || 'something else'
  const example = known.find(item => kinds.includes(kindOf(item)))
  const such = example === undefined ? '' : `, such as \`${inFlow(example)}\``
  const hint = stepListHint(input, place) ?? (isWorkflow(example, place) ? beginning : `Write ${words}${such}.`)
  return withHint(place, `${nameOf(place)} must be ${words}, not ${describe(input)}.`, hint)
}

function isDuration(example: unknown): boolean {
  return typeof example === 'string' && /^\d+(ms|s|m|h|d)$/.test(example)
}

const beginning = 'Begin with a line `steps:`, and put the list of steps below it.'

function isWorkflow(example: unknown, place: Place): boolean {
  return place.length === 0 && isMap(example) && Object.hasOwn(example, 'steps')
}

/** What to do with a map where steps are to be listed: it is one step, or it has their ids for names. */
function stepListHint(input: unknown, place: Place): string | undefined {
  const isStepList = stepLists.has(place.at(-1)) || place.at(-2) === 'cases'
  if (!isStepList || !isMap(input)) return undefined
  const isOneStep = kindKeys.some(kind => Object.hasOwn(input, kind))
  return isOneStep ? 'Put `- ` before the step.' : 'Put `- ` before each step, and its name into `id`.'
}

function withHint(place: Place, message: string, hint: string): ShapeProblem {
  return { ...wrong(place, message), hint }
}

function boundHint(issue: Issue & { code: 'too_small' | 'too_big' }): string {
  if (issue.origin === 'array')
    return issue.code === 'too_small' ? 'Add one, or take the field away.' : 'Take some away.'
  if (issue.inclusive === false) return `Write ${wordsOf(issue)}.`
  return issue.code === 'too_small' ? `Write ${issue.minimum} or more.` : `Write ${issue.maximum} or less.`
}

function boundMessage(issue: Issue & { code: 'too_small' | 'too_big' }, name: string): string {
  const isLow = issue.code === 'too_small'
  const bound = isLow ? issue.minimum : issue.maximum
  if (issue.origin === 'array')
    return `${name} needs ${isLow ? 'at least' : 'at most'} ${bound} ${bound === 1 ? 'entry' : 'entries'}.`
  return `${name} must be ${issue.inclusive === false ? wordsOf(issue) : `${isLow ? 'at least' : 'at most'} ${bound}`}.`
}

function wordsOf(issue: Issue & { code: 'too_small' | 'too_big' }): string {
  return issue.code === 'too_small' ? `more than ${issue.minimum}` : `less than ${issue.maximum}`
}

function advice(issue: Issue & { code: 'invalid_format' }, place: Place): { hint: string; code?: string } {
  const written = typeof issue.input === 'string' ? issue.input : ''
  const mended = written
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
  if (place.at(-1) === 'id' && mended !== '') return { code: 'BAD_ID', hint: `${issue.message} Write \`${mended}\`.` }
  return { hint: issue.message }
}

function nameOf(place: Place): string {
  const name = place.at(-1)
  if (name === undefined) return 'The file'
  return typeof name === 'number' ? `Entry ${name + 1}` : `\`${name}\``
}

function ownerOf(place: Place): string {
  const last = place.at(-1)
  if (last === undefined) return 'of this file'
  if (typeof last !== 'number') return `of \`${last}\``
  return place.at(-2) === 'switch' ? 'of a branch' : 'of a step'
}

function typeWords(expected: string): string {
  const words: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
    null: 'null',
  }
  return words[expected] ?? expected
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return typeWords('array')
  return typeWords(value === null ? 'null' : typeof value)
}

function describe(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return value.length > 60 ? 'a long text' : `"${value}"`
  return JSON.stringify(value) ?? 'nothing'
}
