import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { treeOn } from '../../src/cli/live-tree.ts'
import { article, articleAfter, failed, settled, started, succeeded } from './article.ts'

/** A stream that plays a terminal: it keeps the screen as the escapes leave it, and counts what is written. */
class Terminal {
  readonly isTTY: boolean
  columns = 80
  rows = 24
  writes = 0
  #lines: string[] = []
  #cursor = 0

  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.writes += 1
    for (const [part, up] of text.matchAll(
      /\u001b\[(\d+)F|\u001b\[2K|\u001b\[0J|\n|(?:(?!\u001b\[\d+F|\u001b\[2K|\u001b\[0J)[^\n])+/g,
    )) {
      if (up !== undefined) this.#cursor -= Number(up)
      else if (part === '\u001b[2K') this.#lines[this.#cursor] = ''
      else if (part === '\u001b[0J') this.#lines.length = this.#cursor
      else if (part === '\n') this.#cursor += 1
      else this.#lines[this.#cursor] = stripVTControlCharacters(part)
    }
  }

  get screen(): readonly string[] {
    return this.#lines
  }
}

let nowMs = 0

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubEnv('TERM', 'xterm')
  nowMs = 10_000
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

function pass(milliseconds: number): void {
  nowMs += milliseconds
  vi.advanceTimersByTime(milliseconds)
}

test('on a terminal the tree is drawn in place', () => {
  const terminal = new Terminal(true)
  const tree = treeOn(article, terminal, () => nowMs)
  tree.update(articleAfter(started('fetch_brief')))
  expect(terminal.screen[1]).toMatch(/^├─ ▶ fetch_brief/)
  const height = terminal.screen.length
  tree.update(articleAfter(started('fetch_brief'), ...succeeded('fetch_brief'), started('outline')))
  pass(100)
  expect(terminal.screen).toHaveLength(height)
  expect(terminal.screen[1]).toMatch(/^├─ ✓ fetch_brief/)
  expect(terminal.screen[2]).toMatch(/^├─ ▶ outline/)
  tree.finish(articleAfter({ type: 'run-settled', status: 'cancelled', outputs: null }))
  expect(terminal.screen).toHaveLength(1)
  expect(terminal.screen[0]).toMatch(/^⊘ write_article/)
})

test('it is drawn ten times a second at most, however much happens', () => {
  const terminal = new Terminal(true)
  const tree = treeOn(article, terminal, () => nowMs)
  for (let change = 0; change < 1000; change += 1) {
    tree.update(articleAfter(started('fetch_brief'), ...(change % 2 === 0 ? succeeded('fetch_brief') : [])))
    tree.text('fetch_brief', 7)
    pass(1)
  }
  expect(terminal.writes).toBeGreaterThan(5)
  expect(terminal.writes).toBeLessThanOrEqual(11)
})

test('time goes on while nothing happens', () => {
  const terminal = new Terminal(true)
  const tree = treeOn(article, terminal, () => nowMs)
  tree.update(articleAfter(started('fetch_brief')))
  expect(terminal.screen[1]).toContain(' 8.0 s')
  pass(1500)
  expect(terminal.screen[1]).toContain(' 9.5 s')
})

test('streamed text is counted', () => {
  const terminal = new Terminal(true)
  const tree = treeOn(article, terminal, () => nowMs)
  tree.update(articleAfter(started('outline')))
  tree.text('outline', 1000)
  tree.text('outline', 234)
  pass(100)
  expect(terminal.screen.join('\n')).toContain('1,234 characters …')
})

test('after its end nothing is drawn any more', () => {
  const terminal = new Terminal(true)
  const tree = treeOn(article, terminal, () => nowMs)
  tree.update(articleAfter(started('fetch_brief')))
  tree.finish(articleAfter({ type: 'run-settled', status: 'failed', outputs: null }))
  const { writes } = terminal
  pass(5000)
  expect(terminal.writes).toBe(writes)
  expect(vi.getTimerCount()).toBe(0)
})

test('the tree is never taller than the terminal, also when that is made smaller', () => {
  const terminal = new Terminal(true)
  const tree = treeOn(article, terminal, () => nowMs)
  tree.update(articleAfter(started('draft_intro'), started('draft_faq')))
  terminal.rows = 5
  pass(100)
  expect(terminal.screen).toHaveLength(4)
})

test.each([
  ['a file', false, 'xterm'],
  ['a dumb terminal', true, 'dumb'],
])('on %s each change is a line without escapes', (_where, isTTY, term) => {
  vi.stubEnv('TERM', term)
  const stream = new Terminal(isTTY)
  const tree = treeOn(article, stream, () => nowMs)
  const bodies = [
    ...[started('outline'), ...succeeded('outline')],
    ...[started('draft_faq'), failed('draft_faq', 1, 99), started('draft_faq', 2), failed('draft_faq', 2)],
    ...[settled('draft_faq', 'failed'), settled('drafts', 'failed')],
    { type: 'run-settled', status: 'failed', outputs: null } as const,
  ]
  for (let count = 0; count < bodies.length; count += 1) tree.update(articleAfter(...bodies.slice(0, count)))
  tree.text('outline', 5)
  tree.finish(articleAfter(...bodies))
  expect(stream.screen).toEqual([
    '▶ write_article  4f1c9ab',
    '▶ outline',
    '✓ outline  qwen3-32b @ gpu-a  2.0 s  512 tok',
    '▶ draft_faq',
    '↻ draft_faq  gpt-oss-120b @ gpu-c  HostError: 503 Service \\u{1b}[31mUnavailable',
    '▶ draft_faq  gpt-oss-120b @ gpu-c  2 attempts: HostError: 503 Service \\u{1b}[31mUnavailable',
    '✗ draft_faq  gpt-oss-120b @ gpu-c  4.0 s  2 attempts: HostError: 503',
    '✗ write_article  4f1c9ab  10.0 s  512 tok  $0.021',
  ])
})
