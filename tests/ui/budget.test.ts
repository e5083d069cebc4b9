import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { buildPage } from '../../scripts/build-page.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'dist', 'ui')

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

beforeAll(() => buildPage(root, line => console.log(line)), 120_000)

/** The files that a browser fetches before some modules run, with those that they need. */
function filesFor(...entries: readonly string[]): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, '.vite', 'manifest.json'), 'utf8')) as Record<string, Chunk>
  const files = new Set<string>(['index.html'])
  const visit = (name: string): void => {
    const chunk = manifest[name]
    if (!chunk) throw new Error(`there is no ${name} in the built page`)
    if (files.has(chunk.file)) return
    files.add(chunk.file)
    for (const sheet of chunk.css ?? []) files.add(sheet)
    for (const needed of chunk.imports ?? []) visit(needed)
  }
  for (const entry of entries) visit(entry)
  return [...files]
}

function gzipped(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0)
}

test('the page and its first live graph are fetched with 150 KiB', () => {
  const files = filesFor('index.html', 'run/run-screen.tsx')
  expect(files.some(file => file.includes('graph-'))).toBe(true)
  expect(gzipped(files)).toBeLessThanOrEqual(150 * 1024)
})

test('layout, terminal and Markdown are fetched by whoever needs them, when it is needed', () => {
  const early = filesFor('index.html', 'run/run-screen.tsx').map(file => readFileSync(join(folder, file), 'utf8'))
  for (const sign of ['org.eclipse.elk', 'xterm-viewport', 'mdast', 'QueryClient']) {
    expect(early.filter(text => text.includes(sign))).toEqual([])
  }
})

test('nothing of the page is fetched from elsewhere', () => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  expect(page.match(/(?:src|href)="(?!\/assets\/)[^"]*"/g)).toBeNull()
})
