import { type Agent, AgentSource, foreignAgentFields } from '../model/agent.ts'
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import { durationMs } from '../model/duration.ts'
import type { Json } from '../model/json.ts'
import { present } from '../model/present.ts'
import type { Limits } from '../model/step.ts'
import { splitNames, toolChoice } from '../model/tool-name.ts'
import { toJsonSchema } from '../model/value-schema.ts'
import type { AgentDocument } from '../parser/parse.ts'
import { type FrontMatterFields, sortFields } from './front-matter.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'

const fields: FrontMatterFields = {
  own: Object.keys(AgentSource.shape),
  texts: ['name', 'description'],
  lists: ['model', 'tools', 'disallowed-tools', 'skills'],
  foreign: foreignAgentFields,
  owner: 'an agent',
}

/** The name of an agent's file without ending, by which workflows find it. */
export function agentName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.agent\.md$/, '')
}

/** Checks an agent file. Names may be in camelCase; fields of other tools are kept. */
export function checkAgent(document: AgentDocument): { agent: Agent | undefined; diagnostics: readonly Diagnostic[] } {
  const { own, foreign } = sortFields(fields, document)
  const report = new Report(own)
  const shaped = checkShape(
    AgentSource,
    own,
    place => (place[0] === 'limits' ? ['tokens', 'usd', 'time'] : fields.own),
    () => undefined,
  )
  report.diagnostics.push(...shaped.diagnostics)
  if (isNoSchema(shaped.value?.output)) {
    const hint = 'Write text, json, a type, a list of values, a map of fields, or JSON Schema.'
    report.error('BAD_SCHEMA', 'This is no schema.', ['output'], hint)
  }
  const diagnostics = report.all()
  const isSound = document.value !== undefined && shaped.value && !hasErrors(diagnostics)
  return { agent: isSound ? agentOf(shaped.value, foreign, document) : undefined, diagnostics }
}

function agentOf(source: AgentSource, foreign: Record<string, Json>, { path, system }: AgentDocument): Agent {
  const { name, description, model, temperature, seed, skills = [], output, limits } = source
  return {
    name: name ?? agentName(path),
    // Claude Code writes `inherit` for the model of whoever asks, which is the default one here.
    models: [model ?? []].flat().filter(item => item !== '' && item !== 'inherit'),
    ...present({ description, temperature, topP: source['top-p'], maxTokens: source['max-tokens'], seed }),
    ...present({ maxTurns: source['max-turns'], output, limits: limits && limitsOf(limits) }),
    tools: toolChoice(source.tools, source['disallowed-tools']),
    skills: [...new Set(typeof skills === 'string' ? splitNames(skills) : skills.filter(skill => skill !== ''))],
    foreign,
    system,
  }
}

function limitsOf({ tokens, usd, time }: NonNullable<AgentSource['limits']>): Limits {
  return present({ tokens, usd, timeMs: time === undefined ? undefined : durationMs(time) })
}

/** A text may also be the path of a schema: whether there is one, the step that uses it tells. */
function isNoSchema(output: AgentSource['output']): boolean {
  return output !== undefined && typeof output !== 'string' && !toJsonSchema(output)
}
