import { runGit } from '../git/git-process.ts'
import type { Check, Finding } from '../store/finding.ts'

/** The oldest versions that have all that is used. */
const oldestNode = [24, 0]
const oldestGit = [2, 38]

/** Whether this Node is new enough. */
export function examineNode(version: string): Check {
  const hint = 'Install Node 24 or newer, or start the command by `npx orchestrate`, which brings its own.'
  const findings = isOlder(version, oldestNode) ? [tooOld('Node', version, oldestNode, hint)] : []
  return { name: 'Node', fact: version, findings }
}

/** Whether git is there and new enough. Throws `GitMissing`. */
export async function examineGit(folder: string): Promise<Check> {
  const { stdout } = await runGit(['--version'], folder)
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '0'
  const hint = 'Install a newer git.'
  const findings = isOlder(version, oldestGit) ? [tooOld('git', version, oldestGit, hint)] : []
  return { name: 'git', fact: version, findings }
}

function tooOld(program: string, version: string, oldest: readonly number[], hint: string): Finding {
  const message = `${program} ${version} is too old: ${oldest.join('.')} is needed.`
  return { kind: 'ProgramTooOld', message, place: program, hint }
}

/** Whether a version, as 2.39.5, is before another. */
export function isOlder(version: string, oldest: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  const differing = oldest.findIndex((part, index) => (parts[index] ?? 0) !== part)
  return differing !== -1 && (parts[differing] ?? 0) < (oldest[differing] ?? 0)
}
