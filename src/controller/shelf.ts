import { checkAgent } from '../checker/agent.ts'
import { checkConfiguration, defaultConfiguration } from '../checker/configuration.ts'
import type { Library } from '../checker/library.ts'
import { type AgentFile, shelve, type SkillFile } from '../checker/shelf.ts'
import { checkSkill } from '../checker/skill.ts'
import { checkTemplate, templateName } from '../checker/template.ts'
import type { Sources } from '../git/sources.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { isMap } from '../model/json.ts'
import { openAiPrice } from '../model/prices.ts'
import { isUsableSchema } from '../model/schema-keywords.ts'
import type { JsonSchema } from '../model/value-schema.ts'
import { type Document, makeDocument, Source } from '../parser/document.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../parser/parse.ts'
import { parsePrompt, type PromptDocument } from '../parser/prompt.ts'
import { readFile } from './read-file.ts'

/** Everything but the workflows of a workspace, read and checked. */
export interface Shelf {
  readonly library: Library
  readonly configuration: Configuration
  /** By path, of the files that are not workflows. */
  readonly diagnostics: ReadonlyMap<string, readonly Diagnostic[]>
}

/** Reads and checks the agents, skills, schemas, prompts, templates and configuration of a workspace. */
export async function readShelf(sources: Sources): Promise<Shelf> {
  const reader = new ShelfReader()
  for (const path of sources.files.keys()) {
    const kind = kinds.find(([pattern]) => pattern.test(path))?.[1]
    if (kind) reader.add(await readFile(sources, path, text => reader[kind](text, path)), path)
  }
  return reader.shelf()
}

type Kind = 'agent' | 'skill' | 'prompt' | 'template' | 'schema' | 'configure'

const kinds: readonly (readonly [RegExp, Kind])[] = [
  [/^agents\/.+\.agent\.md$/, 'agent'],
  [/^skills\/(.+\/)?SKILL\.md$/, 'skill'],
  [/^prompts\/.+\.md$/, 'prompt'],
  [/^workflows\/templates\/.+\.ya?ml$/, 'template'],
  [/^schemas\/.+\.json$/, 'schema'],
  [/^orchestrate\.yaml$/, 'configure'],
]

interface Read {
  readonly diagnostics: readonly Diagnostic[]
}
const nothingToSay: Read = { diagnostics: [] }

/** Puts what is read on the shelf. */
class ShelfReader {
  readonly #agents: AgentFile[] = []
  readonly #skills: SkillFile[] = []
  readonly #schemas = new Map<string, JsonSchema>()
  readonly #prompts = new Map<string, PromptDocument>()
  readonly #templates = new Map<string, Document>()
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>()
  #configuration = defaultConfiguration

  agent(text: string, path: string): Read {
    const document = parseAgent(text, path)
    const { agent, diagnostics } = checkAgent(document)
    if (agent) this.#agents.push({ agent, document })
    return { diagnostics }
  }

  skill(text: string, path: string): Read {
    const document = parseSkill(text, path)
    const { skill, diagnostics } = checkSkill(document)
    if (skill) this.#skills.push({ skill, document })
    return { diagnostics }
  }

  prompt(text: string, path: string): Read {
    this.#prompts.set(path, parsePrompt(text, path))
    return nothingToSay
  }

  template(text: string, path: string): Read {
    this.#templates.set(templateName(path), parseWorkflow(text, path))
    return nothingToSay
  }

  schema(text: string, path: string): Read {
    const schema = parseSchema(text)
    if (schema) {
      this.#schemas.set(path, schema)
      return nothingToSay
    }
    const source = new Source(path, text)
    source.report('BAD_SCHEMA', 'This file holds no JSON Schema.', [0, text.length], 'Write a map, as JSON.')
    return makeDocument(source, 'yaml', undefined, undefined)
  }

  configure(text: string, path: string): Read {
    const { configuration, diagnostics } = checkConfiguration(parseConfiguration(text, path))
    this.#configuration = configuration
    return { diagnostics }
  }

  add({ diagnostics }: Read, path: string): void {
    this.#diagnostics.set(path, [...(this.#diagnostics.get(path) ?? []), ...diagnostics])
  }

  /** What was read, once all of it was. */
  shelf(): Shelf {
    const { agents, skills, diagnostics } = shelve(this.#agents, this.#skills)
    for (const found of diagnostics) this.add({ diagnostics: [found] }, found.span.path)
    const configuration = this.#configuration
    const library = {
      ...{ agents, skills, schemas: this.#schemas, prompts: this.#prompts, templates: this.#templates },
      workflows: new Map(),
      hasPrice: (model: string | undefined) => hasPrice(model ?? 'default', configuration),
    }
    for (const template of this.#templates.values()) this.add(checkTemplate(template, library), template.path)
    return { library, configuration, diagnostics: this.#diagnostics }
  }
}

/** True when some host says what a model costs, or its list price is known. */
function hasPrice(model: string, { hosts, models }: Configuration): boolean {
  const known = Object.hasOwn(models, model) ? models[model] : undefined
  if (typeof known === 'string') return known !== model && hasPrice(known, { hosts, models } as Configuration)
  const name = known?.name ?? model
  const priced = Object.values(hosts).some(host => Object.hasOwn(host['usd-per-million'] ?? {}, name))
  return priced || openAiPrice(name) !== undefined
}

function parseSchema(text: string): JsonSchema | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) && isUsableSchema(value) ? (value as JsonSchema) : undefined
  } catch {
    return undefined
  }
}
