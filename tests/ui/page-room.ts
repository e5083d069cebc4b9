import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { buildPage } from '../../scripts/build-page.js'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'
import type { Profile } from '../../src/mock-host/profiles.ts'
import { authorization, type DaemonProcess, startDaemon } from '../daemon/daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from '../daemon/scratch-workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const browserWords = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

/** Slow enough to be watched. */
const thinking: Profile = { firstTokenMs: 900, perTokenMs: 8, slots: 4 }

export async function startBrowser(): Promise<Browser> {
  buildPage(root, line => console.log(line))
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: browserWords })
}

/** What axe answers, as far as we read it. */
interface Found {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[]
  }[]
}

/** A real daemon over a real repository, and a person in front of it with a browser. */
export class PageRoom implements AsyncDisposable {
  readonly workspace: ScratchWorkspace
  readonly #host: MockHost
  readonly #context: BrowserContext
  #daemon: DaemonProcess
  page: Page
  /** What the page asked of others than the daemon, and what it complained of. */
  readonly foreign: string[] = []
  readonly complaints: string[] = []

  private constructor(host: MockHost, workspace: ScratchWorkspace, daemon: DaemonProcess, context: BrowserContext) {
    this.#host = host
    this.workspace = workspace
    this.#daemon = daemon
    this.#context = context
    this.page = undefined as unknown as Page
  }

  /** Logs a browser in by the link that the daemon gives. */
  static async open(browser: Browser, files: Readonly<Record<string, string>> = {}): Promise<PageRoom> {
    const host = await startMockHost({ profile: thinking, seed: 3 })
    const workspace = scratchWorkspace([host])
    if (Object.keys(files).length > 0) workspace.commit('workflows', files)
    const daemon = await startDaemon(workspace.root)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const room = new PageRoom(host, workspace, daemon, context)
    const { path } = (await room.ask('/api/login-links', {})) as { path: string }
    room.page = await room.#newPage()
    await room.page.goto(daemon.url + path)
    return room
  }

  get url(): string {
    return this.#daemon.url
  }

  async #newPage(): Promise<Page> {
    const page = await this.#context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('request', request => {
      if (!request.url().startsWith(this.url) && !request.url().startsWith('data:')) this.foreign.push(request.url())
    })
    page.on('console', message => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('pageerror', error => this.complaints.push(error.message))
    return page
  }

  /** Asks the daemon as its owner; with a body by POST. */
  async ask(path: string, body?: object): Promise<unknown> {
    const headers = { ...authorization(this.workspace.root), 'content-type': 'application/json' }
    const response = await fetch(this.url + path, {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  /** Starts a run by hand and shows it. */
  async show(workflow: string, isPaused = false): Promise<string> {
    const { runId } = (await this.ask('/workflows/execute', { workflow, inputs: {}, isPaused })) as { runId: string }
    await this.page.goto(`${this.url}/runs/${runId}`)
    return runId
  }

  /** Waits until a step of the graph shows a status. */
  async until(node: string, status: string): Promise<void> {
    await this.page.locator(`[data-node="${node}"][data-status="${status}"]`).waitFor()
  }

  /** Waits until the head of the run shows a status. */
  async untilRun(status: string): Promise<void> {
    await this.page.locator(`main header [data-status="${status}"]`).waitFor()
  }

  /** Kills the daemon, and starts one at the same address when `meanwhile` is over. */
  async restart(meanwhile: () => Promise<void>): Promise<void> {
    const { port } = new URL(this.url)
    await this.#daemon.kill('SIGKILL')
    await meanwhile()
    this.#daemon = await startDaemon(this.workspace.root, ['--port', port])
  }

  /** What a checker of accessibility finds serious or worse in the page as it stands. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(axe)
    const found = await this.page.evaluate<Found>('axe.run(document, { resultTypes: ["violations"] })')
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
      )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
    await this.#daemon.kill('SIGKILL')
    await this.#host.close()
    this.workspace[Symbol.dispose]()
  }
}
