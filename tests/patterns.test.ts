import { writeFileSync } from 'node:fs'
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
