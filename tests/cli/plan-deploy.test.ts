import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type ScratchWorkspace, scratchWorkspace } from '../daemon/scratch-workspace.ts'

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url))
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>
  readonly if?: string
  readonly steps: readonly Step[]
}
const github = parse(readFileSync(join(deploy, 'github/orchestrate.yml'), 'utf8')) as {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: object
  readonly jobs: Readonly<Record<'plan' | 'comment', Job>>
}
const gitlab = parse(readFileSync(join(deploy, 'gitlab/.gitlab-ci.yml'), 'utf8')) as {
  readonly orchestrate: { readonly script: readonly string[]; readonly variables: Readonly<Record<string, string>> }
}

/** A forge's machine: a clone of `origin` with the pull request merged, and programs that stand in for the forge's. */
function machine(edit: string): ScratchWorkspace & { readonly clone: string; readonly bin: string } {
  const workspace = scratchWorkspace([])
  const { root, git, commit } = workspace
  const tea = 'steps:\n  - { id: write, prompt: Write of tea. }\n'
  commit('tea', { 'workflows/tea.yaml': tea })
  git('switch', '--quiet', '--create', 'feature')
  commit('edit', { 'workflows/tea.yaml': tea.replace('tea', edit) })
  git('switch', '--quiet', 'main')
  const clone = join(root, 'clone')
  git('clone', '--quiet', root, clone)
  git('-C', clone, 'config', 'user.name', 'Forge')
  git('-C', clone, 'config', 'user.email', 'forge@example.org')
  git('-C', clone, 'checkout', '--quiet', '--detach')
  git('-C', clone, 'merge', '--quiet', '--no-ff', '--message', 'merge', 'origin/feature')
  const bin = join(root, 'bin')
  mkdirSync(bin)
  const program = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  program('npm', 'echo "npm $*" >> "$RECORD"')
  program('orchestrate', `exec '${process.execPath}' '${main}' "$@"`)
  const forge = (name: string): void => {
    // It knows of a comment once one was posted.
    program(
      name,
      `echo "${name} $*" >> "$RECORD"
case "$*" in *POST*) touch "$RECORD.posted" ;; *PUT*|*PATCH*) ;; *) if [ -e "$RECORD.posted" ]; then printf '%s\\n' "$KNOWN"; else printf '%s' "$NONE"; fi ;; esac`,
    )
  }
  forge('gh')
  forge('curl')
  return { ...workspace, clone, bin }
}

function bash({ clone, bin, root }: ReturnType<typeof machine>, script: string, more: Record<string, string> = {}) {
  const env = {
    ...{ PATH: `${bin}:${process.env['PATH']}`, HOME: root, RECORD: join(root, 'record'), RUNNER_TEMP: root },
    ...{ GITHUB_STEP_SUMMARY: join(root, 'summary.md'), BASE: 'main', ORCHESTRATE_VERSION: '0.1.0', ...more },
  }
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: clone,
    env,
    encoding: 'utf8',
  })
}

function recorded(root: string): string[] {
  return existsSync(join(root, 'record')) ? readFileSync(join(root, 'record'), 'utf8').trimEnd().split('\n') : []
}

function runOf(job: Job, name: string): string {
  return job.steps.find(step => step.name === name)?.run ?? `echo "no step ${name}"; exit 99`
}

