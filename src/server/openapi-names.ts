import { z } from 'zod'

type Meta = z.core.GlobalMeta

/** What was said of a schema, without its name. */
class WithoutNames extends WeakMap<z.core.$ZodType, Meta> {
  override get(schema: z.core.$ZodType): Meta | undefined {
    const { id: _, ...meta } = z.globalRegistry._map.get(schema) ?? {}
    return super.get(schema) ?? meta
  }

  override has(schema: z.core.$ZodType): boolean {
    return super.has(schema) || z.globalRegistry._map.has(schema)
  }
}

/**
 * The schemas of modules under their names, and no other: files that people write have schemas with names as well, which
 * are none of the description's and may be the same.
 */
export function namesOf(...modules: readonly object[]): z.core.$ZodRegistry<Meta> {
  const registry = z.registry<Meta>()
  registry._map = new WithoutNames()
  for (const schema of modules.flatMap(module => Object.values(module) as unknown[])) {
    if (!(schema instanceof z.core.$ZodType)) continue
    const meta = z.globalRegistry.get(schema)
    if (meta?.id !== undefined) registry.add(schema, meta)
  }
  return registry
}
