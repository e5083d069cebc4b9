import { isMap } from '../model/json.ts'
import { kindKeys } from '../model/step-source.ts'
import type { Source } from './document.ts'
import type { MapBuilder } from './map-builder.ts'
import type { Mark, Piece, Range } from './mark.ts'
import { variablesOf } from './markdown-field.ts'
import type { Bullet, FieldBullet } from './markdown-head.ts'
import type { Reading } from './reading.ts'

/** A variable that an `Input` bullet names. */
export interface InputVariable {
  readonly name: string
  readonly at: Range
}

/**
 * Gives a step what its `Input` bullets name: a prompt begins with a line for each, a command has each in its
 * environment. Notes the variables in `found`.
 */
export function withInputs(
  source: Source,
  step: MapBuilder,
  bullets: readonly FieldBullet[],
  found: InputVariable[],
): void {
  const written = bullets.filter(({ field }) => field === 'input')
  const variables = written.flatMap(({ bullet }) => readInput(source, bullet))
  const [first] = written
  if (!first || variables.length === 0) return
  found.push(...variables)
  const prompt = step.get('prompt')
  if (step.has('run')) {
    step.put('env', withVariables(variables, step.get('env'), first.bullet))
  } else if (kindKeys.some(kind => kind !== 'prompt' && step.has(kind)) || isMap(prompt?.value)) {
    const hint = 'Name the value in the text of the step that uses it.'
    source.report('BAD_INPUT', 'Only a prompt or a command takes an input.', first.bullet.key, hint)
  } else {
    step.put('prompt', withLines(variables, prompt, first.bullet))
  }
}

function readInput(source: Source, bullet: Bullet): readonly InputVariable[] {
  const variables = variablesOf(bullet.text, bullet.value)
  if (variables) return variables
  const hint = 'Write Input: ${Plan}, ${Risks}'
  source.report('BAD_INPUT', 'An input is a list of variables.', bullet.value, hint)
  return []
}

/** The prompt with a line `Plan: ${Plan}` for each variable before its text. */
function withLines(variables: readonly InputVariable[], prompt: Reading | undefined, { key, value }: Bullet): Reading {
  let text = ''
  const pieces: Piece[] = []
  for (const { name, at } of variables) {
    text += `${text === '' ? '' : '\n'}${name}: \${`
    pieces.push({ from: text.length, offset: at[0], length: name.length })
    text += `${name}}`
  }
  if (typeof prompt?.value !== 'string') return { value: text, mark: { key, value, pieces } }
  const start = text.length + 2
  const rest = (prompt.mark.pieces ?? []).map(piece => ({ ...piece, from: piece.from + start }))
  return { value: `${text}\n\n${prompt.value}`, mark: { ...prompt.mark, pieces: [...pieces, ...rest] } }
}

/** The environment with a variable for each input. */
function withVariables(variables: readonly InputVariable[], env: Reading | undefined, { key, value }: Bullet): Reading {
  const given = isMap(env?.value) ? env.value : {}
  const children = new Map<string | number, Mark>(env?.mark.children)
  const added: Record<string, string> = {}
  for (const { name, at } of variables) {
    const variable = name.replace(/\W+/g, '_')
    if (variable in given) continue
    added[variable] = `\${${name}}`
    children.set(variable, { key: at, value: at, pieces: [{ from: 2, offset: at[0], length: name.length }] })
  }
  return { value: { ...added, ...given }, mark: { key, value, ...env?.mark, children } }
}
