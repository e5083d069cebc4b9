import { expect, test } from 'vitest'
import { hasErrors } from '../../src/model/diagnostic.ts'
import { mostDiagnostics } from '../../src/parser/document.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'

const largest = 256 * 1024
const full = (piece: string, start = ''): string => (start + piece.repeat(largest / piece.length)).slice(0, largest)

/** The largest files that are read, each of one piece that costs a parser more than others. */
const hostile: Readonly<Record<string, string>> = {
  'commas without values': full(',', '['),
  'lists that open and hold commas': full('[,,,,'),
  'brackets that only open': full('['),
  'maps inside maps on a line': full('a: '),
  'pairs between brackets': full('a: b, ', '['),
  'names without colons': full('? '),
  'names and lists in turn': full('? a\n: - '),
  quotes: full('"'),
  'texts behind texts': full("'a' "),
  'a quote that nothing closes': full('\n', '"'),
  anchors: full('&a '),
  aliases: full('*a '),
  tags: full('!a '),
  backticks: full('`a: b\n'),
  'closing brackets': full('a: }\n'),
  'templates between braces': full('${x} ', 'a: {'),
  'one name again and again': full('a: |\n'),
  'names of all kinds': Array.from({ length: 24_000 }, (_, index) => `k${index}: 1`)
    .join('\n')
    .slice(0, largest),
  'empty lines': full(' \n'),
  'lines of tabs': full('\t\n'),
  documents: full('---\n'),
  directives: full('%YAML\n'),
  'line breaks of old': full('\r'),
  headings: full('## a\n'),
  'bullets of one field': full('* **Agent:** x\n', '## a\n'),
  'fences that nothing closes': full('```yaml fields\n', '## a\n'),
  'inputs without end': full('* **Input:** ${a}\n', '## a\n'),
  'brackets in a bullet': full('[', '## a\n* **Agent:** '),
  'templates that nothing closes': full('${', '## a\n* **Input:** '),
  'loops below loops': full('## a\n* **Loop:** until x, max 2\n### b\n'),
}

test.each(Object.keys(hostile))('a file full of %s is read or refused in less than two seconds of work', name => {
  const text = hostile[name] ?? ''
  for (const path of ['workflows/a.yaml', 'workflows/a.workflow.md']) {
    const before = process.cpuUsage()
    const { value, diagnostics } = parseWorkflow(text, path)
    const { user, system } = process.cpuUsage(before)
    // The time of the processor, for a busy machine lets us wait.
    expect((user + system) / 1000).toBeLessThan(2000)
    expect(diagnostics.length).toBeLessThanOrEqual(mostDiagnostics)
    if (value === undefined) expect(hasErrors(diagnostics)).toBe(true)
    for (const { span } of diagnostics) expect(span.endOffset).toBeLessThanOrEqual(text.length)
  }
})
