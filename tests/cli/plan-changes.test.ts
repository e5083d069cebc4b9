import { expect, test } from 'vitest'
import type { Plan } from '../../src/difference/plan.ts'
import { openStore } from '../../src/store/store.ts'
import { type ScratchWorkspace, scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate } from './command.ts'

const tea = 'steps:\n  - { id: write, agent: poet, prompt: Write of tea. }\n'
const files = {
  'workflows/tea.yaml': tea,
  'workflows/by-hand.yaml': 'on: manual\nsteps:\n  - { id: write, agent: poet, prompt: By hand. }\n',
  'workflows/branchy.yaml': 'on: { commit: { branches: [release] } }\nsteps:\n  - { id: go, run: echo go }\n',
  'workflows/cases.yaml':
    'inputs: { topic: string }\ncases: { one: { topic: a }, two: { topic: b } }\nsteps:\n  - { id: say, prompt: "${topic}" }\n',
  'workflows/caller.yaml':
    'steps:\n  - { id: call, workflow: by-hand }\n  - { id: more, prompt: "${steps.call.output}" }\n',
  'agents/poet.agent.md': '---\nname: poet\n---\nYou write verse.\n',
}

async function up(workspace: ScratchWorkspace, ...words: string[]): Promise<string[]> {
  const known = started(workspace).length
  expect((await orchestrate(workspace.root, ['up', '--once', '--mock', ...words])).code).toBe(0)
  return started(workspace).slice(known)
}

/** Workflows and cases of the runs that a commit has started, oldest first. */
function started({ root }: ScratchWorkspace): string[] {
  using store = openStore(`${root}/.orchestrate`)
  const runs = store.runs().filter(({ trigger }) => trigger === 'commit')
  return runs.map(({ workflow, case: name }) => `${workflow}:${name}`).toReversed()
}

async function planOf({ root }: ScratchWorkspace, ...words: string[]): Promise<Plan & { code: number | null }> {
  const { code, stdout } = await orchestrate(root, ['plan', '--mock', '--json', ...words])
  return { ...(JSON.parse(stdout) as Plan), code }
}

test('what a plan says would run is what the daemon then runs', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('files', files)
  await up(workspace)
  const changes: Readonly<Record<string, Record<string, string>>> = {
    'a prompt': { 'workflows/tea.yaml': tea.replace('tea', 'coffee') },
    'an agent that three workflows ask, one of them through another': { 'agents/poet.agent.md': 'You write prose.\n' },
    'a comment': { 'workflows/cases.yaml': `# a remark\n${files['workflows/cases.yaml']}` },
    'a workflow that only another branch runs': { 'workflows/branchy.yaml': `${files['workflows/branchy.yaml']}# x\n` },
    'a workflow that a person starts, which another one calls': {
      'workflows/by-hand.yaml': files['workflows/by-hand.yaml'].replace('By hand', 'At hand'),
    },
    'something else': { 'notes.md': 'mine\n' },
    'a new workflow': { 'workflows/new.yaml': tea },
  }
  for (const [what, change] of Object.entries(changes)) {
    workspace.commit(what, change)
    const plan = await planOf(workspace, 'HEAD~1..HEAD')
    const planned = plan.runs.map(run => `${run.workflow}:${run.case}`)
    expect([what, planned.toSorted()]).toEqual([what, (await up(workspace)).toSorted()])
    expect(plan.code).toBe(0)
  }
}, 120_000)

test('steps of a workflow that is called are part of the plan, and so is what depends on their answer', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('files', files)
  await up(workspace, '--from', 'HEAD~1')
  workspace.commit('edit', { 'workflows/by-hand.yaml': files['workflows/by-hand.yaml'].replace('By hand', 'At hand') })
  const { runs } = await planOf(workspace, 'HEAD~1..HEAD')
  expect(runs).toMatchObject([
    {
      workflow: 'caller',
      steps: [
        { path: 'call › write', agent: 'poet', calledIn: 'by-hand', verdict: 'anew' },
        { path: 'more', verdict: 'anew' },
      ],
    },
  ])
}, 60_000)

