import { type Agent, AgentSource } from '../model/agent.ts'
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import { isMap } from '../model/json.ts'
import type { AgentDocument } from '../parser/parse.ts'
import { checkShape } from './shape.ts'

/** The name of an agent where the file gives none: the file's own, without ending. */
export function agentName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.agent\.md$/, '')
}

/** Checks an agent file. Fields of other tools pass; camelCase spellings count. */
export function checkAgent(document: AgentDocument): { agent: Agent | undefined; diagnostics: readonly Diagnostic[] } {
  const shaped = checkShape(
    AgentSource,
    withPlainNames(document),
    () => Object.keys(AgentSource.shape),
    () => undefined,
  )
  const diagnostics = [...document.diagnostics, ...shaped.diagnostics]
  if (!shaped.value || hasErrors(diagnostics)) return { agent: undefined, diagnostics }
  const { name, description, model, temperature, 'top-p': topP, 'max-tokens': maxTokens, seed } = shaped.value
  const agent: Agent = {
    name: name ?? agentName(document.path),
    ...(description !== undefined && { description }),
    models: model === undefined ? [] : [model].flat(),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(seed !== undefined && { seed }),
    system: document.system,
  }
  return { agent, diagnostics }
}

function withPlainNames(document: AgentDocument): AgentDocument {
  const value = document.value ?? {}
  if (!isMap(value)) return { ...document, value }
  const plain = Object.entries(value).map(([key, item]) => [
    key.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase(),
    item,
  ])
  return { ...document, value: Object.fromEntries(plain) }
}
