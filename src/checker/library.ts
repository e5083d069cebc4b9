import type { Agent } from '../model/agent.ts'
import type { Skill } from '../model/skill.ts'
import type { JsonSchema } from '../model/value-schema.ts'
import type { Document } from '../parser/document.ts'
import type { PromptDocument } from '../parser/prompt.ts'

/** What a workflow may name outside its own file. Paths are those of the workspace. */
export interface Library {
  /** By the name of the file, and by the name that it gives itself where no other agent has it. */
  readonly agents: ReadonlyMap<string, { readonly agent: Agent; readonly path: string }>
  /** By name; `findSkill` knows their paths, too. */
  readonly skills: ReadonlyMap<string, { readonly skill: Skill; readonly path: string }>
  /** JSON Schemas below `schemas/`, by path. */
  readonly schemas: ReadonlyMap<string, JsonSchema>
  /** Texts of the prompt library, by path. */
  readonly prompts: ReadonlyMap<string, PromptDocument>
  /** Templates, by the path below `workflows/templates/` without ending. */
  readonly templates: ReadonlyMap<string, Document>
  /** The workflows of the workspace, by name. */
  readonly workflows: ReadonlyMap<string, Document>
  /** Model names that the configuration knows; undefined where any name may be served. */
  readonly models?: ReadonlySet<string>
  /** Whether a token of a model, or of the default model, has a known price; without it none is asked for. */
  readonly hasPrice?: (model: string | undefined) => boolean
}

export const emptyLibrary: Library = {
  agents: new Map(),
  skills: new Map(),
  schemas: new Map(),
  prompts: new Map(),
  templates: new Map(),
  workflows: new Map(),
}
