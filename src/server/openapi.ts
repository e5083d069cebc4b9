import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import * as accessContract from './access-contract.ts'
import * as workflowsContract from './workflows-contract.ts'
import * as chartContract from './chart-contract.ts'
import * as contract from './contract.ts'
import { namesOf } from './openapi-names.ts'
import { problemType } from './problem.ts'

/**
 * Requests are held against the shapes that routes declare, and `/openapi.json` is made from them; `/docs` shows it.
 * Answers are not held against theirs while we serve: tests do that.
 */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(() => value => JSON.stringify(value))
  const schemaRegistry = namesOf(contract, accessContract, chartContract, workflowsContract)
  const transformObject = createJsonSchemaTransformObject({ schemaRegistry })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Orchestrate', version, description: 'Runs, workflows and hosts of one workspace.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry }),
    transformObject: document => withProblemType(withoutStrangers(transformObject(document))),
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}

/** Every shape that has a name anywhere in the product is put into the description: those that no route speaks of are taken out. */
function withoutStrangers(document: object): OpenAPIV3_1.Document {
  const { components, ...rest } = document as OpenAPIV3_1.Document
  const named = (part: unknown): string[] =>
    [...JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(match => match[1] ?? '')
  const wanted = new Set<string>()
  const waiting = named(rest.paths)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (wanted.has(name)) continue
    wanted.add(name)
    waiting.push(...named(components?.schemas?.[name]))
  }
  const kept = Object.entries(components?.schemas ?? {}).filter(([name]) => wanted.has(name))
  return { ...rest, components: { ...components, schemas: Object.fromEntries(kept) } }
}

/** Problems have a media type of their own. */
function withProblemType(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const operations = Object.values(document.paths ?? {}).flatMap(path => Object.values(path ?? {}) as Operation[])
  for (const answer of operations.flatMap(({ responses = {} }) => Object.values(responses))) {
    const { 'application/json': json } = answer.content ?? {}
    if (json?.schema?.$ref === '#/components/schemas/Problem') answer.content = { [problemType]: json }
  }
  return document
}

interface Operation {
  readonly responses?: Record<string, { content?: Record<string, { readonly schema?: { readonly $ref?: string } }> }>
}
