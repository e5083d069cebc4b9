// Writes the JSON Schemas of the file formats for editors. With --check it writes nothing and fails when one is stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AgentSource } from '../src/model/agent.ts'
import { Configuration } from '../src/model/configuration.ts'
import { SkillSource } from '../src/model/skill.ts'
import { WorkflowSource } from '../src/model/workflow-source.ts'

const folder = new URL('../schemas/', import.meta.url)

const formats: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>> = {
  'workflow.json': { title: 'Workflow', schema: WorkflowSource },
  'agent.json': { title: 'Agent', schema: AgentSource },
  'skill.json': { title: 'Skill', schema: SkillSource },
  'configuration.json': { title: 'Configuration', schema: Configuration },
}

/** The JSON Schemas by the name of their file, generated from the schemas that the product itself checks with. */
export function generateSchemas(): Map<string, string> {
  return new Map(
    Object.entries(formats).map(([name, { title, schema }]) => {
      // What a person writes: fields with a default may be left out.
      const { $schema, ...body } = z.toJSONSchema(schema, { io: 'input' })
      const id = `urn:orchestrate-gitops:${name.replace('.json', '')}`
      return [name, `${JSON.stringify({ $schema, $id: id, title, ...body }, undefined, 2)}\n`]
    }),
  )
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
