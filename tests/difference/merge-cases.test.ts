import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { mergeWorkflows } from '../../src/difference/merge.ts'
import { errorsOfMerge } from '../../src/difference/merge-sound.ts'
import { emptyLibrary } from '../../src/checker/library.ts'
import { isSame } from '../../src/parser/same.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../../src/parser/parse.ts'

/**
 * Each folder holds `base`, `ours` and `theirs`, and either `expected`, the one right merge, or `conflict`, the text with
 * its markers where only a person can tell.
 */
const folder = new URL('../cases/merge/', import.meta.url).pathname

const paths: Readonly<Record<string, string>> = {
  yaml: 'workflows/case.yaml',
  'workflow.md': 'workflows/case.workflow.md',
  'template.yaml': 'workflows/templates/case.yaml',
  'agent.md': 'agents/case.agent.md',
  'skill.md': 'skills/case/SKILL.md',
  'configuration.yaml': 'orchestrate.yaml',
}

interface Case {
  readonly name: string
  readonly path: string
  readonly base: string
  readonly ours: string
  readonly theirs: string
  readonly expected: string
  readonly isConflict: boolean
}

function readCase(name: string): Case {
  const files = readdirSync(join(folder, name))
  const ending = files.find(file => file.startsWith('base.'))?.slice('base.'.length) ?? ''
  const read = (part: string) => readFileSync(join(folder, name, `${part}.${ending}`), 'utf8')
  const isConflict = files.includes(`conflict.${ending}`)
  const [base, ours, theirs] = [read('base'), read('ours'), read('theirs')]
  const expected = read(isConflict ? 'conflict' : 'expected')
  return { name, path: paths[ending] ?? '', base, ours, theirs, expected, isConflict }
}

const corpus = readdirSync(folder).sort().map(readCase)
const scratch = mkdtempSync(join(tmpdir(), 'orchestrate-merge-'))
afterAll(() => rmSync(scratch, { recursive: true }))

type Verdict = 'clean and right' | 'clean and wrong' | 'conflict'

function meaningOf(text: string, path: string): unknown {
  if (path.endsWith('.agent.md')) return [parseAgent(text, path).value, parseAgent(text, path).system]
  if (path.endsWith('SKILL.md')) return [parseSkill(text, path).value, parseSkill(text, path).body]
  return (path === 'orchestrate.yaml' ? parseConfiguration : parseWorkflow)(text, path).value
}

/** Right is what means the same as the expected text and breaks nothing; to the letter it need not be. */
function judge({ path, ours, theirs, expected, isConflict }: Case, text: string): Verdict {
  const isSound = errorsOfMerge(text, [ours, theirs], path, emptyLibrary).length === 0
  const isRight = !isConflict && isSound && isSame(meaningOf(text, path), meaningOf(expected, path))
  return isRight ? 'clean and right' : 'clean and wrong'
}

function plainGit(each: Case): Verdict {
  const files = (['ours', 'base', 'theirs'] as const).map(part => {
    writeFileSync(join(scratch, part), each[part])
    return join(scratch, part)
  })
  try {
    return judge(each, execFileSync('git', ['merge-file', '-p', ...files], { encoding: 'utf8', stdio: 'pipe' }))
  } catch {
    return 'conflict'
  }
}

describe.each(corpus)('$name', ({ base, ours, theirs, path, expected, isConflict }) => {
  test(isConflict ? 'is left to a person, with markers around it' : 'merges to the letter', () => {
    const merge = mergeWorkflows(base, ours, theirs, path)
    expect(merge.text).toBe(expected)
    expect(merge.conflicts > 0).toBe(isConflict)
  })
})

test('our merge is never clean and wrong, and plain git is', () => {
  const counts = (verdictOf: (each: Case) => Verdict): Record<Verdict, number> => {
    const verdicts = corpus.map(verdictOf)
    const count = (verdict: Verdict) => verdicts.filter(each => each === verdict).length
    return {
      'clean and right': count('clean and right'),
      'clean and wrong': count('clean and wrong'),
      conflict: count('conflict'),
    }
  }
  const git = counts(plainGit)
  const ours = counts(each => {
    const { text, conflicts } = mergeWorkflows(each.base, each.ours, each.theirs, each.path)
    return conflicts > 0 ? 'conflict' : judge(each, text)
  })
  console.table({ 'git merge-file': git, 'orchestrate merge-file': ours })
  expect(corpus.length).toBeGreaterThanOrEqual(60)
  expect(ours).toEqual({
    'clean and right': corpus.filter(({ isConflict }) => !isConflict).length,
    'clean and wrong': 0,
    conflict: corpus.filter(({ isConflict }) => isConflict).length,
  })
  expect(git['clean and wrong']).toBeGreaterThan(0)
  const page = readFileSync('docs/git.md', 'utf8')
  for (const [name, counted] of Object.entries({ git, orchestrate: ours })) {
    expect(page).toContain(`| \`${name} merge-file\` | ${Object.values(counted).join(' | ')} |`)
  }
})
