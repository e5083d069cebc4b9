import { type Failure, FailureReason } from '../../src/model/failure.ts'
import { hashText } from '../../src/model/hash.ts'
import type { Json } from '../../src/model/json.ts'
import { isMap } from '../../src/model/json.ts'
import { allSteps } from '../../src/model/step-lists.ts'
import type { Output } from '../../src/model/step.ts'
import type { Workflow } from '../../src/model/workflow.ts'

export type Outcome =
  | { readonly type: 'answered'; readonly output: Json }
  | { readonly type: 'failed'; readonly failure: Failure }

/** How an attempt ends, whenever it is asked: decided by its path and number alone. */
export type Oracle = (path: string, attempt: number) => Outcome

const texts = ['bug', 'question', 'two words', '7', 'true', 'hello', '']

/** Outcomes of a seed; of 100 attempts about `failing` fail, a few of them so that no further attempt can help. */
export function oracle(seed: number, failing: number, workflow: Workflow): Oracle {
  const outputs = new Map(allSteps(workflow.steps).map(step => [step.id, 'output' in step ? step.output : undefined]))
  return (path, attempt) => {
    const draw = (what: string): number =>
      Number.parseInt(hashText(`${seed} ${path} ${attempt} ${what}`).slice(0, 8), 16)
    if (draw('fails') % 100 < failing) {
      const reason = FailureReason.options[draw('reason') % FailureReason.options.length] ?? 'Timeout'
      return { type: 'failed', failure: { reason, message: `${path} failed, attempt ${attempt}.` } }
    }
    const id = path.slice(path.lastIndexOf('/') + 1)
    return { type: 'answered', output: valueOf(outputs.get(id), draw) }
  }
}

function valueOf(output: Output | undefined, draw: (what: string) => number): Json {
  if (output?.type === 'schema') return fit(output.schema, draw)
  const text = texts[draw('text') % texts.length] ?? ''
  return output?.type === 'json' ? { value: text, list: [1, null, true] } : text
}

/** A value that fits a schema as simple as generated workflows have them. */
function fit(schema: unknown, draw: (what: string) => number): Json {
  if (!isMap(schema)) return null
  const allowed = schema['enum']
  if (Array.isArray(allowed)) return (allowed[draw('enum') % allowed.length] ?? null) as Json
  switch (schema['type']) {
    case 'boolean':
      return draw('boolean') % 2 === 0
    case 'integer':
    case 'number':
      return 1 + (draw('number') % 5)
    case 'array':
      return [fit(schema['items'], draw)]
    case 'object': {
      const fields = isMap(schema['properties']) ? schema['properties'] : {}
      return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fit(field, draw)]))
    }
    default:
      return texts[draw('text') % texts.length] ?? ''
  }
}
