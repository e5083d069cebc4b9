import { partOf, reachableFrom, type Tree } from './tree.ts'

const levels: Readonly<Record<string, number>> = {
  model: 1,
  parser: 2,
  checker: 3,
  difference: 4,
  compiler: 5,
  runtime: 6,
  router: 7,
  trace: 8,
  store: 9,
  hosts: 10,
  executors: 11,
  engine: 12,
  git: 13,
  controller: 14,
  server: 15,
  system: 16,
  'workspace.ts': 17,
  'daemon.ts': 17,
  cli: 18,
  'index.ts': 19,
}
// `hosts` may ask for simulated answers; the server around them is the command line's.
const answersLevel = 9.5
const mockServerLevel = 17.5
const uiLevel = 5.5

/** The simulated answers: everything that `src/mock-host/answer.ts` needs of its own folder. */
export function answerFiles(tree: Tree): ReadonlySet<string> {
  return new Set(reachableFrom(tree, 'src/mock-host/answer.ts', 'src/mock-host/').keys())
}

/** Imports that point down the table of layers, and files that have no place in it. */
export function layerViolations(tree: Tree): string[] {
  const answers = answerFiles(tree)
  const levelOf = (path: string) => {
    const part = partOf(path)
    if (part === 'mock-host') return answers.has(path) ? answersLevel : mockServerLevel
    return part === 'ui' ? uiLevel : levels[part]
  }
  return sourceFiles(tree).flatMap(({ path, imports }) => {
    const level = levelOf(path)
    if (level === undefined) return [`${path} has no place among the layers: put it into one of their folders.`]
    return imports.flatMap(({ target }) => {
      if (!target || target.endsWith('.json') || target.endsWith('.css')) return []
      if (!target.startsWith('src/')) return [`${path} imports ${target}: the product needs nothing outside src.`]
      if (partOf(target) === 'ui' && partOf(path) !== 'ui')
        return [`${path} imports ${target}: the web app is nobody's part.`]
      const other = levelOf(target)
      return other !== undefined && other > level ? [`${path} imports ${target}, which lies in a layer above it.`] : []
    })
  })
}

/** Circles of files that import each other, type imports included. */
export function cycleViolations(tree: Tree): string[] {
  const done = new Set<string>()
  const violations: string[] = []
  const visit = (path: string, way: readonly string[]) => {
    if (way.includes(path)) {
      violations.push(`${[...way.slice(way.indexOf(path)), path].join(' → ')} is a circle.`)
      return
    }
    if (done.has(path)) return
    for (const { target } of tree.get(path)?.imports ?? []) {
      if (target && tree.has(target)) visit(target, [...way, path])
    }
    done.add(path)
  }
  for (const path of tree.keys()) visit(path, [])
  return violations
}

/** Files called after nothing in particular, or not in kebab case. */
export function nameViolations(tree: Tree): string[] {
  return sourceFiles(tree).flatMap(({ path }) => {
    if (path === 'src/index.ts') return []
    const words = path
      .replace(/\.tsx?$/, '')
      .split('/')
      .slice(1)
    if (words.some(word => /^(utils?|helpers?|types|index|common|misc)$/.test(word))) {
      return [`${path} says nothing: call it after what it does.`]
    }
    return words.every(word => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(word)) ? [] : [`${path} is not written in kebab case.`]
  })
}

/** The files of the product itself. */
export function sourceFiles(tree: Tree) {
  return [...tree.values()].filter(file => file.path.startsWith('src/'))
}
