import type { Agent } from '../model/agent.ts'
import type { JsonSchema } from '../model/value-schema.ts'

/** What a workflow may name outside its own file. Paths are those of the workspace. */
export interface Library {
  readonly agents: ReadonlyMap<string, { readonly agent: Agent; readonly path: string }>
  /** JSON Schemas below `schemas/`, by path. */
  readonly schemas: ReadonlyMap<string, JsonSchema>
  /** Model names that the configuration knows; undefined where any name may be served. */
  readonly models?: ReadonlySet<string>
}

export const emptyLibrary: Library = { agents: new Map(), schemas: new Map() }
