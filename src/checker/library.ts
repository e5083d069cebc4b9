import type { Agent } from '../model/agent.ts'
import type { Skill } from '../model/skill.ts'
import type { JsonSchema } from '../model/value-schema.ts'

/** What a workflow may name outside its own file. Paths are those of the workspace. */
export interface Library {
  /** By the name of the file, and by the name that it gives itself where no other agent has it. */
  readonly agents: ReadonlyMap<string, { readonly agent: Agent; readonly path: string }>
  /** By name; `findSkill` knows their paths, too. */
  readonly skills: ReadonlyMap<string, { readonly skill: Skill; readonly path: string }>
  /** JSON Schemas below `schemas/`, by path. */
  readonly schemas: ReadonlyMap<string, JsonSchema>
  /** Model names that the configuration knows; undefined where any name may be served. */
  readonly models?: ReadonlySet<string>
}

export const emptyLibrary: Library = { agents: new Map(), skills: new Map(), schemas: new Map() }
