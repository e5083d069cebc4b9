import { z } from 'zod'
import { Role } from './authority.ts'
import { PositiveDuration } from './duration.ts'
import { EnvironmentName } from './environment-name.ts'
import { NotificationSource, TelemetrySource } from './notification-source.ts'
import { BranchPattern, isRefName, RefName } from './ref-name.ts'

export const HostKind = z.enum(['openai', 'vllm', 'sglang', 'llama.cpp', 'lmstudio', 'ollama'])

/** A model server. */
export const HostSource = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .meta({ description: 'The base URL, with /v1.', examples: ['http://10.0.0.7:8000/v1'] }),
    kind: HostKind.optional().meta({ description: 'The kind of server.', default: 'openai' }),
    key: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Name an environment variable; never write a key here.')
      .optional()
      .meta({ description: 'The environment variable that holds the API key.', examples: ['OPENAI_API_KEY'] }),
    models: z
      .array(z.string())
      .optional()
      .meta({ description: 'The models it serves. Default: any.', examples: [['devstral-small']] }),
    parallel: z.int().min(1).optional().meta({ description: 'Requests it answers at once.', default: 4 }),
    'usd-per-million': z
      .record(z.string(), z.tuple([z.number(), z.number()]))
      .optional()
      .meta({
        description: 'Price per million tokens, by model: [input, output].',
        examples: [{ 'gpt-4o': [2.5, 10] }],
      }),
  })
  .meta({ description: 'A model server that speaks the OpenAI protocol.' })
export type HostSource = z.infer<typeof HostSource>

/** A model name: another name for a model, or where it runs and what is tried when that fails. */
export const ModelSource = z
  .union([
    z.string(),
    z.strictObject({
      on: z
        .array(z.string())
        .min(1)
        .meta({ description: 'Hosts, best first.', examples: [['rack', 'tower']] }),
      name: z
        .string()
        .optional()
        .meta({ description: 'What the hosts call it. Default: the same name.', examples: ['devstral-small-2507'] }),
      fallback: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .meta({ description: 'Models tried in order when no host of this one answers.', examples: ['gpt-4o'] }),
    }),
  ])
  .meta({ description: 'A model, by the name that agents use.' })
export type ModelSource = z.infer<typeof ModelSource>

/** An MCP server: a command that is started, or an address. */
const McpServerSource = z
  .strictObject({
    command: z
      .string()
      .optional()
      .meta({ description: 'The command that starts it.', examples: ['npx'] }),
    args: z
      .array(z.string())
      .optional()
      .meta({ description: 'Its arguments.', examples: [['-y', 'server']] }),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ description: 'Its address, where it runs already.', examples: ['https://mcp.example.org'] }),
    env: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Its environment.', examples: [{ TOKEN: '${secrets.TOKEN}' }] }),
    allow: z
      .array(z.string())
      .optional()
      .meta({ description: 'Tools that need nobody’s leave.', examples: [['read_file']] }),
  })
  .meta({ description: 'An MCP server.' })

const OidcSource = z
  .strictObject({
    issuer: z.url().meta({ description: 'Who signs.', examples: ['https://login.example.org'] }),
    audience: z.string().meta({ description: 'For whom it is signed.', examples: ['orchestrate'] }),
    keys: z
      .url()
      .meta({ description: 'Where the public keys are (JWKS).', examples: ['https://login.example.org/keys'] }),
    header: z
      .string()
      .optional()
      .meta({ description: 'The header that holds the token.', default: 'x-forwarded-access-token' }),
    groups: z.string().optional().meta({ description: 'The claim that lists groups.', default: 'groups' }),
    roles: z
      .record(z.string(), Role)
      .meta({ description: 'What members of a group may do.', examples: [{ engineers: 'operator' }] }),
  })
  .meta({ description: 'A proxy that says who calls, in a signed token (JWT).' })
export type OidcSource = z.infer<typeof OidcSource>

function isTarget(text: string): boolean {
  return !text.startsWith('branch:') || isRefName(text.slice('branch:'.length))
}

/** Keys that this version reads and checks, and does not act on. */
export const idleKeys: readonly (readonly string[])[] = [['mcp'], ['router'], ['worker'], ['engine']]

