import { durationMs } from '../model/duration.ts'
import { nearest } from '../model/nearest.ts'
import type { Output, Retry, Sampling, StepAgent } from '../model/step.ts'
import type { StepSource } from '../model/step-source.ts'
import { toJsonSchema } from '../model/value-schema.ts'
import type { Place } from '../parser/document.ts'
import type { Library } from './library.ts'
import type { Report } from './report.ts'

/** Fields that a block or the file gives to the steps inside, and where it does. */
export interface Inherited
  extends Pick<StepSource, 'agent' | 'model' | 'context' | 'output' | 'env' | 'timeout' | 'retry' | 'on-error'> {
  readonly agentPlace?: Place
  readonly outputPlace?: Place
}

const defaultTimeout = '10m'

/** Turns the common fields of a step, as written, into their sound form, and notes which files they depend on. */
export class FieldReader {
  /** Paths of agents and schemas that the workflow depends on. */
  readonly dependencies = new Set<string>()
  readonly #report: Report
  readonly #library: Library
  readonly #reported = new Set<string>()

  constructor(report: Report, library: Library) {
    this.#report = report
    this.#library = library
  }

  timeoutMs(written: string | undefined): number {
    return durationMs(written ?? defaultTimeout)
  }

  retry(written: StepSource['retry']): Retry {
    const given = typeof written === 'number' ? { attempts: written } : (written ?? { attempts: 0 })
    return {
      attempts: given.attempts,
      backoffMs: durationMs(given.backoff ?? '2s'),
      factor: given.factor ?? 2,
      maxMs: durationMs(given.max ?? '1m'),
      jitter: given.jitter ?? 0.2,
      ...(given.on && { on: given.on }),
    }
  }

  /** The agent of a prompt: the named one with the fields changed here, or a plain one without a system prompt. */
  agent(written: StepSource['agent'], model: string | undefined, place: Place): StepAgent {
    const overrides = typeof written === 'string' ? { name: written } : written
    const found = overrides && this.#findAgent(overrides.name, place)
    const models = model ?? overrides?.model
    return {
      name: found?.name ?? overrides?.name ?? 'default',
      models: models === undefined ? [...(found?.models ?? [])] : [models],
      system: found?.system ?? '',
      sampling: samplingOf({ ...found, ...(overrides && renamed(overrides)) }),
    }
  }

  output(written: StepSource['output'], names: StepSource['as'], place: Place): Output {
    if (Array.isArray(names)) return textsNamed(names)
    if (written === undefined || written === 'text') return { type: 'text' }
    if (written === 'json') return { type: 'json' }
    const schema = toJsonSchema(written)
    if (schema) return { type: 'schema', schema }
    if (typeof written === 'string') return this.#schemaFile(written, place)
    this.#error(
      'BAD_SCHEMA',
      'This is no schema.',
      place,
      'Write a type, a list of values, a map of fields, or JSON Schema.',
    )
    return { type: 'json' }
  }

  /** What a block or the file gives wrongly to many steps is reported once. */
  #error(code: string, message: string, place: Place, hint: string): void {
    const key = JSON.stringify([code, place])
    if (!this.#reported.has(key)) this.#report.error(code, message, place, hint)
    this.#reported.add(key)
  }

  #schemaFile(written: string, place: Place): Output {
    const path = `schemas/${written.replace(/^(\.\.?\/)*(schemas\/)?/, '')}`
    const schema = this.#library.schemas.get(path)
    this.dependencies.add(path)
    if (schema) return { type: 'schema', schema }
    const near = nearest(written, ['text', 'json', ...this.#library.schemas.keys()])
    const hint = near === undefined ? `Create \`${path}\`, or write text, json or a type.` : `Did you mean \`${near}\`?`
    this.#error('UNKNOWN_SCHEMA', `There is no schema \`${written}\`.`, place, hint)
    return { type: 'json' }
  }

  #findAgent(name: string, place: Place): (StepAgent & Sampling) | undefined {
    const found = this.#library.agents.get(name)
    if (!found) {
      const near = nearest(name, this.#library.agents.keys())
      const hint = near === undefined ? `Create \`agents/${name}.agent.md\`.` : `Did you mean \`${near}\`?`
      this.#error('UNKNOWN_AGENT', `No agent is called "${name}".`, place, hint)
      return undefined
    }
    this.dependencies.add(found.path)
    const { models, system, name: _title, description: _description, ...sampling } = found.agent
    return { name, models, system, sampling: {}, ...sampling }
  }
}

function renamed(written: Exclude<StepSource['agent'], string | undefined>): Sampling {
  const { temperature, 'top-p': topP, 'max-tokens': maxTokens, seed } = written
  return samplingOf({ temperature, topP, maxTokens, seed })
}

function samplingOf(from: { [K in keyof Sampling]?: Sampling[K] | undefined }): Sampling {
  const { temperature, topP, maxTokens, seed } = from
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(seed !== undefined && { seed }),
  }
}

/** `as: [Plan, Risks]` asks for an object of texts. */
function textsNamed(names: readonly string[]): Output {
  const properties = Object.fromEntries(names.map(name => [name, { type: 'string' }]))
  return { type: 'schema', schema: { type: 'object', properties, required: [...names], additionalProperties: false } }
}
