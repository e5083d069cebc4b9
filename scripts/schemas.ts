// Writes the JSON Schemas of the file formats for editors. With --check it writes nothing and fails when one is stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AgentSource } from '../src/model/agent.ts'
import { Configuration } from '../src/model/configuration.ts'
import { SkillSource } from '../src/model/skill.ts'
import { TemplateSource, WorkflowSource } from '../src/model/workflow-source.ts'
import { formName, type SchemaPart } from './schema-words.ts'

const folder = new URL('../schemas/', import.meta.url)

const formats: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>> = {
  'workflow.json': { title: 'Workflow', schema: WorkflowSource },
  'template.json': { title: 'Template', schema: TemplateSource },
  'agent.json': { title: 'Agent', schema: AgentSource },
  'skill.json': { title: 'Skill', schema: SkillSource },
  'configuration.json': { title: 'Configuration', schema: Configuration },
}

/** The JSON Schemas by the name of their file, generated from the schemas that the product itself checks with. */
export function generateSchemas(): Map<string, string> {
  return new Map(
    Object.entries(formats).map(([name, { title, schema }]) => {
      // What a person writes: fields with a default may be left out.
      const { $schema, $defs = {}, ...body } = z.toJSONSchema(schema, { io: 'input' })
      const definitions = Object.entries($defs).filter(([key]) => !isAnyValue(key))
      const whole = { ...body, ...(definitions.length > 0 && { $defs: Object.fromEntries(definitions) }) }
      const id = `urn:orchestrate-gitops:${name.replace('.json', '')}`
      return [name, `${JSON.stringify({ $schema, $id: id, title, ...plain(whole as SchemaPart) }, undefined, 2)}\n`]
    }),
  )
}

/** Definitions without a name of ours are those of any JSON value, spelled out: to an editor they say nothing. */
function isAnyValue(name: string): boolean {
  return name.startsWith('__schema')
}

/** A schema without what only machines need to be told, and with a name for each form of a union. */
function plain(schema: SchemaPart): SchemaPart {
  const kept = Object.entries(schema).filter(([key, value]) => !isNoise(key, value))
  const entries = kept.map(([key, value]) => {
    if (key === 'anyOf') return [key, (value as SchemaPart[]).map(form => titled(plain(form)))]
    if (key === 'properties' || key === '$defs') return [key, mapValues(value as Record<string, SchemaPart>, plain)]
    if (key === 'items' || key === 'additionalProperties')
      return [key, value === false ? false : plain(value as SchemaPart)]
    return [key, value]
  })
  return Object.fromEntries(entries) as SchemaPart
}

function isNoise(key: string, value: unknown): boolean {
  if (key === '$ref') return isAnyValue(String(value).replace('#/$defs/', ''))
  if (key === 'propertyNames') return JSON.stringify(value) === '{"type":"string"}'
  return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
}

function titled(form: SchemaPart): SchemaPart {
  return form.$ref === undefined && form.title === undefined ? { title: formName(form), ...form } : form
}

function mapValues<T, R>(map: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}

async function staleNames(schemas: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = []
  for (const [name, text] of schemas) {
    if ((await readFile(new URL(name, folder), 'utf8').catch(() => '')) !== text) stale.push(name)
  }
  return stale
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const schemas = generateSchemas()
  const stale = await staleNames(schemas)
  if (process.argv.includes('--check')) {
    for (const name of stale) console.error(`schemas/${name} is stale: run \`node scripts/schemas.ts\``)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    await mkdir(folder, { recursive: true })
    for (const name of stale) {
      await writeFile(new URL(name, folder), schemas.get(name) ?? '')
      console.log(`wrote schemas/${name}`)
    }
  }
}