/** `orchestrate.yaml`. Every key has a default. */
export const Configuration = z
  .strictObject({
    hosts: z.record(z.string(), HostSource).default({}).meta({ description: 'Model servers, by name.' }),
    models: z
      .record(z.string(), ModelSource)
      .default({})
      .meta({ description: 'Models, by the name that agents use; `default` for agents without one.' }),
    triggers: z
      .strictObject({
        branches: z
          .array(BranchPattern)
          .optional()
          .meta({ description: 'Branches to watch. Default: the checked-out one.', examples: [['main', 'feature/*']] }),
        poll: PositiveDuration.default('2s').meta({
          description: 'How often refs are read, should a file event be missed.',
        }),
        suspend: z
          .array(z.string())
          .default([])
          .meta({
            description: 'Workflows that nobody but a person starts, by name or pattern.',
            examples: [['nightly/*']],
          }),
        verify: z
          .enum(['none', 'signed'])
          .optional()
          .meta({ description: 'Whether a commit must be signed to start runs.', default: 'none' }),
        remote: RefName.optional().meta({ description: 'The remote that is fetched from.', examples: ['origin'] }),
        base: RefName.optional().meta({
          description: 'The branch that the others are to be merged into; conflicts with it in traces are resolved.',
          examples: ['main'],
        }),
        fetch: PositiveDuration.default('1m').meta({ description: 'How often the remote is fetched from, about.' }),
        secret: EnvironmentName.optional().meta({
          description: 'The environment variable that holds the key of messages to /hooks/git.',
          examples: ['GIT_HOOK_SECRET'],
        }),
      })
      .default({ poll: '2s', suspend: [], fetch: '1m' })
      .meta({ description: 'What is watched for commits.' }),
    traces: z
      .strictObject({
        to: z
          .string()
          .regex(/^(auto|branch:.+)$/, 'Write auto, or branch: and a name.')
          .refine(isTarget, 'Write auto, or branch: and a name that git allows for a branch.')
          .default('auto')
          .meta({
            description: '`auto`, or `branch:` and a name: where traces are committed.',
            examples: ['branch:traces'],
          }),
        push: z.boolean().optional().meta({ description: 'Whether traces are pushed.', default: false }),
        sign: z.boolean().optional().meta({ description: 'Whether trace commits are signed.', default: false }),
      })
      .default({ to: 'auto' })
      .meta({ description: 'Where traces go.' }),
    limits: z
      .strictObject({
        runs: z.int().min(1).default(50).meta({ description: 'Runs at once.' }),
        parallel: z.int().min(1).default(16).meta({ description: 'Attempts at once, in all runs.' }),
      })
      .default({ runs: 50, parallel: 16 })
      .meta({ description: 'What is done at once.' }),
    secrets: z
      .array(z.string())
      .default([])
      .meta({ description: 'Names of secrets; values come from the environment.' }),
    server: z
      .strictObject({
        host: z.string().default('127.0.0.1').meta({ description: 'The address to listen on.' }),
        port: z.int().min(0).max(65_535).default(8000).meta({ description: 'The port to listen on.' }),
        names: z
          .array(z.string())
          .optional()
          .meta({
            description: 'Names it answers under, beside those of this machine.',
            examples: [['runs.example.org']],
          }),
        'behind-proxy': z.boolean().optional().meta({
          description: 'Whether a proxy in front of it does TLS.',
          default: false,
        }),
        tls: z
          .strictObject({
            certificate: z.string().meta({
              description: 'A PEM file: the certificate, and those that lead to its root.',
              examples: ['/etc/orchestrate/full-chain.pem'],
            }),
            key: z.string().meta({ description: 'A PEM file: its key.', examples: ['/etc/orchestrate/key.pem'] }),
          })
          .optional()
          .meta({ description: 'With what it does TLS itself. Without either, it listens on this machine alone.' }),
        'four-eyes': z.boolean().optional().meta({
          description: 'Whether who started a run, or wrote its commit, may not answer its questions.',
          default: false,
        }),
        oidc: OidcSource.optional(),
      })
      .default({ host: '127.0.0.1', port: 8000 })
      .meta({ description: 'Where the daemon listens.' }),
    mcp: z.record(z.string(), McpServerSource).optional().meta({ description: 'MCP servers, by name.' }),
    router: z
      .strictObject({
        strategy: z
          .enum(['workflow-aware', 'round-robin', 'random', 'least-busy', 'sticky'])
          .meta({ description: 'How a host is chosen.', default: 'workflow-aware' }),
      })
      .optional()
      .meta({ description: 'How calls are routed to hosts.' }),
    notifications: z.array(NotificationSource).optional().meta({ description: 'Who is told what.' }),
    telemetry: TelemetrySource.optional(),
    worker: z
      .strictObject({
        labels: z.array(z.string()).meta({ description: 'What `runs-on` asks for.', examples: [['gpu-a']] }),
      })
      .optional()
      .meta({ description: 'What `orchestrate worker` offers.' }),
    engine: z.enum(['local', 'restate']).optional().meta({ description: 'Where runs live.', default: 'local' }),
  })
  .meta({ id: 'Configuration', description: 'orchestrate.yaml: hosts, models and limits of a workspace.' })
export type Configuration = z.infer<typeof Configuration>

/** The operator's own policy, outside the repository. `unsafe-shell` exists only here. */
export const OperatorPolicy = z.strictObject({ 'unsafe-shell': z.boolean().default(false) })
export type OperatorPolicy = z.infer<typeof OperatorPolicy>

/** The environment variables that hold secrets of a configuration, beside the keys of its hosts. */
export function secretNames({ secrets, notifications = [], telemetry }: Configuration): readonly string[] {
  const receivers = notifications.flatMap(({ url, secret }) => [url, ...(secret === undefined ? [] : [secret])])
  return [...secrets, ...receivers, ...Object.values(telemetry?.otlp?.headers ?? {})]
}
