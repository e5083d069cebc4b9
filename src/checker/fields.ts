import { durationMs } from '../model/duration.ts'
import { nearest } from '../model/nearest.ts'
import type { Agent } from '../model/agent.ts'
import type { Limits, Output, Retry, Sampling, SkillChoice, StepAgent } from '../model/step.ts'
import { splitNames, toolChoice } from '../model/tool-name.ts'
import type { StepSource } from '../model/step-source.ts'
import { toJsonSchema } from '../model/value-schema.ts'
import type { Library } from './library.ts'
import { complain, type Origin } from './origin.ts'
import type { Report } from './report.ts'
import { noSchema, typeMeant, warnOfTypesAsValues, wrongType } from './schema-advice.ts'
import { findSkill, skillHint } from './shelf.ts'

/** Fields that a block or the file gives to the steps inside, and where it does. */
export interface Inherited
  extends Pick<
    StepSource,
    | ('agent' | 'model' | 'context' | 'tools' | 'skills' | 'output' | 'env' | 'cache' | 'priority' | 'runs-on')
    | ('timeout' | 'retry' | 'limits')
  > {
  readonly 'on-error'?: 'fail' | 'continue' | undefined
  readonly agentAt?: Origin
  readonly outputAt?: Origin
  readonly skillsAt?: Origin
}

type AgentFields = Pick<Inherited, 'agent' | 'model' | 'tools' | 'skills' | 'agentAt' | 'skillsAt'>

/** Turns the common fields of a step, as written, into their sound form, and notes which files they depend on. */
export class FieldReader {
  /** Paths of agents, schemas, prompts, templates and workflows that the workflow depends on. */
  readonly dependencies = new Set<string>()
  /** What was found in the files that were read for the workflow, besides its own. */
  readonly reports = new Set<Report>()
  readonly library: Library
  /** How many uses of templates there are, those inside templates counted each time. */
  uses = 0
  readonly #reported = new Set<string>()

  constructor(library: Library) {
    this.library = library
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

  limits(written: StepSource['limits']): Limits | undefined {
    if (!written) return undefined
    const { tokens, usd, time, parallel } = written
    return {
      ...(tokens !== undefined && { tokens }),
      ...(usd !== undefined && { usd }),
      ...(time !== undefined && { timeMs: durationMs(time) }),
      ...(parallel !== undefined && { parallel }),
    }
  }

  /** The agent of a prompt: the named one with the fields changed here, or a plain one without a system prompt. */
  agent(fields: AgentFields, step: Origin): StepAgent {
    const { agent: written, model } = fields
    const overrides = typeof written === 'string' ? { name: written } : written
    const found = overrides && this.#findAgent(overrides.name, fields.agentAt ?? step)
    const models = model ?? overrides?.model
    if (models?.includes('${')) {
      const hint = 'Choose among steps with `switch`.'
      this.#error('BAD_VALUE', 'The name of a model is literal.', fields.agentAt ?? step, hint)
    }
    const maxTurns = overrides?.['max-turns'] ?? found?.maxTurns
    const skills = fields.skills === undefined ? found?.skills : namesIn(fields.skills)
    return {
      name: overrides?.name ?? 'default',
      models: models === undefined ? [...(found?.models ?? [])] : [models],
      system: found?.system ?? '',
      sampling: samplingOf({ ...found, ...(overrides && renamed(overrides)) }),
      ...(maxTurns !== undefined && { maxTurns }),
      tools: fields.tools === undefined ? (found?.tools ?? { deny: [] }) : toolChoice(fields.tools),
      skills: (skills ?? []).flatMap(name =>
        this.#findSkill(name, fields.skills === undefined ? undefined : (fields.skillsAt ?? step)),
      ),
      ...(found?.limits && { limits: found.limits }),
    }
  }

  /** What the answers of an agent must be where its step does not say. */
  agentOutput(written: StepSource['agent']): StepSource['output'] {
    const name = typeof written === 'string' ? written : written?.name
    return name === undefined ? undefined : this.library.agents.get(name)?.agent.output
  }

  output(written: StepSource['output'], names: StepSource['as'], origin: Origin): Output {
    if (Array.isArray(names)) return textsNamed(names)
    if (written === undefined || written === 'text') return { type: 'text' }
    if (written === 'json') return { type: 'json' }
    warnOfTypesAsValues(written, origin)
    const schema = toJsonSchema(written)
    if (schema) return { type: 'schema', schema }
    if (typeof written === 'string') return this.#schemaFile(written, origin)
    const { message, hint } = wrongType(written) ?? noSchema
    this.#error('BAD_SCHEMA', message, origin, hint)
    return { type: 'json' }
  }

  /** What a block or the file gives wrongly to many steps is reported once. */
  #error(code: string, message: string, origin: Origin, hint: string): void {
    const key = JSON.stringify([code, origin.report.document.path, origin.place])
    if (!this.#reported.has(key)) complain(origin, code, message, hint)
    this.#reported.add(key)
  }

  #schemaFile(written: string, origin: Origin): Output {
    const path = `schemas/${written.replace(/^(\.\.?\/)*(schemas\/)?/, '')}`
    const schema = this.library.schemas.get(path)
    this.dependencies.add(path)
    if (schema) return { type: 'schema', schema }
    const near = nearest(written, ['text', 'json', ...this.library.schemas.keys()])
    const meant = typeMeant(written) ?? near
    const hint =
      meant === undefined ? `Create \`${path}\`, or write text, json or a type.` : `Did you mean \`${meant}\`?`
    this.#error('UNKNOWN_SCHEMA', `There is no schema \`${written}\`.`, origin, hint)
    return { type: 'json' }
  }

  #findAgent(name: string, origin: Origin): Agent | undefined {
    const found = this.library.agents.get(name)
    if (!found) {
      const near = nearest(name, this.library.agents.keys())
      const hint = near === undefined ? `Create \`agents/${name}.agent.md\`.` : `Did you mean \`${near}\`?`
      this.#error('UNKNOWN_AGENT', `No agent is called "${name}".`, origin, hint)
      return undefined
    }
    this.dependencies.add(found.path)
    return found.agent
  }

  /** A skill; one that an agent names in vain is reported with the agent. */
  #findSkill(name: string, origin: Origin | undefined): SkillChoice[] {
    const found = findSkill(this.library.skills, name)
    if (found) {
      this.dependencies.add(found.path)
      const { description, body } = found.skill
      return [{ name: found.skill.name, description, body }]
    }
    if (origin)
      this.#error('UNKNOWN_SKILL', `No skill is called "${name}".`, origin, skillHint(this.library.skills, name))
    return []
  }
}

function namesIn(written: string | readonly string[]): readonly string[] {
  return typeof written === 'string' ? splitNames(written) : written
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
