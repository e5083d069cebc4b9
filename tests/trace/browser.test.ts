import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import MarkdownIt from 'markdown-it'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const mermaidScript = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js')

/** As a forge does it: HTML in Markdown counts, and a fence of Mermaid becomes a picture. */
const renderer = new MarkdownIt({ html: true })

const pages = ['tests/cases/trace/article/README.md', ...globSync('runs/*/*/README.md', { cwd: root })]

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
})
afterAll(() => browser.close())

/** A page with the rendered text and its pictures drawn; nothing may be fetched for that. */
async function rendered(text: string): Promise<Page> {
  const page = await browser.newPage()
  await page.route('**', route => route.abort())
  await page.setContent(renderer.render(text))
  await page.addScriptTag({ path: mermaidScript })
  // As text: what runs in the page knows no types of ours. Mermaid throws objects, which would say nothing on their way.
  await page.evaluate(`(async () => {
    for (const code of document.querySelectorAll('code.language-mermaid')) code.className = 'mermaid'
    mermaid.initialize({ startOnLoad: false })
    await mermaid.run({ querySelector: 'code.mermaid' }).catch(problem => { throw new Error(problem.message ?? problem.str) })
  })()`)
  return page
}

test.each(pages)(
  '%s is rendered: a picture with every step, a table with four cells in each row, and foldable steps',
  async path => {
    const text = readFileSync(join(root, path), 'utf8')
    const page = await rendered(text)
    expect(await page.locator('h2').allTextContents()).toEqual(expect.arrayContaining(['Facts', 'Graph', 'Steps']))
    const drawn = await page.locator('code.mermaid svg').textContent()
    for (const [, label = ''] of text.matchAll(/^ +s_\w+\["(. \w+):/gm)) expect(drawn).toContain(label)
    const rows = page.locator('table tbody tr')
    expect(await rows.count()).toBe((text.match(/^\| [✓✗–⏹]/gm) ?? []).length)
    expect(await page.locator('table tbody td').count()).toBe((await rows.count()) * 4)
    for (const link of await page.locator('td a').all()) expect(await link.getAttribute('href')).toMatch(/^steps\//)
    const folded = await page.locator('details').count()
    expect(folded).toBeGreaterThan(0)
    expect(await page.locator('details > summary').count()).toBe(folded)
    expect(await page.locator('details details').count()).toBe(0)
    await page.close()
  },
)

test('a graph that Mermaid cannot read is told from one that it can', async () => {
  await expect(rendered('```mermaid\nflowchart TD\n  end["x"] -->\n```\n')).rejects.toThrow('Parse error')
})
