import { expect, test } from 'vitest'
import { diffFiles } from '../../src/difference/diff-files.ts'
import { diffLines, hunks } from '../../src/difference/diff-lines.ts'
import { diffBlocks, joinBlocks, longestComment } from '../../src/difference/diff-markdown.ts'
import fc from 'fast-check'
import { cases } from '../generators/cases.ts'

const workflow = 'steps:\n  - { id: a, prompt: Say something about tea. }\n  - { id: b, run: echo done }\n'
const agent = '---\nname: Judge\nmodel: gpt-4o\n---\nYou are strict.\nYou are fair.\n'

test('each kind of file is compared in its own words', () => {
  const before = new Map([
    ['workflows/a.yaml', workflow],
    ['agents/judge.agent.md', agent],
    ['skills/notes/SKILL.md', '---\nname: notes\ndescription: d\n---\nBe brief.\n'],
    ['prompts/ask.md', 'Ask this.\n'],
    ['schemas/score.json', '{ "type": "object", "properties": { "a": { "type": "string" } } }'],
    ['orchestrate.yaml', 'limits: { runs: 5 }\n'],
    ['workflows/templates/t.yaml', 'steps:\n  - { id: x, prompt: X. }\n'],
  ])
  const edit = (path: string, from: string, to: string) => [path, (before.get(path) ?? '').replace(from, to)] as const
  const after = new Map([
    edit('workflows/a.yaml', 'tea', 'coffee'),
    edit('agents/judge.agent.md', 'You are strict.', 'You are mild.'),
    edit('skills/notes/SKILL.md', 'brief', 'long'),
    edit('prompts/ask.md', 'this', 'that'),
    edit('schemas/score.json', '"string"', '"number"'),
    edit('orchestrate.yaml', 'runs: 5', 'runs: 6'),
    edit('workflows/templates/t.yaml', 'X.', 'Y.'),
  ])
  const found = diffFiles(before, after).map(({ path, kind, changes }) => {
    const [change] = changes
    return [path, kind, changes.length, change?.type === 'field-changed' ? change.field : change?.type]
  })
  expect(found).toEqual([
    ['agents/judge.agent.md', 'agent', 1, 'system'],
    ['orchestrate.yaml', 'configuration', 1, 'limits.runs'],
    ['prompts/ask.md', 'prompt', 1, 'text'],
    ['schemas/score.json', 'schema', 1, 'properties.a.type'],
    ['skills/notes/SKILL.md', 'skill', 1, 'body'],
    ['workflows/a.yaml', 'workflow', 1, 'prompt'],
    ['workflows/templates/t.yaml', 'template', 1, 'prompt'],
  ])
})

test('files come, go and are renamed, and one whose comments changed is named without a change', () => {
  const before = new Map([
    ['workflows/a.yaml', workflow],
    ['workflows/b.yaml', 'steps: [{ run: b }]\n'],
    ['workflows/c.yaml', 'steps: [{ run: c }]\n'],
    ['notes.md', 'mine'],
  ])
  const after = new Map([
    ['workflows/tea.yaml', workflow.replace('echo done', 'echo ready')],
    ['workflows/c.yaml', '# a remark\nsteps: [{ run: c }]\n'],
    ['agents/new.agent.md', agent],
    ['notes.md', 'others'],
  ])
  expect(diffFiles(before, after)).toMatchObject([
    { path: 'agents/new.agent.md', change: 'added' },
    { path: 'workflows/b.yaml', change: 'removed' },
    { path: 'workflows/c.yaml', change: 'changed', changes: [] },
    { path: 'workflows/tea.yaml', change: 'renamed', from: 'workflows/a.yaml', changes: [{ step: 'b', field: 'run' }] },
  ])
})

test('a file that cannot be read is compared as text', () => {
  const broken = new Map([['workflows/a.yaml', 'steps: [\n']])
  expect(diffFiles(new Map([['workflows/a.yaml', workflow]]), broken)).toMatchObject([
    { changes: [{ type: 'field-changed', field: 'text', after: 'steps: [\n' }] },
  ])
})

test('the lines of a difference make up both texts', () => {
  const line = fc.constantFrom('a', 'b', 'c', 'd', '')
  const text = fc.array(line, { maxLength: 30 }).map(lines => lines.map(each => `${each}\n`).join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      const side = (mark: string) =>
        lines.flatMap(each => (each.mark === ' ' || each.mark === mark ? [`${each.text}\n`] : [])).join('')
      expect([side('-'), side('+')]).toEqual([before, after])
      if (before === after) expect(hunks(lines, 2).every(each => 'left' in each)).toBe(true)
    }),
    cases(300),
  )
})

test('Markdown cannot be broken out of, and calls nobody', () => {
  const before = 'steps:\n  - { id: a, prompt: "x" }\n'
  const after = 'steps:\n  - { id: a, prompt: "@ada <img src=x> ```\\n# Not a heading\\n````\\n[l](http://e.org)" }\n'
  const files = diffFiles(new Map([['workflows/a.yaml', before]]), new Map([['workflows/a.yaml', after]]))
  const markdown = joinBlocks(diffBlocks(files))
  const fence = /^ {2}`{5}diff$/m
  expect(markdown).toMatch(fence)
  // Everything that a person wrote stands inside the fence, which is longer than any in it.
  const [outside] = markdown.split(fence)
  expect(outside).not.toMatch(/@ada|<img|\]\(/)
  expect(markdown).toMatchInlineSnapshot(`
    "#### \`workflows/a.yaml\`

    - step a: prompt changed

      \`\`\`\`\`diff
      -x
      +@ada <img src=x> \`\`\`
      +# Not a heading
      +\`\`\`\`
      +[l](http://e.org)
      \`\`\`\`\`
    "
  `)
})

test('a comment is never longer than a forge takes, and says what was left out', () => {
  const steps = (word: string) =>
    `steps:\n${Array.from({ length: 900 }, (_, n) => `  - { id: s${n}, prompt: "${word} ${'x'.repeat(100)}" }\n`).join('')}`
  const files = diffFiles(new Map([['workflows/a.yaml', steps('one')]]), new Map([['workflows/a.yaml', steps('two')]]))
  const markdown = joinBlocks(diffBlocks(files))
  expect(markdown.length).toBeLessThanOrEqual(longestComment)
  expect(markdown).toMatch(/\*Cut here: \d+ more parts do not fit into a comment\.\*\n$/)
  const blocks = fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 })
  fc.assert(
    fc.property(blocks, fc.integer({ min: 200, max: 2000 }), (list, limit) => {
      expect(joinBlocks(list, limit).length).toBeLessThanOrEqual(limit)
    }),
    cases(100),
  )
})
