import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { nearest } from '../model/nearest.ts'
import { UsageError } from '../model/usage-error.ts'

const page = new URL('../../docs/diagnostics.md', import.meta.url)

/** Adds `orchestrate explain` to the program. */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('explain the code of a diagnostic, or list them all')
    .argument('[code]', 'as it stands in brackets: UNKNOWN_STEP')
    .action(async (code: string | undefined) => {
      const explanations = readExplanations(await readFile(page, 'utf8'))
      process.stdout.write(code === undefined ? listOf(explanations) : explanationOf(explanations, code))
    })
}

/** The paragraphs of the page by their code, in its order. */
export function readExplanations(markdown: string): ReadonlyMap<string, string> {
  const sections = markdown.split(/^### /m).slice(1)
  return new Map(
    sections.map(section => {
      const [code = '', ...rest] = section.split('\n')
      // What follows a paragraph may be the heading of the next group.
      return [
        code.trim(),
        rest
          .join('\n')
          .replace(/^## [\s\S]*/m, '')
          .trim(),
      ]
    }),
  )
}

function listOf(explanations: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...explanations.keys()].map(code => code.length))
  const lines = [...explanations].map(([code, text]) => `${code.padEnd(width)}  ${firstSentence(text)}\n`)
  return lines.join('')
}

function explanationOf(explanations: ReadonlyMap<string, string>, wanted: string): string {
  const code = wanted.toUpperCase().replaceAll('-', '_')
  const text = explanations.get(code)
  if (text !== undefined) return `${code}\n\n${text}\n`
  const near = nearest(code, explanations.keys())
  const hint = near ? `Did you mean ${near}?` : '`orchestrate explain` lists them all.'
  throw new UsageError(`There is no diagnostic ${wanted}.`, hint)
}

function firstSentence(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replace(/(\.) .*/, '$1')
}
