import { functionsOf } from './scan.ts'
import type { Tree } from './tree.ts'

const longestFile = 250
const longestTest = 400
const longestFunction = 40

/** Files and functions that are too long to be read in one go. */
export function sizeViolations(tree: Tree): string[] {
  return [...tree.values()].flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    const limit = path.startsWith('tests/') ? longestTest : longestFile
    const long = functionsOf(text).filter(size => size.lines > longestFunction)
    return [
      ...(lines > limit ? [`${path} has ${lines} lines; ${limit} is the limit.`] : []),
      ...long.map(
        ({ line, lines }) => `${path}:${line} is a function of ${lines} lines; ${longestFunction} is the limit.`,
      ),
    ]
  })
}

const topLevel = new Set([
  ...['.ci', '.editorconfig', '.git', '.gitattributes', '.gitignore', '.oxlintrc.json'],
  ...['CONTRIBUTING.md', 'LICENSE', 'README.md', 'biome.json', 'knip.json', 'package-lock.json', 'package.json'],
  ...['tsconfig.json', 'vite.config.ts', 'vitest.config.ts'],
  ...['bench', 'bin', 'deploy', 'docs', 'scripts', 'src', 'tests'],
  // The repository is a workspace, too: the gallery.
  ...['agents', 'orchestrate.yaml', 'runs', 'schemas', 'workflows'],
])
// Left by installing, building and running; none of it is committed.
const leftovers = /^(node_modules|dist|coverage|\.orchestrate|\.env|\.setup-lock.*|.*\.log)$/

/** Names at the top of the repository that nobody expects there. */
export function topLevelViolations(names: readonly string[]): string[] {
  return names
    .filter(name => !topLevel.has(name) && !leftovers.test(name))
    .map(name => `${name} does not belong at the top of the repository.`)
}
