// Writes the tables of docs/language.md from the JSON Schemas. With --check it writes nothing and fails when one is stale.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { kindKeys } from '../src/model/step-source.ts'
import { formName, type SchemaPart } from './schema-words.ts'
import { generateSchemas } from './schemas.ts'

const page = new URL('../docs/language.md', import.meta.url)

const schemas = new Map([...generateSchemas()].map(([name, text]) => [name, JSON.parse(text) as SchemaPart]))

/** What belongs to one kind of step and stands beside its key. */
const besideKinds: ReadonlySet<string> = new Set(['with', 'cases', 'default'])
const kinds: ReadonlySet<string> = new Set(kindKeys)

const groups: Readonly<Record<string, (name: string) => boolean>> = {
  kinds: name => kinds.has(name) || besideKinds.has(name),
  common: name => !kinds.has(name) && !besideKinds.has(name),
}

/**
 * The fields of a map of a format: the table between `<!-- fields: … -->` and `<!-- end -->`.
 *
 * @example fieldsAt('workflow.json on.commit') // { branches: …, paths: …, … }
 */
export function fieldsAt(spec: string): [name: string, field: SchemaPart, isRequired: boolean][] {
  const [file = '', path = '', group = ''] = spec.split(' ')
  const root = schemas.get(file)
  if (!root) throw new Error(`there is no schema ${file}`)
  const keys = path === '' || path === '.' ? [] : path.split('.')
  const forms = keys.reduce(
    (found, key) => mapsOf(found.flatMap(form => partOf(form, key, root))),
    mapsOf([formatOf(root)]),
  )
  const fields = new Map<string, [string, SchemaPart, boolean]>()
  for (const form of forms) {
    for (const [name, field] of Object.entries(form.properties ?? {})) {
      const isRequired = forms.every(other => other.required?.includes(name))
      if (!fields.has(name) && (groups[group]?.(name) ?? true)) fields.set(name, [name, field, isRequired])
    }
  }
  if (fields.size === 0) throw new Error(`there are no fields at ${spec}`)
  return [...fields.values()]
}

/** The format itself, which a schema may keep among its definitions. */
function formatOf(root: SchemaPart): SchemaPart {
  return root.$defs?.[root.$ref?.replace('#/$defs/', '') ?? ''] ?? root
}

/** A field of a map, a definition of the format, or with `*` the values of a map. */
function partOf(form: SchemaPart, key: string, root: SchemaPart): SchemaPart[] {
  const part = key === '*' ? form.additionalProperties : (form.properties?.[key] ?? root.$defs?.[key])
  return part ? [part] : []
}

/** The maps among the forms that a value may take, as itself or as entry of a list. */
function mapsOf(parts: readonly SchemaPart[]): SchemaPart[] {
  return parts.flatMap(part => [
    ...((part.properties ?? part.additionalProperties) ? [part] : []),
    ...mapsOf(part.anyOf ?? []),
    ...(part.items ? mapsOf([part.items]) : []),
  ])
}

/** The page with the tables that the schemas say. */
export function withTables(text: string): string {
  return text.replaceAll(
    /(<!-- fields: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, spec: string, end: string) => {
      const rows = fieldsAt(spec).map(rowOf)
      return `${start}| field | type | default | example | means |\n|---|---|---|---|---|\n${rows.join('\n')}\n${end}`
    },
  )
}

function rowOf([name, field, isRequired]: [string, SchemaPart, boolean]): string {
  const preset = field.default === undefined ? '' : code(field.default)
  const example = field.examples?.[0] === undefined ? '' : code(field.examples[0])
  const cells = [code(name), formName(field), isRequired ? 'required' : preset, example, field.description ?? '']
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

/** A value as a line of YAML. */
function code(value: unknown): string {
  return `\`${flow(value)}\``
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  return typeof value === 'string' && /[{}[\],#:]|^$/.test(value) ? JSON.stringify(value) : String(value)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await readFile(page, 'utf8')
  const fresh = withTables(text)
  if (process.argv.includes('--check')) {
    if (fresh !== text) console.error('docs/language.md is stale: run `node scripts/language-reference.ts`')
    process.exitCode = fresh === text ? 0 : 1
  } else if (fresh !== text) {
    await writeFile(page, fresh)
    console.log('wrote docs/language.md')
  }
}
