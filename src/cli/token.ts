import type { Command } from 'commander'
import { Scope } from '../model/authority.ts'
import { durationMs, PositiveDuration } from '../model/duration.ts'
import { UsageError } from '../model/usage-error.ts'
import { systemClock } from '../system/clock.ts'
import { askDaemon, requireDaemon } from './ask-daemon.ts'

interface TokenLine {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly workflows: readonly string[]
  readonly createdMs: number
  readonly expiresMs?: number
}

interface CreateOptions {
  readonly scope: readonly string[]
  readonly workflow: readonly string[]
  readonly expires?: string
}

/** Adds `orchestrate token create`, `list` and `revoke` to the program. */
export function addToken(program: Command): void {
  const token = program.command('token').description('tokens with which programs ask the daemon')
  const each = (value: string, all: readonly string[]): string[] => [...all, value]
  token
    .command('create')
    .description('make a token and print it; it is shown only now')
    .argument('<name>', 'who uses it: the name in journals and in the audit log')
    .option('--scope <scope>', `what it may do, may be repeated: ${Scope.options.join(', ')} (default: read)`, each, [])
    .option('--workflow <pattern>', 'workflows it may see and touch, may be repeated (default: all)', each, [])
    .option('--expires <duration>', 'how long it is good for, such as 30d (default: until it is revoked)')
    .action(async (name: string, options: CreateOptions) => {
      const made = await askDaemon(await requireDaemon(), 'POST', '/api/tokens', requestOf(name, options))
      const { id, secret } = made as TokenLine & { secret: string }
      process.stderr.write(`token ${id} of ${name}; it is shown only now\n`)
      process.stdout.write(`${secret}\n`)
    })
  token
    .command('list')
    .description('the tokens that have not been revoked')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { tokens } = (await askDaemon(await requireDaemon(), 'GET', '/api/tokens')) as { tokens: TokenLine[] }
      process.stdout.write(json ? `${JSON.stringify(tokens)}\n` : tokens.map(lineOf).join(''))
      if (tokens.length === 0 && !json) process.stderr.write('there are no tokens: orchestrate token create <name>\n')
    })
  token
    .command('revoke')
    .description('refuse a token from now on')
    .argument('<id>', 'its id, as `token list` shows it')
    .action(async (id: string) => {
      await askDaemon(await requireDaemon(), 'DELETE', `/api/tokens/${encodeURIComponent(id)}`)
      process.stderr.write(`token ${id} is revoked\n`)
    })
}

function requestOf(name: string, { scope, workflow, expires }: CreateOptions): object {
  const unknown = scope.find(each => !Scope.safeParse(each).success)
  if (unknown !== undefined)
    throw new UsageError(`There is no scope ${unknown}.`, `There are ${Scope.options.join(', ')}.`)
  const duration = PositiveDuration.optional().safeParse(expires)
  if (!duration.success) throw new UsageError(`"${expires}" is no duration.`, 'Write --expires 30d, or 12h.')
  return {
    name,
    scopes: scope.length === 0 ? ['read'] : scope,
    ...(workflow.length > 0 && { workflows: workflow }),
    ...(duration.data !== undefined && { expiresMs: systemClock.now() + durationMs(duration.data) }),
  }
}

function lineOf({ id, name, scopes, workflows, expiresMs }: TokenLine): string {
  const until = expiresMs === undefined ? '' : `  until ${new Date(expiresMs).toISOString()}`
  return `${id}  ${name}  ${scopes.join(',')}  ${workflows.join(',')}${until}\n`
}
