import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { casesFolder, checkedCase, fileOf, folders, waysOf } from './patterns/cases.ts'
import { storyOf } from './patterns/story.ts'

/** What happens on every way through the workflow of a folder. */
async function toldOf(folder: string): Promise<string> {
  const stories: string[] = []
  for (const [name, way] of Object.entries(waysOf(folder))) {
    const lines = await storyOf(folder, way)
    stories.push([`${name}:`, ...lines.map(line => `  ${line}`), ''].join('\n'))
  }
  return stories.join('\n')
}

/** UPDATE_CASES=1 writes what happens, to be read before it is committed. */
test.each(folders)('what happens in %s is what its folder expects', async folder => {
  const told = await toldOf(folder)
  if (process.env['UPDATE_CASES'] === '1') writeFileSync(join(casesFolder, folder, 'expected.txt'), told)
  expect(told).toBe(fileOf(folder, 'expected.txt'))
})

test.each(folders)('%s has neither errors nor warnings', folder => {
  expect(checkedCase(folder).diagnostics.map(({ code, message }) => [code, message])).toEqual([])
})

/** Where the course of a run depends on what steps say. */
const chooses = (folder: string): boolean =>
  /^ *(- )?(if|switch|until|expect|on-error):/m.test(fileOf(folder, 'workflow.yaml'))

test.each(folders.filter(chooses))('%s is gone through on ways that differ', async folder => {
  const stories = await Promise.all(Object.values(waysOf(folder)).map(way => storyOf(folder, way)))
  expect(stories.length).toBeGreaterThan(1)
  expect(new Set(stories.map(story => story.join('\n'))).size).toBe(stories.length)
})

const page = readFileSync(new URL('../docs/patterns.md', import.meta.url), 'utf8')

/** The rows of the tables: number, name, folder of the example if there is one, and what is said. */
const rows = [...page.matchAll(/^\| (\d+) \| ([^|]+) \| (?:no|\[yes\]\(([^)]+)\)) \| (.+) \|$/gm)].map(
  ([, number, name = '', link, text = '']) => ({ number: Number(number), name, link, text }),
)

test('each of the 43 patterns has one row', () => {
  const numbers = rows.map(({ number }) => number).sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: 43 }, (_, index) => index + 1))
  expect(new Set(rows.map(({ name }) => name)).size).toBe(43)
  expect(rows.filter(({ text }) => text.length < 20)).toEqual([])
})

test('a pattern that the language has links to its folder, and each folder is linked', () => {
  const links = rows.flatMap(({ link }) => link ?? []).sort()
  expect(links).toEqual(folders.map(folder => `../tests/cases/patterns/${folder}/workflow.yaml`))
  for (const { number, link } of rows) {
    if (link !== undefined) expect(link).toContain(`/${String(number).padStart(2, '0')}-`)
  }
})

test('the page counts right', () => {
  const expressed = rows.filter(({ link }) => link !== undefined).length
  expect(page.replaceAll('\n', ' ')).toContain(`${expressed} are, ${rows.length - expressed} are not`)
})
