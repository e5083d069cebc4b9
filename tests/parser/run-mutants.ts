import { checkAgent } from '../../src/checker/agent.ts'
import { check } from '../../src/checker/check.ts'
import { checkConfiguration } from '../../src/checker/configuration.ts'
import { compile } from '../../src/compiler/compile.ts'
import { readShelf } from '../../src/controller/shelf.ts'
import { folderSources } from '../../src/git/sources.ts'
import { type Diagnostic, hasErrors } from '../../src/model/diagnostic.ts'
import { parseAgent, parseConfiguration, parseWorkflow } from '../../src/parser/parse.ts'
import { diceOf, mutant, seeds, type Seed } from '../generators/mutants.ts'

/**
 * Reads, checks and, where sound, compiles mutants of files: `run-mutants.ts <first> <count>`. Prints what went wrong with
 * any, by its number, and how far the whole got. Run with a small heap, a mutant that takes much memory ends the process.
 */
const [first = 0, count = 0] = process.argv.slice(2).map(Number)
const all = seeds()
const { library } = await readShelf(await folderSources(new URL('../..', import.meta.url).pathname))
const told = { mutants: 0, readable: 0, sound: 0, slowestMs: 0, slowest: 0, problems: [] as string[] }

for (let number = first; number < first + count; number += 1) {
  const seed = mutant(all, diceOf(number))
  const before = process.cpuUsage()
  try {
    for (const problem of problemsOf(seed)) told.problems.push(`mutant ${number} of ${seed.path}: ${problem}`)
  } catch (error) {
    const stack = error instanceof Error ? error.stack?.split('\n').slice(0, 4).join(' ') : String(error)
    told.problems.push(`mutant ${number} of ${seed.path} throws: ${stack}`)
  }
  const { user, system } = process.cpuUsage(before)
  const tookMs = (user + system) / 1000
  if (tookMs > told.slowestMs) [told.slowestMs, told.slowest] = [tookMs, number]
  told.mutants += 1
}
process.stdout.write(JSON.stringify(told))

function problemsOf({ path, text }: Seed): string[] {
  const diagnostics = diagnose(path, text)
  return diagnostics
    .filter(({ span }) => span.offset < 0 || span.endOffset < span.offset || span.endOffset > text.length)
    .map(({ code, span }) => `${code} at ${span.offset}–${span.endOffset} of ${text.length}`)
}

function diagnose(path: string, text: string): readonly Diagnostic[] {
  if (path.endsWith('.agent.md')) return checkAgent(parseAgent(text, path)).diagnostics
  if (path.endsWith('orchestrate.yaml')) return checkConfiguration(parseConfiguration(text, path)).diagnostics
  const document = parseWorkflow(text, path)
  if (document.value === undefined) return document.diagnostics
  told.readable += 1
  const { workflow, diagnostics, places } = check(document, library)
  if (workflow && !hasErrors(diagnostics)) {
    compile(workflow, places)
    told.sound += 1
  }
  return [...document.diagnostics, ...diagnostics]
}
