import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { MockHost } from '../../src/mock-host/serve.ts'

/** A git repository in a temporary folder, with a person's configuration. */
export interface ScratchWorkspace extends Disposable {
  readonly root: string
  git(...words: readonly string[]): string
  write(path: string, text: string | Buffer): void
  /** Writes files, commits everything, and answers with the commit. */
  commit(message: string, files?: Readonly<Record<string, string | Buffer>>): string
}

/** Makes a workspace whose default model runs on some simulated hosts. */
export function scratchWorkspace(hosts: readonly Pick<MockHost, 'url'>[], more = ''): ScratchWorkspace {
  const root = mkdtempSync(join(tmpdir(), 'orchestrate-test-'))
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const write = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const commit = (message: string, files: Readonly<Record<string, string | Buffer>> = {}): string => {
    for (const [path, text] of Object.entries(files)) write(path, text)
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--message', message)
    return git('rev-parse', 'HEAD').trim()
  }
  git('init', '--quiet', '--initial-branch', 'main')
  git('config', 'user.name', 'Person')
  git('config', 'user.email', 'person@example.org')
  write('orchestrate.yaml', configurationOf(hosts) + more)
  commit('start')
  return { root, git, write, commit, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

function configurationOf(hosts: readonly Pick<MockHost, 'url'>[]): string {
  if (hosts.length === 0) return '{}\n'
  const names = hosts.map((_, index) => `host-${index}`)
  const lines = hosts.map(({ url }, index) => `  host-${index}: { url: ${url}, parallel: 2 }`)
  return `hosts:\n${lines.join('\n')}\nmodels:\n  default: { on: [${names.join(', ')}], name: m }\n`
}
