import { z } from 'zod'
import { EnvironmentName } from './environment-name.ts'

/** What somebody can be told of. */
export const NotificationReason = z.enum(['succeeded', 'failed', 'cancelled', 'waiting', 'host-down'])
export type NotificationReason = z.infer<typeof NotificationReason>

/** Who is told what. */
export const NotificationSource = z.strictObject({
  on: z
    .array(NotificationReason)
    .min(1)
    .meta({ description: 'What is told.', examples: [['failed', 'waiting']] }),
  workflows: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({ description: 'Of which workflows, by name or pattern. Default: all.', examples: [['nightly/*']] }),
  url: z
    .string()
    .regex(
      /^([A-Za-z_][A-Za-z0-9_]*|https?:\/\/\S+)$/,
      'Name an environment variable, or write an http or https address.',
    )
    .meta({
      description: 'The environment variable that holds the address; or the address, where it is no secret.',
      examples: ['HOOK_URL'],
    }),
  secret: EnvironmentName.optional().meta({
    description: 'The environment variable that holds the key of the signature.',
    examples: ['HOOK_KEY'],
  }),
  format: z.enum(['json', 'slack']).optional().meta({ description: 'What is sent.', default: 'json' }),
})
export type NotificationSource = z.infer<typeof NotificationSource>

/** Where the traces of runs are sent. */
export const TelemetrySource = z
  .strictObject({
    otlp: z
      .strictObject({
        endpoint: z.url({ protocol: /^https?$/ }).meta({
          description: 'The address of the collector, without /v1/traces.',
          examples: ['http://127.0.0.1:4318'],
        }),
        headers: z
          .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'Write the name of a header.'), EnvironmentName)
          .optional()
          .meta({
            description: 'Headers, and the environment variables that hold their values.',
            examples: [{ Authorization: 'OTLP_AUTHORIZATION' }],
          }),
      })
      .optional()
      .meta({ description: 'A collector that speaks OTLP over HTTP.' }),
  })
  .meta({ description: 'Where the traces of runs are sent, beside git.' })
export type TelemetrySource = z.infer<typeof TelemetrySource>
