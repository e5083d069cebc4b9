import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PageRoom, startBrowser } from './page-room.ts'

const two = `steps:
  - { id: draft, prompt: Write a draft. }
  - { id: polish, prompt: "Polish: \${steps.draft.output}" }
`
const failing = `steps:
  - { id: gather, set: { facts: 3 } }
  - { id: count, run: "echo counting; exit 4", retry: 1 }
  - { id: tell, prompt: Tell them. }
`
const asking = `steps:
  - { id: draft, set: { text: Tea. } }
  - id: approve
    ask: { question: "Shall it go out?", assignees: [owner] }
    output: [yes, no]
  - { id: ship, set: { shipped: "\${steps.approve.output}" } }
`
const chain = `steps:
  - { id: one, prompt: First. }
  - { id: two, prompt: Second. }
  - { id: three, prompt: Third. }
`

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
}, 120_000)
afterAll(() => browser.close())

test('a login link opens the page; a commit appears there, and its steps turn yellow and then green', async () => {
  await using room = await PageRoom.open(browser)
  const { page } = room
  await page.getByText('Nothing has run yet.').waitFor()
  await page.locator('[data-connection=live]').waitFor()
  room.workspace.commit('two', { 'workflows/two.yaml': two })
  await page.getByRole('link', { name: 'two' }).click()
  await room.until('draft', 'running')
  await room.until('draft', 'succeeded')
  await room.until('polish', 'running')
  await page.reload()
  await room.until('draft', 'succeeded')
  await room.until('polish', 'succeeded')
  await room.untilRun('succeeded')
  await page.locator('[data-node=draft]').click()
  expect(new URL(page.url()).search).toBe('?step=draft')
  await page.getByRole('tab', { name: 'Prompt' }).click()
  await page.getByText('Write a draft.').waitFor()
  expect([room.foreign, room.complaints]).toEqual([[], []])
})

test('the step that a run failed with is open on arrival, and each of its attempts can be looked at', async () => {
  await using room = await PageRoom.open(browser, { 'workflows/failing.yaml': failing })
  const { page } = room
  await room.show('failing')
  const detail = page.getByRole('complementary', { name: 'Detail' })
  await detail.getByRole('heading', { name: 'count' }).waitFor()
  await room.untilRun('failed')
  await detail.getByText('The command ended with exit code 4.').waitFor()
  await detail.getByRole('button', { name: /Attempt 1/ }).click()
  expect(new URL(page.url()).search).toBe('?step=count&try=1')
  await page.keyboard.press(']')
  await page.waitForURL(/try=2/)
  await page.keyboard.press('k')
  await detail.getByRole('heading', { name: 'gather' }).waitFor()
  await page.keyboard.press('g')
  await page.locator('[data-step=count]').getByText('failed').waitFor()
  await page.keyboard.press('Escape')
  await detail.getByRole('heading', { name: 'This run' }).waitFor()
  await page.keyboard.press('g')
  await page.locator('[data-node=gather]').click()
  await detail.getByRole('heading', { name: 'gather' }).waitFor()
  await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } })
  await detail.getByRole('heading', { name: 'This run' }).waitFor()
  expect([room.foreign, room.complaints]).toEqual([[], []])
})

test('a run is stepped, resumed, paused and cancelled', async () => {
  await using room = await PageRoom.open(browser, { 'workflows/chain.yaml': chain })
  const { page } = room
  await room.show('chain', true)
  await room.untilRun('paused')
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await room.until('one', 'succeeded')
  await room.until('three', 'waiting')
  expect(await page.locator('[data-node=two][data-status=succeeded]').count()).toBe(0)
  await page.getByRole('button', { name: 'Resume' }).click()
  await room.untilRun('running')
  await page.getByRole('button', { name: 'Pause' }).click()
  await room.untilRun('paused')
  await room.until('two', 'succeeded')
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await room.untilRun('cancelled')
  expect(await page.getByRole('button', { name: 'Cancel', exact: true }).count()).toBe(0)
  expect([room.foreign, room.complaints]).toEqual([[], []])
})

