import { expect, test } from 'vitest'
import { stepLine, treeLines } from '../../src/cli/tree-lines.ts'
import { textWidth } from '../../src/cli/text-width.ts'
import { article, articleAfter, failed, settled, started, succeeded } from './article.ts'

const frame = { nowMs: 30_000, columns: 100 }

test('steps under way, done, tried again and still to come each have a line', () => {
  const status = articleAfter(
    ...[started('fetch_brief'), ...succeeded('fetch_brief', 12)],
    ...[started('outline'), ...succeeded('outline')],
    ...[started('draft_intro'), started('draft_faq'), failed('draft_faq', 1, 99)],
  )
  const streamed = new Map([['draft_intro', 1200]])
  expect(treeLines(article, status, { ...frame, streamed }).join('\n')).toBe(
    `
▶ write_article  4f1c9ab                          29.0 s  524 tok  $0.042
├─ ✓ fetch_brief          qwen3-32b @ gpu-a        2.0 s  12 tok
├─ ✓ outline              qwen3-32b @ gpu-a        2.0 s  512 tok
├─ drafts (parallel)
│  ├─ ▶ draft_intro                               22.0 s  1,200 characters …
│  └─ ↻ draft_faq         gpt-oss-120b @ gpu-c    21.0 s  HostError: 503 Service \\u{1b}[31mUnavaila…
├─ · route (switch)
├─ · review (loop 0/4)
└─ · last (group)`.trimStart(),
  )
})

test('a block that has ended well is one line with the tokens of all its turns', () => {
  const status = articleAfter(
    { type: 'iteration-started', path: 'review', turn: 0 },
    ...[started('review/0/revise'), ...succeeded('review/0/revise', 100)],
    { type: 'iteration-started', path: 'review', turn: 1 },
    ...[started('review/1/revise'), ...succeeded('review/1/revise', 200)],
    ...[started('review/1/judge'), ...succeeded('review/1/judge', 50)],
    settled('review', 'succeeded'),
  )
  const lines = treeLines(article, status, frame)
  expect(lines.at(-2)).toMatch(/^├─ ✓ review \(loop 2\/4\) +11\.0 s {2}350 tok$/)
  expect(lines.join('\n')).not.toContain('judge')
})

test('a block counts the tokens of the blocks in it', () => {
  const status = articleAfter(
    ...[started('spelling'), ...succeeded('spelling', 100), started('style'), ...succeeded('style', 20)],
    ...[settled('polish', 'succeeded'), settled('last', 'succeeded')],
  )
  expect(treeLines(article, status, frame).at(-1)).toMatch(/^└─ ✓ last \(group\) +7\.0 s {2}120 tok$/)
})

test('a loop shows the turn that is under way', () => {
  const status = articleAfter(
    { type: 'iteration-started', path: 'review', turn: 0 },
    ...[started('review/0/revise'), ...succeeded('review/0/revise')],
    ...[started('review/0/judge'), ...succeeded('review/0/judge')],
    { type: 'iteration-started', path: 'review', turn: 1 },
    started('review/1/revise'),
  )
  const lines = treeLines(article, status, frame)
  expect(lines.slice(-4, -1).map(line => line.trimEnd())).toEqual([
    '├─ review (loop 2/4)',
    expect.stringMatching(/^│ {2}├─ ▶ revise +20\.0 s {2}…$/),
    '│  └─ · judge',
  ])
})

test('a switch shows the branch that was taken, and no other', () => {
  const status = articleAfter({ type: 'branch-taken', path: 'route', branch: 'default' }, started('short_form'))
  const text = treeLines(article, status, frame).join('\n')
  expect(text).toContain('├─ route (switch → default)\n│  └─ ▶ short_form')
  expect(text).not.toContain('long_form')
})

test('a block that has failed shows what failed in it', () => {
  const status = articleAfter(
    ...[started('draft_intro'), started('draft_faq'), ...succeeded('draft_intro')],
    ...[failed('draft_faq', 1, 1), started('draft_faq', 2), failed('draft_faq', 2), settled('draft_faq', 'failed')],
    settled('drafts', 'failed'),
    { type: 'run-settled', status: 'failed', outputs: null },
  )
  const lines = treeLines(article, status, frame)
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^✗ write_article/)
  expect(lines[1]).toMatch(/^└─ ✗ drafts \(parallel\)/)
  expect(lines[2]).toMatch(/^ {3}└─ ✗ draft_faq +gpt-oss-120b @ gpu-c +6\.0 s {2}2 attempts: HostError: 503$/)
})

test('everything is shown when it is asked for', () => {
  const status = articleAfter(
    ...[started('draft_intro'), started('draft_faq'), ...succeeded('draft_intro'), ...succeeded('draft_faq')],
    settled('drafts', 'succeeded'),
  )
  expect(treeLines(article, status, frame).join('\n')).not.toContain('draft_faq')
  expect(treeLines(article, status, { ...frame, isExpanded: true }).join('\n')).toContain('✓ draft_faq')
})

test('a tree fits any terminal, and what goes on is what stays', () => {
  const status = articleAfter(
    ...[started('fetch_brief'), ...succeeded('fetch_brief'), started('outline'), ...succeeded('outline')],
    ...[started('draft_intro'), started('draft_faq'), failed('draft_faq', 1, 99)],
  )
  for (let rows = 2; rows < 12; rows += 1) {
    for (const columns of [20, 40, 60, 80, 200]) {
      const lines = treeLines(article, status, { ...frame, rows, columns })
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns)
    }
  }
  const five = treeLines(article, status, { ...frame, rows: 5 })
  expect(five.join('\n')).toMatch(/▶ draft_intro[\s\S]*↻ draft_faq[\s\S]*… 2 succeeded, 3 waiting$/)
})

test('a run that is not what is committed says so', () => {
  const status = { ...articleAfter(), isDirty: true }
  expect(treeLines(article, status, frame)[0]).toContain('not as committed')
})

test('one change is one line', () => {
  const status = articleAfter(
    started('outline'),
    failed('outline', 1, 1),
    started('outline', 2),
    ...succeeded('outline'),
  )
  const step = status.steps.get('outline')
  expect(step && stepLine(step)).toBe('✓ outline  qwen3-32b @ gpu-a  4.0 s  512 tok  2 attempts')
})
