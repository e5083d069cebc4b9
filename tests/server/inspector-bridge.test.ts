import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { soundProgram } from '../runtime/sound-program.ts'
import { Inspected, until } from './inspected.ts'
import { doorTo } from './receivers.ts'

let browser: Browser
let receiver: string
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  const built = await build({
    ...{ configFile: false, logLevel: 'silent' },
    build: {
      write: false,
      lib: { entry: join(import.meta.dirname, 'hosted-inspector.ts'), formats: ['iife'], name: 'inspector' },
    },
  })
  const [output] = [built].flat()
  receiver = output && 'output' in output ? output.output[0].code : ''
}, 60_000)
afterAll(() => browser.close())

/** A browser for which stately.ai is a page with the official receiver; it says what was asked for. */
async function browserWith(page: string): Promise<{ context: BrowserContext; asked: string[] }> {
  const context = await browser.newContext()
  const asked: string[] = []
  context.on('request', request => asked.push(request.url()))
  await context.route('https://stately.ai/**', route =>
    route.fulfill({ contentType: 'text/html', body: page.replace('RECEIVER', () => receiver) }),
  )
  await context.route('https://elsewhere.example/**', route => route.fulfill({ contentType: 'text/html', body: page }))
  return { context, asked }
}

const hosted = '<!doctype html><script>RECEIVER</script>'

test('the bridge asks first; then the hosted inspector gets what the socket tells, and nothing when it is stopped', async () => {
  await using inspected = await new Inspected().start()
  using door = await doorTo(inspected.server.url, `authorization: Bearer ${inspected.token}`)
  await inspected.run('r', soundProgram({ steps: [{ id: 'draft', prompt: 'Write.' }] }))
  const { context, asked } = await browserWith(hosted)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', message => problems.push(message.text()))
  await page.goto(`http://${door.address}/inspect/stately?run=r`)
  await page.waitForTimeout(200)
  expect(asked.filter(url => !url.endsWith('/favicon.ico'))).toEqual([`http://${door.address}/inspect/stately?run=r`])
  expect(inspected.listeners).toBe(0)
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: 'Send to stately.ai and open it' }).click()
  const popup = await opened
  const seen = (): Promise<StatelyInspectionEvent[]> => popup.evaluate('globalThis.seen ?? []')
  await popup.waitForFunction('globalThis.seen?.length === 3')
  expect((await seen()).map(({ type, sessionId }) => `${type} ${sessionId}`)).toEqual(
    [0, 1, 2].map(number => `@xstate.actor r/${number}`),
  )
  inspected.world.execution('draft').answer('Well.')
  await inspected.world.clock.rest()
  await popup.waitForFunction(
    'globalThis.seen.some(event => event.type === "@xstate.snapshot" && event.snapshot.value === "ended")',
  )
  await page.getByRole('button', { name: 'Stop' }).click()
  await until(() => inspected.listeners === 0)
  expect(problems.filter(text => !text.includes('401'))).toEqual([])
  expect(asked.filter(url => !url.startsWith(`http://${door.address}/`))).toEqual(['https://stately.ai/inspect'])
  await context.close()
})

test('a window that is led elsewhere gets nothing', async () => {
  await using inspected = await new Inspected().start()
  using door = await doorTo(inspected.server.url, `authorization: Bearer ${inspected.token}`)
  await inspected.run('r', soundProgram({ steps: [{ id: 'draft', prompt: 'Write.' }] }))
  const elsewhere = `<!doctype html><script>
    if (location.hostname === 'stately.ai') location = 'https://elsewhere.example/'
    else { globalThis.heard = []; addEventListener('message', event => heard.push(event.data)); opener?.postMessage({ type: '@statelyai.connected' }, '*') }
  </script>`
  const { context } = await browserWith(elsewhere)
  const page = await context.newPage()
  await page.goto(`http://${door.address}/inspect/stately`)
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: 'Send to stately.ai and open it' }).click()
  const popup = await opened
  await popup.waitForURL('https://elsewhere.example/')
  await popup.waitForTimeout(300)
  expect(await popup.evaluate('globalThis.heard')).toEqual([])
  expect(inspected.listeners).toBe(0)
  await context.close()
})
