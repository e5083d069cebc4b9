import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { buildPage, isBuilt } from '../scripts/build-page.js'

/** A checkout with a page of a few words, and our packages. */
class SmallCheckout implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'orchestrate-page-'))
  readonly said: string[] = []

  constructor() {
    symlinkSync(join(process.cwd(), 'node_modules'), join(this.root, 'node_modules'))
    const config = `export default { root: 'src/ui', build: { outDir: '../../dist/ui', emptyOutDir: true } }`
    this.write('package.json', '{ "type": "module" }')
    this.write('package-lock.json', '{}')
    this.write('vite.config.ts', config)
    this.write('src/ui/index.html', '<script type="module" src="./main.ts"></script>')
    for (const part of ['model', 'parser', 'checker', 'difference', 'compiler']) this.write(`src/${part}/a.ts`, '')
    this.write('src/ui/main.ts', 'document.title = "one"')
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  build(): string[] {
    this.said.length = 0
    buildPage(this.root, line => this.said.push(line))
    return this.said
  }

  get page(): string {
    return readFileSync(join(this.root, 'dist/ui/index.html'), 'utf8')
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

test('the page is built once for what it is made of, and again when that changes', () => {
  using checkout = new SmallCheckout()
  expect(isBuilt(checkout.root)).toBe(false)
  expect(checkout.build()).toEqual([expect.stringMatching(/^Built the web page in [\d.]+ s\.$/)])
  const first = checkout.page
  expect(checkout.build()).toEqual([])
  // Written again as it was: a branch was changed, and changed back.
  checkout.write('src/ui/main.ts', 'document.title = "one"')
  utimesSync(join(checkout.root, 'src/ui/main.ts'), new Date(), new Date(Date.now() + 5000))
  expect(checkout.build()).toEqual([])
  checkout.write('src/ui/main.ts', 'document.title = "two"')
  utimesSync(join(checkout.root, 'src/ui/main.ts'), new Date(), new Date(Date.now() + 9000))
  expect(checkout.build()).toHaveLength(1)
  expect(checkout.page).not.toBe(first)
})

test('a page that cannot be built is told of, and the one before stays', () => {
  using checkout = new SmallCheckout()
  checkout.build()
  const first = checkout.page
  checkout.write('src/ui/main.ts', 'import { nothing } from "./nowhere.ts"; nothing()')
  utimesSync(join(checkout.root, 'src/ui/main.ts'), new Date(), new Date(Date.now() + 5000))
  expect(checkout.build()).toEqual([expect.stringContaining('nowhere.ts')])
  expect([checkout.page, isBuilt(checkout.root)]).toEqual([first, false])
})
