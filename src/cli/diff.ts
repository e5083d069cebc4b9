import { type Command, Option } from 'commander'
import { diffBlocks, joinBlocks } from '../difference/diff-markdown.ts'
import { diffNamed } from './diff-sides.ts'
import { diffText } from './diff-text.ts'
import { paintFor } from './paint.ts'

interface DiffOptions {
  readonly json?: boolean
  readonly markdown?: boolean
}

/** Adds `orchestrate diff` to the program. */
export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('what differs between two workflows, or two revisions, in the words of workflows')
    .argument('[a]', 'a file, REV:path, a revision, or A..B (default: HEAD)')
    .argument('[b]', 'the same (default: what is saved)')
    .addOption(new Option('--json', 'print one JSON document').conflicts('markdown'))
    .option('--markdown', 'print Markdown, as for a comment on a pull request')
    .action(async (a: string | undefined, b: string | undefined, { json, markdown }: DiffOptions) => {
      const files = await diffNamed(a, b, process.cwd())
      if (json) process.stdout.write(`${JSON.stringify({ files }, undefined, 2)}\n`)
      else if (markdown) process.stdout.write(joinBlocks(files.length > 0 ? diffBlocks(files) : ['Nothing differs.']))
      else {
        process.stdout.write(diffText(files, paintFor(process.stdout)))
        if (files.length === 0) process.stderr.write('nothing differs\n')
      }
    })
}
