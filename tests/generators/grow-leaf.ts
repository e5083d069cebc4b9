import type { StepSource } from '../../src/model/step-source.ts'
import { prompts } from './library.ts'
import { reading, type Scope, target } from './reading.ts'
import type { LeafKind, Shape } from './shape.ts'

/** The fields of a step without steps of its own, as far as its kind decides them. */
export function growLeaf(shape: Shape & { kind: LeafKind }, scope: Scope): StepSource {
  const { kind, rank, text } = shape
  const value = template(shape, scope)
  const read = (number: number): string => `\${${reading(number, scope)}}`
  switch (kind) {
    case 'prompt':
      return promptStep(shape, value, scope)
    case 'run':
      return { run: runSource(shape), ...runFields(shape, scope) }
    case 'set':
      return { set: { value, nested: [{ text }, rank, null] } }
    case 'tool':
      return { tool: rank % 2 ? 'files.read_file' : 'search.find.all', with: { path: value, deep: { list: [rank] } } }
    case 'http':
      return { http: httpSource(shape, value, scope) }
    case 'kilo':
      return { kilo: rank % 2 ? value : { task: value, agent: 'code', permissions: { edit: 'allow' }, commit: true } }
    case 'ask':
      return { ask: rank % 2 ? value : { question: value, assignees: ['ada'], default: 'no' }, output: ['yes', 'no'] }
    case 'wait':
      return { wait: ['90s', { until: '2030-12-01T09:00Z' }, { event: `deployed ${read(rank)}` }][rank % 3] ?? '1s' }
    case 'workflow':
      return rank % 2 ? { workflow: 'review', with: { topic: value } } : { workflow: 'sub/quiet' }
    case 'code':
      return { code: 'steps/score.ts#score', ...(rank % 2 === 0 && { with: { value, of: [read(rank)] } }) }
    case 'use':
      return [
        { use: 'gather', with: { topic: value, ...(rank % 2 === 0 && { count: rank }) } },
        { use: 'careful', ...(rank % 2 === 0 && { with: { parts: [value, 'b'], word: read(rank) } }) },
        { use: 'nested', ...(rank % 2 === 0 && { with: { subject: value } }) },
        { use: 'careful', with: { parts: [] } },
      ][rank % 4] as StepSource
  }
}

/** A text that reads what it can, with the expressions before, between and after its words. */
function template({ text, reads, rank }: Shape, scope: Scope): string {
  const expressions = reads.map(number => `\${${rank % 2 ? ' ' : ''}${reading(number, scope)}}`)
  if (rank % 5 === 0 && expressions[0] !== undefined) return expressions[0]
  return [text, ...expressions].join(rank % 3 ? ' ' : '\n')
}

function promptSource({ rank }: Shape, value: string, scope: Scope): NonNullable<StepSource['prompt']> {
  const files = ['out/plot.png', `out/\${${reading(rank, scope)}}.png`]
  if (rank % 7 === 1) return { text: value, ...(rank % 2 === 0 && { files }) }
  if (rank % 7 !== 2) return value
  const [path, { values }] = Object.entries(prompts)[rank % 2] ?? ['prompts/plain.md', prompts['prompts/plain.md']]
  const given = Object.fromEntries(values.map(name => [name, value]))
  return { file: path, ...(values.length > 0 && { with: given }), ...(rank % 3 === 0 && { files }) }
}

function promptStep(shape: Shape, value: string, scope: Scope): StepSource {
  const { output, context, reads, names } = shape
  const prompt = promptSource(shape, value, scope)
  const text = JSON.stringify(prompt)
  // Only what a step reads has certainly settled before it, whatever its list waits for.
  const read = reads.flatMap(number => target(number, scope) ?? []).filter(step => text.includes(`steps.${step.id}.`))
  const shown = [...new Set(read.map(step => step.id))]
  return {
    prompt,
    ...(output !== undefined && names !== 1 && { output }),
    ...(context !== undefined && { context: context === 'read' ? shown : context }),
  }
}

function runSource({ command, hasNetwork, rank }: Shape): NonNullable<StepSource['run']> {
  return rank % 3 === 0 ? { command, network: hasNetwork } : command
}

function runFields(shape: Shape, scope: Scope): StepSource {
  const { reads, output } = shape
  return {
    ...(reads.length > 0 && { env: { TOPIC: template(shape, scope), _n1: '1', TOKEN: '${secrets.API_KEY}' } }),
    ...((output === 'json' || output === 'text') && { output }),
  }
}

function httpSource({ rank }: Shape, value: string, scope: Scope): NonNullable<StepSource['http']> {
  return {
    url: rank % 2 ? 'https://api.example.org/items' : `https://api.example.org/\${${reading(rank, scope)}}/parts`,
    ...(rank % 3 === 0 && { method: 'POST', json: { value, list: [rank, `\${${reading(rank + 1, scope)}}`] } }),
    ...(rank % 3 === 1 && { headers: { authorization: 'Bearer ${secrets.API_KEY}' }, query: { page: rank, q: value } }),
    ...(rank % 3 === 2 && { method: 'PUT', body: value }),
  }
}
