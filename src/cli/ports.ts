import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { OperatorPolicy } from '../model/configuration.ts'
import { parseConfiguration } from '../parser/parse.ts'
import { systemClock } from '../system/clock.ts'
import { readEnvironment } from '../system/environment.ts'
import { createLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import type { WorkspacePorts } from '../workspace.ts'
import { UsageError } from '../model/usage-error.ts'

/** The real world for a command: clock, log, the environment with the workspace's `.env`, the operator's policy. */
export async function realPorts(root: string, defaultLevel: string): Promise<WorkspacePorts> {
  return {
    clock: systemClock,
    random: systemRandom,
    log: createLog(process.env['ORCHESTRATE_LOG'] ?? defaultLevel),
    environment: readEnvironment(join(root, '.env'), process.env),
    policy: await readPolicy(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')),
  }
}

/** What the operator allows on this machine: the only place where `unsafe-shell` counts. */
async function readPolicy(configHome: string): Promise<OperatorPolicy> {
  const path = join(configHome, 'orchestrate', 'config.yaml')
  const text = await readFile(path, 'utf8').catch(() => '')
  const document = parseConfiguration(text, path)
  const policy = OperatorPolicy.safeParse(document.value ?? {})
  if (policy.success && document.diagnostics.length === 0) return policy.data
  const problem = document.diagnostics[0]?.message ?? policy.error?.issues[0]?.message ?? 'it cannot be read'
  throw new UsageError(`${path} is not a valid policy: ${problem}`, 'It may hold one line: `unsafe-shell: true`.')
}