test('on GitHub a pull request is planned as it would be merged, and its one comment is kept up to date', () => {
  using forge = machine('coffee')
  const { plan, comment } = github.jobs
  expect(bash(forge, runOf(plan, 'Install')).status).toBe(0)
  expect(recorded(forge.root)).toEqual(['npm install --global --ignore-scripts orchestrate-gitops@0.1.0'])
  expect(bash(forge, runOf(plan, 'Check')).status).toBe(0)
  expect(bash(forge, runOf(plan, 'Plan'))).toMatchObject({ status: 0, stderr: '' })
  const text = readFileSync(join(forge.root, 'plan.md'), 'utf8')
  expect(text).toMatch(/^<!-- orchestrate plan -->\n\n### Plan: 1 file changed, 1 workflow would run/)
  expect(text).toContain('`Write of tea.` → `Write of coffee.`')
  expect(readFileSync(join(forge.root, 'summary.md'), 'utf8')).toBe(text)

  writeFileSync(join(forge.clone, 'plan.md'), text)
  const facts = { GITHUB_REPOSITORY: 'o/r', NUMBER: '7', KNOWN: '41' }
  for (let push = 0; push < 2; push += 1) expect(bash(forge, runOf(comment, 'Comment'), facts).status).toBe(0)
  const calls = recorded(forge.root).filter(line => /POST|PATCH/.test(line))
  expect(calls).toEqual([
    'gh api --method POST repos/o/r/issues/7/comments --field body=@plan.md',
    'gh api --method PATCH repos/o/r/issues/comments/41 --field body=@plan.md',
  ])
})

test('an invalid file fails the job, and its plan is still there to be posted', () => {
  using forge = machine('${nothing}')
  const { plan } = github.jobs
  const checked = bash(forge, runOf(plan, 'Check'))
  expect(checked.status).toBe(2)
  expect(checked.stdout).toMatch(/^::error file=workflows\/tea\.yaml,/m)
  expect(bash(forge, runOf(plan, 'Plan')).status).toBe(2)
  expect(readFileSync(join(forge.root, 'plan.md'), 'utf8')).toMatch(/- ✗ `workflows\/tea\.yaml:\d+:\d+` /)
})

test('on GitHub nothing of a pull request is run, what sees its files cannot write, and a fork is not written to', () => {
  const { on, permissions, jobs } = github
  expect(Object.keys(on)).toEqual(['pull_request'])
  expect(permissions).toEqual({})
  expect(jobs.plan.permissions).toEqual({ contents: 'read' })
  expect(jobs.comment.permissions).toEqual({ 'pull-requests': 'write' })
  expect(jobs.comment.if).toContain('head.repo.full_name == github.repository')
  expect(jobs.comment.steps.some(({ uses }) => uses?.includes('checkout'))).toBe(false)
  const all = [...jobs.plan.steps, ...jobs.comment.steps]
  for (const { uses, run } of all) {
    if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/)
    // What somebody else has named must come by a variable: in the text of a script it could be a command.
    expect(run ?? '').not.toContain('${{')
  }
  const [install, checkout] = ['npm install', 'actions/checkout'].map(part =>
    all.findIndex(({ uses, run }) => (uses ?? run ?? '').startsWith(part)),
  )
  expect(install).toBeLessThan(checkout ?? -1)
  expect(all[checkout ?? 0]?.with).toEqual({ 'fetch-depth': 0, 'persist-credentials': false })
})

test('on GitLab a merge request is planned, its one note kept up to date, and without a token nothing is sent', () => {
  using forge = machine('coffee')
  const script = gitlab.orchestrate.script.join('\n')
  const facts = {
    ...{ CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main', CI_MERGE_REQUEST_IID: '7', CI_PROJECT_ID: '3' },
    ...{ CI_API_V4_URL: 'https://gitlab.example.org/api/v4' },
    KNOWN: '[{"id":5,"body":"hello"},{"id":41,"body":"<!-- orchestrate plan -->\\n\\nold"}]',
  }
  const without = bash(forge, script, facts)
  expect(without).toMatchObject({ status: 0 })
  expect(without.stdout).toContain('### Plan: 1 file changed, 1 workflow would run')
  expect(recorded(forge.root).filter(line => line.startsWith('curl'))).toEqual([])

  for (let push = 0; push < 2; push += 1) {
    expect(bash(forge, script, { ...facts, NONE: '[]', ORCHESTRATE_TOKEN: 't' })).toMatchObject({ status: 0 })
  }
  const sent = recorded(forge.root).filter(line => /--request/.test(line))
  const notes = 'https://gitlab.example.org/api/v4/projects/3/merge_requests/7/notes'
  expect(sent.map(line => line.replace(/^.*--request /, ''))).toEqual([
    `POST --data-urlencode body@plan.md ${notes}`,
    `PUT --data-urlencode body@plan.md ${notes}/41`,
  ])
})

test('on GitLab an invalid file fails the job after its plan was sent', () => {
  using forge = machine('${nothing}')
  const facts = { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main', CI_PROJECT_ID: '3', CI_MERGE_REQUEST_IID: '7' }
  const told = bash(forge, gitlab.orchestrate.script.join('\n'), facts)
  expect(told.status).toBe(2)
  expect(told.stdout).toContain('### Plan: 1 error')
})
