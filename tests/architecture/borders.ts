import { answerFiles, sourceFiles } from './layers.ts'
import { maskText } from './scan.ts'
import { partOf, reachableFrom, type SourceFile, type Tree } from './tree.ts'

/** The one home of each package; `anywhere` for those that are part of how we write. */
const homes: Readonly<Record<string, readonly string[] | 'anywhere'>> = {
  zod: 'anywhere',
  '@noble/hashes': ['model'],
  '@marcbachmann/cel-js': ['model'],
  '@cfworker/json-schema': ['model', 'executors'],
  yaml: ['parser'],
  re2js: ['model'],
  elkjs: ['compiler'],
  croner: ['checker', 'controller'],
  xstate: ['runtime'],
  openai: ['hosts'],
  chokidar: ['git'],
  'simple-git': ['git'],
  fastify: ['server'],
  jose: ['server'],
  '@fastify/*': ['server'],
  helmet: ['server'],
  'fastify-type-provider-zod': ['server'],
  'openapi-types': ['server'],
  'prom-client': ['server'],
  pino: ['system'],
  commander: ['cli'],
}

const pureParts = new Set(['model', 'parser', 'checker', 'difference', 'compiler', 'router', 'trace'])
// Disk, time and chance are the business of these; everybody else is given them.
const worldlyParts = new Set(['store', 'git', 'executors', 'hosts', 'server', 'system', 'cli', 'ui'])
const composition = new Set(['workspace.ts', 'daemon.ts'])

const clockWords =
  /\bDate\.now\b|\bnew Date\b(?!\s*\(\s*[^)\s])|\bperformance\.now\b|\bMath\.random\b|\bAbortSignal\.timeout\b|\bcrypto\.(?:randomUUID|getRandomValues)\b|(?<![.\w])(?:setTimeout|setInterval|setImmediate)\b/g
const clockModules = /^node:timers/
const browserlessWords = /(?<![.\w'"])(?:process|Buffer|fetch|__dirname)\b(?!\s*:)/g

/** Packages used away from home, or that have none. */
export function packageViolations(tree: Tree): string[] {
  return sourceFiles(tree).flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, target }) => {
      if (target || specifier.startsWith('node:')) return []
      const [first = '', second] = specifier.split('/')
      const name = first.startsWith('@') ? `${first}/${second}` : first
      const home = partOf(path) === 'ui' ? 'anywhere' : (homes[name] ?? homes[`${first}/*`])
      if (home === undefined) return [`${path} imports ${name}: give it a home in tests/architecture/borders.ts first.`]
      const isAtHome = home === 'anywhere' || home.includes(partOf(path))
      return isAtHome ? [] : [`${path} imports ${name}, whose home is src/${[...home].join(' and src/')}.`]
    }),
  )
}

/** Pure files that reach Node, by an import of their own or of a file they need, or by a global word. */
export function purityViolations(tree: Tree): string[] {
  const answers = answerFiles(tree)
  const pure = sourceFiles(tree).filter(file => pureParts.has(partOf(file.path)) || answers.has(file.path))
  return pure.flatMap(file => [...reachesNode(tree, file.path), ...uses(file, browserlessWords)])
}

function reachesNode(tree: Tree, path: string): string[] {
  const askedBy = reachableFrom(tree, path)
  return [...askedBy.keys()].flatMap(reached => {
    const module = tree.get(reached)?.imports.find(({ specifier }) => specifier.startsWith('node:'))
    if (!module) return []
    const way: string[] = []
    for (let step: string | undefined = reached; step; step = askedBy.get(step)) way.unshift(step)
    return [`${way.join(' → ')} needs ${module.specifier}, but must run in a browser.`]
  })
}

/** Time and chance outside of the folders whose business they are. */
export function clockViolations(tree: Tree): string[] {
  return strangers(tree).flatMap(file => [
    ...file.imports
      .filter(({ specifier }) => clockModules.test(specifier))
      .map(({ specifier }) => `${file.path} imports ${specifier}: ask for a Clock instead.`),
    ...uses(file, clockWords),
  ])
}

/** Files outside of the folders whose business they are. */
export function diskViolations(tree: Tree): string[] {
  return strangers(tree)
    .filter(file => !composition.has(partOf(file.path)))
    .filter(file => file.imports.some(({ specifier }) => /^node:fs(\/|$)/.test(specifier)))
    .map(file => `${file.path} imports node:fs: let its caller read and write.`)
}

function strangers(tree: Tree): SourceFile[] {
  const answers = answerFiles(tree)
  const isMockServer = (path: string) => partOf(path) === 'mock-host' && !answers.has(path)
  return sourceFiles(tree).filter(({ path }) => !worldlyParts.has(partOf(path)) && !isMockServer(path))
}

function uses(file: SourceFile, words: RegExp): string[] {
  return [...maskText(file.text).matchAll(words)].map(match => {
    const line = file.text.slice(0, match.index).split('\n').length
    return `${file.path}:${line} uses ${match[0]}: ask for it as an argument.`
  })
}
