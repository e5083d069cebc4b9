import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** What the stand-in for npm does: the registry is out of a test's reach, and its answer is what we need to vary. */
const installs = `#!/bin/sh
echo "$@" >> npm-calls
sleep 0.2
mkdir -p node_modules/node/bin
ln -sf "${process.execPath}" node_modules/node/bin/node
echo '{}' > node_modules/.package-lock.json
`

export interface Result {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with our launchers, a lockfile and an npm of its own, in a path with spaces. */
export class Checkout implements Disposable {
  readonly root = join(mkdtempSync(join(tmpdir(), 'orchestrate set-up ')), 'a checkout')

  readonly #children: ChildProcess[] = []

  constructor(npm = installs) {
    for (const folder of ['scripts', 'bin']) cpSync(folder, join(this.root, folder), { recursive: true })
    this.write('package.json', '{ "type": "module" }')
    this.write('package-lock.json', '{ "lockfileVersion": 3 }')
    this.write('tools/npm', npm)
    // Found on the path, so that set-up does not install the real one on the machine of whoever runs the tests.
    this.write('tools/bwrap', '#!/bin/sh\n')
    for (const tool of ['npm', 'bwrap']) chmodSync(join(this.root, 'tools', tool), 0o755)
  }

  [Symbol.dispose](): void {
    // A test that failed may have left a launcher behind, with what it launched in the same group.
    for (const { pid, exitCode, signalCode } of this.#children) {
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
    }
    rmSync(dirname(this.root), { recursive: true, force: true })
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  /** How often npm was called since the beginning. */
  get installations(): number {
    return this.read('npm-calls').trim().split('\n').length
  }

  start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(process.execPath, words, {
      cwd: this.root,
      env: { ...process.env, PATH: `${join(this.root, 'tools')}${delimiter}${process.env.PATH}`, ...environment },
      detached: true,
    })
    this.#children.push(child)
    return child
  }

  run(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Result> {
    return resultOf(this.start(words, environment))
  }
}

/** Waits for a process and gathers what it said. */
export function resultOf(child: ChildProcess): Promise<Result> {
  const said = { stdout: '', stderr: '' }
  child.stdout?.on('data', data => (said.stdout += data))
  child.stderr?.on('data', data => (said.stderr += data))
  return new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal, ...said })))
}
