import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runGit } from './git-process.ts'
import { GitFailure } from './git-failure.ts'
import { type Location, locateRepository } from './location.ts'

const remark = '# Merged and shown by Orchestrate; in each clone, `orchestrate git install` sets it up.'

/** The lines that give a repository's files to the drivers. */
export const attributeLines: readonly string[] = [
  remark,
  'workflows/**/*.yaml merge=orchestrate diff=orchestrate',
  'workflows/**/*.yml merge=orchestrate diff=orchestrate',
  'workflows/**/*.workflow.md merge=orchestrate diff=orchestrate',
  'agents/**/*.agent.md merge=orchestrate',
  'skills/**/SKILL.md merge=orchestrate',
  'orchestrate.yaml merge=orchestrate',
]

/** What `git` has to start: a program and its first arguments, absolute, for git starts it in any folder. */
export type Launch = readonly string[]

/** Where the drivers were set up, or taken away. */
export interface DriverPlaces {
  readonly config: string
  readonly attributes: string
}

/** Sets up the merge driver and the textconv of a repository; done twice, it changes nothing more. */
export async function installDriver(folder: string, launch: Launch): Promise<DriverPlaces> {
  const location = await locateRepository(folder)
  for (const [name, value] of settings(launch)) await setting(location, ['--replace-all', name, value])
  const attributes = attributesFile(location)
  const text = await textOf(attributes)
  const missing = attributeLines.filter(line => !text.split(/\r?\n/).includes(line))
  if (missing.length > 0) {
    await mkdir(dirname(attributes), { recursive: true })
    const begun = text === '' || text.endsWith('\n') ? text : `${text}\n`
    await writeFile(attributes, `${begun}${missing.join('\n')}\n`)
  }
  return { config: join(location.commonDir, 'config'), attributes }
}

/** Takes away what `installDriver` set up; what else is in these files stays. */
export async function uninstallDriver(folder: string): Promise<DriverPlaces> {
  const location = await locateRepository(folder)
  for (const section of ['merge.orchestrate', 'merge.orchestrate-run', 'diff.orchestrate']) {
    await setting(location, ['--remove-section', section], [128])
  }
  const attributes = attributesFile(location)
  const text = await textOf(attributes)
  const left = text.split('\n').filter(line => !attributeLines.includes(line.replace(/\r$/, '')))
  // The newline that ended our last line is no content either.
  if (text !== '' && left.every(line => line.trim() === '')) await rm(attributes)
  else if (left.join('\n') !== text) await writeFile(attributes, left.join('\n'))
  return { config: join(location.commonDir, 'config'), attributes }
}

function settings(launch: Launch): [name: string, value: string][] {
  const command = launch.map(quoted).join(' ')
  return [
    ['merge.orchestrate.name', 'Orchestrate: merges workflows step by step'],
    ['merge.orchestrate.driver', `${command} merge-file --marker-size %L -- %O %A %B %P`],
    ['merge.orchestrate-run.name', 'Orchestrate: keeps the files of one run together'],
    // Ours is left. One file of a trace, which no two runs have in common, stands for all of them.
    ['merge.orchestrate-run.driver', `case %P in runs/*/run.json) ${command} merge-run -- %P ;; esac`],
    // Between common ancestors there is nothing to keep together.
    ['merge.orchestrate-run.recursive', 'text'],
    ['diff.orchestrate.textconv', `${command} textconv`],
  ]
}

/** A word for the shell that git hands its drivers and hooks to. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

async function setting(location: Location, args: readonly string[], harmless: readonly number[] = []): Promise<void> {
  const { code, stderr } = await runGit(['config', '--local', ...args], location.workTree ?? location.gitDir)
  if (code === 0 || harmless.includes(code)) return
  throw new GitFailure('CommandFailed', `git config failed: ${stderr.trim() || `exit code ${code}`}`)
}

/** A bare repository has no files of its own that git would read attributes from. */
function attributesFile({ workTree, commonDir }: Location): string {
  return workTree === undefined ? join(commonDir, 'info', 'attributes') : join(workTree, '.gitattributes')
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}
