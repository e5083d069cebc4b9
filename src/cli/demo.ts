import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import type { Command } from 'commander'
import { type Daemon, openDaemon } from '../daemon.ts'
import { initWorkspaceRepository } from '../git/workspace-repository.ts'
import { gitOutput, runGit } from '../git/git-process.ts'
import { type MockHost, startMockHost } from '../mock-host/serve.ts'
import type { ProfileName } from '../mock-host/profiles.ts'
import { findDaemon } from '../store/daemon-lock.ts'
import { exitCodes } from './exit-codes.ts'
import { followEveryRun } from './follow-every-run.ts'
import { loginLink } from './open.ts'
import { portNumber } from './mock-host.ts'
import { realPorts } from './ports.ts'
import { serve } from './serve.ts'
import { waitForStop } from './up.ts'
import { version } from './version.ts'

interface DemoOptions {
  readonly once?: boolean
  readonly port?: number
}

/** The installation: the gallery is copied from here. */
const home = fileURLToPath(new URL('../..', import.meta.url))

/** The workflow that the demo commits, and that is left out of the first commit. */
const shown = 'workflows/marketing.yaml'

const gpus: readonly { readonly name: string; readonly profile: ProfileName }[] = [
  { name: 'gpu-a', profile: 'fast' },
  { name: 'gpu-b', profile: 'medium' },
  { name: 'gpu-c', profile: 'slow' },
]

/** Adds `orchestrate demo` to the program. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole product on this machine, with simulated GPU hosts')
    .option('--once', 'show one run and exit')
    .option('--port <number>', 'the port to listen on (default: 8000, or a free one)', portNumber)
    .action(async (options: DemoOptions) => {
      process.exitCode = await demo(options)
    })
}

async function demo(options: DemoOptions): Promise<number> {
  await using cleanUp = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'orchestrate-demo-'))
  cleanUp.defer(() => rm(root, { recursive: true, force: true }))
  say('1', 'Three simulated GPU hosts answer over HTTP; no model is asked and no key is needed.')
  const hosts = await Promise.all(gpus.map(gpu => startMockHost({ profile: gpu.profile, seed: 7 })))
  for (const host of hosts) cleanUp.use(host)
  hosts.forEach((host, index) => note(`${gpus[index]?.name}  ${host.url}  ${gpus[index]?.profile}`))

  say('2', `A git repository with the gallery of workflows: ${root}`)
  await layOut(root, hosts)
  await initWorkspaceRepository(root, { branch: 'main', user: demoUser, message: 'A workspace' })

  say('3', 'The daemon watches the branch main.')
  const ports = await realPorts(root, 'warn')
  const daemon = cleanUp.use(await openDaemon({ root, mock: false }, ports, version))
  const app = await serveSomewhere(daemon, options.port)
  cleanUp.use(app)
  daemon.recover()
  const stop = waitForStop()
  await daemon.catchUp()
  void daemon.watch()
  if (!options.once) note(`Watch it in your browser: ${await linkTo(root)}`)

  say('4', 'A workflow is committed, as anyone would:')
  const outcome = firstOutcome(daemon)
  await commitShown(root)
  const code = await Promise.race([outcome, stop.then(() => exitCodes.interrupted)])
  if (code === exitCodes.interrupted) return code
  await showTrace(daemon, root)
  if (options.once) return code
  return await stayUp(root, app.url, stop)
}

const demoUser = { name: 'You', email: 'you@example.org' }

/** Copies the gallery, less the workflow that is committed later, and writes the configuration of the three hosts. */
async function layOut(root: string, hosts: readonly MockHost[]): Promise<void> {
  for (const folder of ['workflows', 'agents', 'schemas']) {
    await cp(join(home, folder), join(root, folder), { recursive: true })
  }
  await rm(join(root, shown))
  const lines = hosts.map((host, index) => `  ${gpus[index]?.name}: { url: ${host.url}, parallel: 1 }`)
  const names = gpus.map(gpu => gpu.name).join(', ')
  await writeFile(
    join(root, 'orchestrate.yaml'),
    `hosts:\n${lines.join('\n')}\nmodels:\n  default: { on: [${names}], name: llama-3.1-8b }\n`,
  )
}

async function commitShown(root: string): Promise<void> {
  await mkdir(dirname(join(root, shown)), { recursive: true })
  await cp(join(home, shown), join(root, shown))
  await run(root, ['add', shown])
  await run(root, ['commit', '--quiet', '-m', 'Add a marketing campaign'])
  note(`$ git add ${shown} && git commit -m "Add a marketing campaign"`)
  note(await run(root, ['log', '-1', '--oneline']))
}

async function showTrace(daemon: Daemon, root: string): Promise<void> {
  await daemon.idle()
  say('5', 'The trace came back as a commit, on a branch of its own while you have main checked out:')
  note('$ git show --stat orchestrate/main')
  note(
    await run(root, ['show', '--stat', '--format=commit %h%nAuthor: %an%n%n    %s%n%n%(trailers)', 'orchestrate/main']),
  )
  note('`orchestrate land` brings it onto your branch as one ordinary commit.')
}

async function stayUp(root: string, url: string, stop: Promise<NodeJS.Signals>): Promise<number> {
  const workflows = await readdir(join(root, 'workflows'))
  say('✓', 'Everything stays up until you press Ctrl-C; then the workspace is removed.')
  note(`${await linkTo(root)}   the page; a link is good for one browser and five minutes`)
  note(`${url}/healthz        how it is`)
  note(`${url}/docs           what programs can ask it`)
  note(`${url.replace('http', 'ws')}/ws           what happens, as it happens`)
  note(`cd ${root}   edit one of ${workflows.join(', ')}, commit it, and watch it run here`)
  await stop
  return exitCodes.fine
}

async function linkTo(root: string): Promise<string> {
  const daemon = findDaemon(join(root, '.orchestrate'))
  if (!daemon) throw new Error('the daemon has not said where it is')
  return loginLink(daemon)
}

/** Shows every run as it comes; resolves with the exit code of the first. */
function firstOutcome(daemon: Daemon): Promise<number> {
  return new Promise(resolve => {
    followEveryRun(daemon.workspace, status =>
      resolve(status.phase === 'succeeded' ? exitCodes.fine : exitCodes.failed),
    )
  })
}

/** The wanted port, or 8000, or when that is taken any free one. */
async function serveSomewhere(daemon: Daemon, port: number | undefined): ReturnType<typeof serve> {
  const host = '127.0.0.1'
  if (port !== undefined) return serve(daemon, { host, port })
  try {
    return await serve(daemon, { host, port: 8000 })
  } catch {
    return serve(daemon, { host, port: 0 })
  }
}

/** Runs git as the person at the terminal would, but without a hook of theirs. */
async function run(root: string, args: readonly string[]): Promise<string> {
  return (await gitOutput((words, given) => runGit(words, root, given), args)).trimEnd()
}

function say(mark: string, text: string): void {
  process.stderr.write(`\n${styleText('bold', mark)}  ${text}\n`)
}

function note(text: string): void {
  process.stderr.write(`${text.replace(/^/gm, '   ')}\n`)
}
