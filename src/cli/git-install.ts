import { realpathSync } from 'node:fs'
import type { Command } from 'commander'
import { installDriver, uninstallDriver } from '../git/merge-driver.ts'

/** Adds `orchestrate git install` and `orchestrate git uninstall` to the program. */
export function addGit(program: Command): void {
  const git = program.command('git').description('teach the git of this repository to merge and show workflows')
  git
    .command('install')
    .description('set up the merge drivers and textconv in the config of this clone, and .gitattributes')
    .action(async () => {
      const { config, attributes } = await installDriver(process.cwd(), ownLaunch())
      process.stdout.write(`${config}\n${attributes}\n`)
      process.stderr.write('git merges workflows step by step here\n')
    })
  git
    .command('uninstall')
    .description('take all of it away again')
    .action(async () => {
      const { config, attributes } = await uninstallDriver(process.cwd())
      process.stdout.write(`${config}\n${attributes}\n`)
      process.stderr.write('git merges workflows line by line here\n')
    })
}

/** How this very program is started from any folder: git does not look for it in `node_modules/.bin`. */
export function ownLaunch(): string[] {
  return [process.execPath, realpathSync(process.argv[1] ?? '')]
}
