import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { GitFailure } from './git-failure.ts'

export interface GitResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface GitOptions {
  readonly input?: string
  /** Variables on top of the cleaned environment. */
  readonly env?: Readonly<Record<string, string>>
  /** After so long it is ended. Default: it takes as long as it likes. */
  readonly timeoutMs?: number
}

/** Runs one git command in a repository, whatever its exit code. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitResult>

/** A repository's own settings must not make git start programs: hooks, the file system monitor, the ext transport. */
export const hardening = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'protocol.ext.allow=never']
const hardeningArguments = hardening.flatMap(setting => ['-c', setting])

/** Variables with which a person tells git where its settings and keys are. Everything else that git reads is dropped. */
const keptVariables = new Set([
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_EXEC_PATH',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
])

/** The environment of every git process: a hook's `GIT_DIR` or `GIT_INDEX_FILE` must not redirect us. */
export function gitEnvironment(
  inherited: NodeJS.ProcessEnv,
  added: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const kept = Object.entries(inherited).filter(([name]) => !name.startsWith('GIT_') || keptVariables.has(name))
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
    ...added,
  }
}

/** Starts a hardened git process; the caller owns it. */
export function startGit(args: readonly string[], options: SpawnOptions & Pick<GitOptions, 'env'> = {}): ChildProcess {
  const env = gitEnvironment(process.env, options.env)
  return spawn('git', [...hardeningArguments, ...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options, env })
}

/** Runs a hardened git process to its end. Throws `GitMissing` only; a non-zero exit code is an answer. */
export function runGit(args: readonly string[], cwd: string, options: GitOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const { env, timeoutMs: timeout } = options
    const child = startGit(args, { cwd, ...(env && { env }), ...(timeout !== undefined && { timeout }) })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout?.on('data', chunk => stdout.push(chunk))
    child.stderr?.on('data', chunk => stderr.push(chunk))
    child.on('error', cause => reject(gitMissing(cause)))
    child.on('close', code =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    )
    // A command that fails early closes its input; its exit code says more than the broken pipe.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}

/** The output of a command that has to succeed, without the last line end. Throws `CommandFailed`. */
export async function gitOutput(git: Git, args: readonly string[], options?: GitOptions): Promise<string> {
  const result = await git(args, options)
  if (result.code === 0) return result.stdout.replace(/\n$/, '')
  throw new GitFailure('CommandFailed', `git ${args[0]} failed: ${result.stderr.trim() || `exit code ${result.code}`}`)
}

function gitMissing(cause: Error): GitFailure {
  return new GitFailure('GitMissing', `Git could not be started (${cause.message}). Install git 2.38 or newer.`, {
    cause,
  })
}
