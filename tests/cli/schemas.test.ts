import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { SchemaPart } from '../../scripts/schema-words.ts'
import { generateSchemas } from '../../scripts/schemas.ts'
import { stepFieldNames } from '../../src/model/step-source.ts'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'

const schemas = generateSchemas()

function schemaOf(name: string): SchemaPart {
  return JSON.parse(schemas.get(name) ?? '{}') as SchemaPart
}

function validator(name: string): Validator {
  return new Validator(schemaOf(name) as object, '2020-12', false)
}

test.each([...schemas.keys()])('schemas/%s is the one that is generated', name => {
  expect(readFileSync(`schemas/${name}`, 'utf8')).toBe(schemas.get(name))
})

test('the configuration of this repository is valid', () => {
  const configuration: unknown = parse(readFileSync('orchestrate.yaml', 'utf8')) ?? {}
  expect(validator('configuration.json').validate(configuration).errors).toEqual([])
})

test('an editor takes what the product takes', () => {
  const workflow = validator('workflow.json')
  fc.assert(
    fc.property(workflowSource, source => {
      const written = JSON.parse(JSON.stringify(source)) as unknown
      expect(WorkflowSource.safeParse(written).success).toBe(true)
      expect(workflow.validate(written).errors).toEqual([])
    }),
    cases(50),
  )
})

test.each([
  [{}],
  [{ steps: [] }],
  [{ steps: [{ prompt: 3 }] }],
  [{ steps: [{ loop: { steps: [{ prompt: 'a' }] } }] }],
  [{ steps: [{ prompt: 'a', timeout: '5' }] }],
  [{ steps: [{ parallel: [{ prompt: 'a', promt: 'b' }] }] }],
])('%j is marked by an editor', written => {
  expect(validator('workflow.json').validate(written).valid).toBe(false)
})

test('a step has the fields that the product knows, and no others', () => {
  const { $defs } = schemaOf('workflow.json')
  expect(Object.keys($defs?.['Step']?.properties ?? {}).sort()).toEqual([...stepFieldNames].sort())
})

interface Field {
  readonly path: string
  readonly schema: SchemaPart
  /** The schema itself and the forms that it may take. */
  readonly forms: readonly SchemaPart[]
}

/** Every field of a format, at any depth. */
function fieldsOf(root: SchemaPart): Field[] {
  const below = (schema: SchemaPart, path: string): Field[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
      const at = `${path}.${name}`
      return [{ path: at, schema: field, forms: [field, ...(field.anyOf ?? [])] }, ...below(field, at)]
    }),
    ...(schema.anyOf ?? []).flatMap((form, index) => below(form, `${path}|${index}`)),
    ...(schema.items ? below(schema.items, `${path}[]`) : []),
    ...(schema.additionalProperties ? below(schema.additionalProperties, `${path}{}`) : []),
  ]
  const definitions = Object.entries(root.$defs ?? {}).flatMap(([name, schema]) => below(schema, name))
  return [...below(root, ''), ...definitions]
}

/** True for a field without fields or steps of its own: what to write must be said here or nowhere. */
function isLeaf({ schema, forms }: Field): boolean {
  if (schema.$ref) return false
  return forms.every(form => !form.properties && !form.items?.$ref && !form.items?.properties && !listsOfMap(form))
}

/** True for a map whose values are described themselves. */
function listsOfMap({ additionalProperties }: SchemaPart): boolean {
  if (!additionalProperties) return false
  return [additionalProperties, ...(additionalProperties.anyOf ?? [])].some(
    value => value.properties ?? value.items?.$ref,
  )
}

describe.each([...schemas.keys()])('schemas/%s', name => {
  const fields = fieldsOf(schemaOf(name))

  test('describes every field', () => {
    expect(fields.length).toBeGreaterThan(5)
    expect(fields.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([])
  })

  test('shows for every field an example, a default or the values there are', () => {
    const isShown = ({ forms }: Field): boolean =>
      forms.some(form => form.examples ?? form.enum ?? ('default' in form || form.type === 'boolean'))
    expect(fields.filter(field => isLeaf(field) && !isShown(field)).map(({ path }) => path)).toEqual([])
  })

  test('shows examples and defaults that it accepts', () => {
    const root = schemaOf(name)
    for (const { path, schema } of fields) {
      const { default: preset, examples = [], ...rest } = schema
      const shown = [...examples, ...(preset === undefined ? [] : [preset])]
      const own = new Validator({ ...rest, $defs: root.$defs } as object, '2020-12', false)
      for (const value of shown) expect(own.validate(value).errors, `${path}: ${JSON.stringify(value)}`).toEqual([])
    }
  })

  test('names each form that a field may take', () => {
    const unnamed = fields.filter(({ schema }) => schema.anyOf?.some(form => !form.title && !form.$ref))
    expect(unnamed.map(({ path }) => path)).toEqual([])
  })

  test('refers only to what it has', () => {
    const { $defs = {} } = schemaOf(name)
    const targets = [...(schemas.get(name) ?? '').matchAll(/"\$ref": "#\/\$defs\/(\w+)"/g)].map(([, target]) => target)
    expect(targets.filter(target => target === undefined || !Object.hasOwn($defs, target))).toEqual([])
  })
})

test.each(['UNKNOWN_FIELD', 'MISSING_FIELD', 'BAD_VALUE'])('an editor marks the file that has %s', code => {
  const written: unknown = parse(readFileSync(`tests/cases/check/${code}/workflow.yaml`, 'utf8'))
  expect(validator('workflow.json').validate(written).valid).toBe(false)
})

const modeline = /^# yaml-language-server: \$schema=(\S+)$/m

test('every file of the gallery names its schema in its first line, and fits it', () => {
  for (const [folder, schema] of [
    ['workflows', 'workflow.json'],
    ['agents', 'agent.json'],
  ] as const) {
    for (const file of readdirSync(folder)) {
      const text = readFileSync(join(folder, file), 'utf8')
      const lines = file.endsWith('.md') ? (text.split(/^---$/m)[1] ?? '').trim() : text
      const target = modeline.exec(lines.split('\n')[0] ?? '')?.[1] ?? ''
      expect(join(folder, target), file).toBe(`schemas/${schema}`)
      if (file.endsWith('.workflow.md')) continue
      expect(validator(schema).validate(parse(lines)).errors, file).toEqual([])
    }
  }
})
