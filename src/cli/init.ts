import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { GitFailure } from '../git/git-failure.ts'
import { gitOutput, runGit } from '../git/git-process.ts'
import { locateRepository } from '../git/location.ts'
import { installDriver } from '../git/merge-driver.ts'
import { installPreCommit } from '../git/pre-commit.ts'
import { UsageError } from '../model/usage-error.ts'
import { ownLaunch } from './git-install.ts'

const folders = ['workflows', 'agents', 'prompts', 'skills', 'schemas'] as const

/** What a new workspace begins with. */
const examples: Readonly<Record<string, string>> = {
  'workflows/hello.yaml': `name: Hello
description: A first workflow. \`orchestrate run hello --mock\` shows it with simulated answers.
inputs:
  subject: { type: string, default: the first frost }
steps:
  - id: drafts
    parallel:
      - id: plain
        agent: writer
        prompt: Write a haiku about \${subject}, without a metaphor.
      - id: bold
        agent: writer
        prompt: Write a haiku about \${subject} that never names it.
  - id: choice
    agent: writer
    prompt: |
      Which of these two is better? Answer with the haiku and one sentence.

      \${steps.drafts.output}
outputs: { haiku: "\${steps.choice.output}" }
`,
  'agents/writer.agent.md': `---
description: Writes for people who have no time
temperature: 0.7
---
You write short sentences. You leave out what the reader does not need.
`,
}

/** What never belongs into a commit: our own state, and keys. */
const ignored = ['.orchestrate/', '.env'] as const

/** Adds `orchestrate init` to the program. */
export function addInit(program: Command): void {
  program
    .command('init')
    .description('make a folder a workspace in a git repository, with a first workflow; what is there stays')
    .argument(
      '[dir]',
      'the folder, a repository of its own (default: the repository around this one, or a new one here)',
    )
    .addOption(new Option('--hook', 'check the workflows before each commit'))
    .action(async (folder: string | undefined, { hook = false }: { hook?: boolean }) => {
      const root = await repositoryAt(folder)
      const written = [...(await writeExamples(root)), ...(await ignore(root))]
      const before = await textOf(join(root, '.gitattributes'))
      const { attributes } = await installDriver(root, ownLaunch())
      if ((await textOf(attributes)) !== before) written.push('.gitattributes')
      if (hook) written.push(...(await addHook(root)))
      process.stdout.write(written.map(file => `${file}\n`).join(''))
      process.stderr.write(farewell(root, written.length))
    })
}

/** The top of the repository that a person means; where there is none, one is made. */
async function repositoryAt(folder: string | undefined): Promise<string> {
  const start = resolve(folder ?? '.')
  await mkdir(start, { recursive: true })
  const found = await locateRepository(start).catch((error: unknown) => {
    if (error instanceof GitFailure && error.reason === 'NotARepository') return undefined
    throw error
  })
  if (found && found.workTree === undefined) {
    const hint = 'In a bare repository, `orchestrate git install` sets up the merge driver.'
    throw new UsageError('There is no work tree here.', hint)
  }
  if (found?.workTree !== undefined && (folder === undefined || found.workTree === start)) return found.workTree
  await gitOutput(args => runGit(args, start), ['init', '--quiet', '--initial-branch', 'main'])
  return start
}

/** Writes the examples that are not there; answers with their files. */
async function writeExamples(root: string): Promise<string[]> {
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  const written: string[] = []
  for (const [file, text] of Object.entries(examples)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    try {
      await writeFile(join(root, file), text, { flag: 'wx' })
      written.push(file)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  return written
}

async function ignore(root: string): Promise<string[]> {
  const file = join(root, '.gitignore')
  const text = await textOf(file)
  const missing = ignored.filter(line => !text.split(/\r?\n/).includes(line))
  if (missing.length === 0) return []
  await writeFile(file, `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${missing.join('\n')}\n`)
  return ['.gitignore']
}

async function addHook(root: string): Promise<string[]> {
  const hook = await installPreCommit(root, ownLaunch())
  switch (hook.type) {
    case 'written':
      return [relative(root, hook.file)]
    case 'kept':
      process.stderr.write(`${relative(root, hook.file)} is there already: add \`orchestrate check\` to it yourself\n`)
      return []
    case 'elsewhere':
      process.stderr.write(`hooks are kept in ${hook.folder}: add \`orchestrate check\` there yourself\n`)
      return []
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

function farewell(root: string, count: number): string {
  if (count === 0) return `${root} is a workspace already\n`
  return `${root} is a workspace\nnext: orchestrate run hello --mock\n      git add . && git commit -m "A workspace"\n`
}
