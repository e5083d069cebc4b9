import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Group } from '../../src/difference/block.ts'
import { markdownBlocks, proseBlocks } from '../../src/difference/markdown-blocks.ts'
import { mergeWorkflows } from '../../src/difference/merge.ts'
import { mergeBlocks } from '../../src/difference/merge-blocks.ts'
import { baseVersion, sideVersion } from '../../src/difference/merge-match.ts'
import { yamlBlocks } from '../../src/difference/yaml-blocks.ts'
import { convertWorkflow } from '../../src/parser/convert.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { anyWorkflow } from '../generators/any-workflow.ts'
import { cases } from '../generators/cases.ts'
import { decoratedYaml } from '../generators/decorated-yaml.ts'
import { editedTwice, triplePath } from '../generators/edited-workflow.ts'
import { hostileText } from '../generators/hostile-text.ts'

const plain = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`).replaceAll('\r\n', '\n')

function written({ head, blocks, tail }: Group): string {
  return head + blocks.map(({ lead, text }) => lead + text).join('') + tail
}

/** True where the blocks of a group, and those inside each of them, are its text. */
function isWhole(group: Group, text: string): boolean {
  return (
    written(group) === text &&
    group.blocks.every(block => !block.inner || isWhole(block.inner, undashed(block.text, block.inner)))
  )
}

function undashed(text: string, { dash }: Group): string {
  return dash === undefined ? text : `${text.slice(0, dash)} ${text.slice(dash + 1)}`
}

test('the blocks of a text are the text, to the letter', () => {
  let blocks = 0
  fc.assert(
    fc.property(decoratedYaml, ({ text }) => {
      const group = yamlBlocks(plain(text))
      if (!group) return
      blocks += group.blocks.length
      expect(isWhole(group, plain(text))).toBe(true)
    }),
    cases(100),
  )
  expect(blocks).toBeGreaterThan(cases(100).numRuns)
})

test('the blocks of a text in Markdown are the text, to the letter', () => {
  let blocks = 0
  fc.assert(
    fc.property(anyWorkflow, source => {
      const { text } = convertWorkflow('', source, 'markdown')
      const group = markdownBlocks(text, 'workflows/a.workflow.md')
      if (!group) return
      blocks += group.blocks.find(({ name }) => name === 'steps')?.inner?.blocks.length ?? 0
      expect(isWhole(group, text)).toBe(true)
    }),
    cases(100),
  )
  expect(blocks).toBeGreaterThan(cases(100).numRuns)
})

test('what nobody else touched is printed as ours has it, block by block', () => {
  let merged = 0
  fc.assert(
    fc.property(editedTwice(), triple => {
      const [before, mine] = [triple?.base ?? '', triple?.ours ?? ''].map(text => yamlBlocks(plain(text)))
      if (!triple || !before || !mine) return
      const base = baseVersion(before)
      const segments = mergeBlocks(base, sideVersion(mine, base), sideVersion(before, base), 'yaml')
      if (!segments) return
      merged += 1
      expect(segments.map(({ text }) => text).join('')).toBe(plain(triple.ours))
      const mirrored = mergeBlocks(base, sideVersion(before, base), sideVersion(mine, base), 'yaml') ?? []
      expect(mirrored.some(({ isConflict }) => isConflict)).toBe(false)
      const text = mirrored.map(segment => segment.text).join('')
      expect(parseWorkflow(text, triplePath).value).toEqual(parseWorkflow(triple.ours, triplePath).value)
    }),
    cases(100),
  )
  expect(merged).toBeGreaterThan(cases(100).numRuns / 4)
})

test('whatever the texts are, their merge comes to an end', () => {
  const paths = [
    'workflows/a.yaml',
    'workflows/a.workflow.md',
    'agents/a.agent.md',
    'skills/a/SKILL.md',
    'orchestrate.yaml',
  ]
  fc.assert(
    fc.property(hostileText, hostileText, hostileText, fc.constantFrom(...paths), (base, ours, theirs, path) => {
      const { conflicts } = mergeWorkflows(base, ours, theirs, path)
      expect(conflicts).toBeGreaterThanOrEqual(0)
      const group = path.endsWith('.md') ? proseBlocks(plain(ours), path) : undefined
      if (group) expect(isWhole(group, plain(ours))).toBe(true)
    }),
    cases(100),
  )
})