test('new permissions and errors are named, and an error makes the exit code 2', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('files', { ...files, 'orchestrate.yaml': 'secrets: [TOKEN]\n' })
  workspace.commit('more', {
    'workflows/tea.yaml': `${tea}  - { id: get, http: { url: https://example.org/a, headers: { a: "\${secrets.TOKEN}" } } }
  - { id: sh, run: { command: make, network: true } }
  - { id: find, tool: files.search }
`,
  })
  const plan = await planOf(workspace, 'HEAD~1..HEAD')
  expect(plan.permissions).toEqual([
    {
      workflow: 'tea',
      asks: [
        'shell commands',
        'the network, in shell commands',
        'HTTP requests to example.org',
        'the tool files.search',
        'the secret TOKEN',
      ],
    },
  ])
  workspace.commit('broken', { 'workflows/tea.yaml': tea.replace('prompt', 'promt'), 'notes.md': 'x' })
  const broken = await planOf(workspace, 'HEAD~1..HEAD')
  expect(broken).toMatchObject({ code: 2, runs: [], diagnostics: [{ path: 'workflows/tea.yaml', severity: 'error' }] })
  const told = await orchestrate(workspace.root, ['plan', 'HEAD~1..HEAD'])
  expect(told.code).toBe(2)
  expect(told.stdout).toContain('error[UNKNOWN_FIELD]')
}, 60_000)

test('without a record, what would be spent is unknown; and in a clone, the traces are the record', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('files', files)
  workspace.commit('edit', { 'workflows/tea.yaml': tea.replace('tea', 'coffee') })
  const unknown = await planOf(workspace, 'HEAD~1..HEAD')
  expect(unknown.runs).toMatchObject([{ steps: [{ verdict: 'anew' }], spending: { unknown: ['poet'] } }])
  expect(unknown.runs[0]?.recorded).toBeUndefined()
  const text = await orchestrate(workspace.root, ['plan', 'HEAD~1..HEAD'])
  expect(text.stdout).toContain('tokens and cost unknown, nothing recorded of poet')

  await up(workspace, '--from', 'HEAD~1')
  workspace.commit('again', { 'workflows/tea.yaml': `${tea.replace('tea', 'coffee')}  - { id: b, prompt: Two. }\n` })
  const clone = `${workspace.root}/clone`
  workspace.git('clone', '--quiet', workspace.root, clone)
  const { runs } = await planOf({ ...workspace, root: clone }, 'HEAD~1..HEAD')
  expect(runs).toMatchObject([
    {
      steps: [
        { path: 'write', verdict: 'again' },
        { path: 'b', verdict: 'anew' },
      ],
      recorded: expect.stringMatching(/^[0-9a-f]{16}$/),
    },
  ])
}, 60_000)

test('a plan for a pull request is Markdown that is the same each time, and nothing in the repository changes', async () => {
  using workspace = scratchWorkspace([])
  const { git } = workspace
  workspace.commit('files', files)
  git('switch', '--quiet', '--create', 'feature')
  workspace.commit('edit', { 'workflows/tea.yaml': tea.replace('tea', 'coffee') })
  const refs = git('for-each-ref')
  const one = await orchestrate(workspace.root, ['plan', '--markdown'])
  expect(one.code).toBe(0)
  expect(one.stdout).toMatch(
    /^<!-- orchestrate plan -->\n\n### Plan: 1 file changed, 1 workflow would run, 1 step executed/,
  )
  expect(one.stdout).toContain('- step write: prompt changed: `Write of tea.` → `Write of coffee.`')
  expect(await orchestrate(workspace.root, ['plan', '--markdown', 'main..feature'])).toEqual(one)
  expect([git('for-each-ref'), git('status', '--porcelain')]).toEqual([refs, ''])
}, 60_000)

test('a range that cannot be found is said with what to try', async () => {
  using workspace = scratchWorkspace([])
  for (const words of [[], ['nowhere'], ['nowhere..HEAD']]) {
    const told = await orchestrate(workspace.root, ['plan', ...words])
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toMatch(/^error: \S[^\n]+\n(hint: [^\n]+\n)?$/)
  }
}, 60_000)
