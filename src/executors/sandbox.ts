import { execFile } from 'node:child_process'
import { lstatSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import type { ProcessRequest } from './process.ts'
import { scratchFolder } from './scratch-folder.ts'

/** What a command may see and do. */
export interface Confinement {
  readonly command: string
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>
  /** The one folder it may write to; its working folder and HOME. */
  readonly folder: string
  readonly network: boolean
}

/** Whether commands can be confined on this machine; `problem` says what to do if not. */
export type Sandbox =
  | { readonly isWorking: true; readonly limiter: string | undefined }
  | { readonly isWorking: false; readonly problem: string }

/** Where the scratch folder is seen inside, always the same so that output does not depend on the machine. */
const insideFolder = '/workspace'

/** The only folders a command is searched in. */
export const commandPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store']

/** What programs need of `/etc`; the rest may hold secrets. */
const systemFiles = [
  ...['alternatives', 'ca-certificates', 'group', 'hosts', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime'],
  ...['nsswitch.conf', 'passwd', 'pki', 'protocols', 'resolv.conf', 'services', 'ssl'],
].map(name => `/etc/${name}`)

/** No core dumps, files of at most 1 GiB, and bounds on what is open and alive. */
const limits = ['--core=0', '--fsize=1073741824', '--nofile=4096', '--nproc=4096']

const run = promisify(execFile)

/** Tries once whether bubblewrap really works here: it may be installed and forbidden by the kernel. */
export async function probeSandbox(): Promise<Sandbox> {
  await using folder = await scratchFolder()
  try {
    const confined = ['--clearenv', ...confinementArguments({ folder: folder.path, network: false })]
    await run('bwrap', [...confined, '--', '/bin/sh', '-c', 'true'], { timeout: 10_000 })
  } catch (error) {
    return { isWorking: false, problem: describe(error) }
  }
  const limiter = await run('prlimit', [...limits, '--', 'true'], { timeout: 10_000 }).then(
    () => 'prlimit',
    () => undefined,
  )
  return { isWorking: true, limiter }
}

/**
 * The process that runs a command confined: no network unless asked for, the system read-only, nothing of the
 * machine's users, processes or environment.
 *
 * Environment and folders are handed over through a pipe: secrets do not show in the list of processes, and a variable
 * like LD_PRELOAD reaches the command without touching bubblewrap itself.
 */
export function confine(sandbox: { readonly limiter: string | undefined }, confinement: Confinement): ProcessRequest {
  const { command, env, folder, network } = confinement
  const variables = Object.entries({ ...env, HOME: env['HOME'] ?? insideFolder }).flatMap(([name, value]) => [
    '--setenv',
    name,
    value,
  ])
  const handedOver = ['--clearenv', ...variables, ...confinementArguments({ folder, network })]
  const bubblewrap = ['bwrap', '--args', '3', '--', '/bin/sh', '-c', command]
  const [file = 'bwrap', ...args] = sandbox.limiter ? [sandbox.limiter, ...limits, '--', ...bubblewrap] : bubblewrap
  return {
    file,
    args,
    env: { PATH: process.env['PATH'] ?? commandPath },
    folder,
    extraInput: handedOver.map(text => `${text}\0`).join(''),
  }
}

function confinementArguments({ folder, network }: Pick<Confinement, 'folder' | 'network'>): string[] {
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'orchestrate'],
    ...(network ? ['--share-net'] : []),
    ...systemFolders.flatMap(mountSystemFolder),
    ...systemFiles.flatMap(path => ['--ro-bind-try', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--size', String(256 * 1024 * 1024), '--tmpfs', '/tmp'],
    ...['--bind', folder, insideFolder, '--remount-ro', '/', '--chdir', insideFolder],
  ]
}

/** On most systems `/bin` and its like are links into `/usr`; on others they are folders of their own. */
function mountSystemFolder(path: string): string[] {
  const kind = lstatSync(path, { throwIfNoEntry: false })
  if (!kind) return []
  return kind.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}

function describe(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'bubblewrap is not installed'
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return `bubblewrap does not work here (${said || (error instanceof Error ? error.message : String(error))})`
}