test('a question to a person is answered, and the states that are active are shown', async () => {
  await using room = await PageRoom.open(browser, { 'workflows/asking.yaml': asking })
  const { page } = room
  const id = await room.show('asking')
  await room.until('approve', 'asking')
  await page.goto(`${room.url}/inspect/${id}`)
  await page.getByRole('group', { name: /^State approve.*, active$/ }).waitFor()
  await page.getByRole('link', { name: 'The run' }).click()
  await page.getByRole('button', { name: 'yes', exact: true }).click()
  await room.until('ship', 'succeeded')
  await room.untilRun('succeeded')
  await page.goto(`${room.url}/inspect/${id}`)
  await page.getByRole('group', { name: /^State Succeeded.*, active$/ }).waitFor()
  expect([room.foreign, room.complaints]).toEqual([[], []])
})

test('a daemon that is killed and started anew is heard again, and nothing is lost', async () => {
  await using room = await PageRoom.open(browser, { 'workflows/chain.yaml': chain })
  const { page } = room
  const id = await room.show('chain')
  await room.until('two', 'running')
  await room.restart(async () => {
    await page.locator('[data-connection=reconnecting]').waitFor()
  })
  await page.locator('[data-connection=live]').waitFor()
  await room.untilRun('succeeded')
  for (const step of ['one', 'two', 'three']) await room.until(step, 'succeeded')
  const { steps } = (await room.ask(`/api/runs/${id}`)) as { steps: { path: string; attempts: object[] }[] }
  await page.keyboard.press('g')
  const rows = page.locator('tr[data-step]')
  await rows.last().waitFor()
  expect(await rows.count()).toBe(steps.length)
  for (const { path, attempts } of steps) {
    const cells = page.locator(`tr[data-step="${path}"] td`)
    expect(await cells.nth(2).textContent()).toBe(String(attempts.length))
  }
  expect(room.foreign).toEqual([])
})

test('what there is not is said with a way on, and whoever logs out is shown how to get in', async () => {
  await using room = await PageRoom.open(browser, { 'workflows/chain.yaml': chain })
  const { page } = room
  await page.goto(`${room.url}/workflows/unknown`)
  await page.getByRole('link', { name: 'All workflows' }).click()
  await page.locator('[data-workflow=chain]').waitFor()
  await page.goto(`${room.url}/runs/unknown`)
  const alert = page.getByRole('alert')
  await alert.getByText('There is no run unknown.').waitFor()
  expect(await alert.textContent()).not.toContain('/api/')
  await alert.getByRole('link', { name: 'All runs' }).click()
  await page.waitForURL(`${room.url}/runs`)
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'This page needs a login.' }).waitFor()
  await page.getByText('not logged in').waitFor()
  expect(await page.getByRole('button', { name: 'Log out' }).count()).toBe(0)
  expect(await room.barriers()).toEqual([])
  expect(room.foreign).toEqual([])
})

test.each(['light', 'dark'] as const)('nobody is kept out of any screen, %s', async colorScheme => {
  const broken = 'steps:\n  - { id: a, nonsense: 1 }\n'
  const files = { 'workflows/asking.yaml': asking, 'workflows/failing.yaml': failing, 'workflows/broken.yaml': broken }
  await using room = await PageRoom.open(browser, files)
  const { page } = room
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  const asked = await room.show('asking')
  await room.until('approve', 'asking')
  expect(await room.barriers()).toEqual([])
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  expect(await room.barriers()).toEqual([])
  await room.show('failing')
  await room.untilRun('failed')
  await page.getByRole('complementary', { name: 'Detail' }).getByRole('tab', { name: 'Raw' }).click()
  expect(await room.barriers()).toEqual([])
  await page.keyboard.press('g')
  expect(await room.barriers()).toEqual([])
  for (const [path, sign] of [
    ['/runs', '[data-run]'],
    ['/workflows', '[data-workflow=broken]'],
    ['/workflows/asking', '[data-node=approve]'],
    ['/workflows/broken', '[aria-label=Problems]'],
    [`/inspect/${asked}`, '[data-active=true]'],
    ['/runs/unknown', '[role=alert]'],
  ]) {
    await page.goto(room.url + path)
    await page
      .locator(sign ?? '')
      .first()
      .waitFor()
    expect(await room.barriers()).toEqual([])
  }
})
