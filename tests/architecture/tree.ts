import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { importsOf } from './scan.ts'

export interface Import {
  readonly specifier: string
  /** The file that is meant, from the top of the repository; undefined for a package. */
  readonly target?: string
}

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** Source files by their path from the top of the repository. */
export type Tree = ReadonlyMap<string, SourceFile>

/** A tree out of paths and texts. */
export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  return new Map(
    Object.entries(texts).map(([path, text]) => [
      path,
      { path, text, imports: importsOf(text).map(specifier => resolveImport(path, specifier)) },
    ]),
  )
}

function resolveImport(path: string, specifier: string): Import {
  return specifier.startsWith('.') ? { specifier, target: join(dirname(path), specifier) } : { specifier }
}

/** The scripts and TypeScript files in those folders of the repository that there are. */
export function readTree(root: string, folders: readonly string[]): Tree {
  const texts: Record<string, string> = {}
  for (const folder of folders.filter(folder => existsSync(join(root, folder)))) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|tsx|js)$/.test(entry.name)) continue
      if (entry.parentPath.split('/').includes('node_modules')) continue
      const path = join(entry.parentPath, entry.name).slice(root.length + 1)
      texts[path] = readFileSync(join(root, path), 'utf8')
    }
  }
  return treeOf(texts)
}

/** The files that one file needs, itself included, each with the file that asked for it first. */
export function reachableFrom(tree: Tree, path: string, within = 'src/'): Map<string, string | undefined> {
  const askedBy = new Map<string, string | undefined>([[path, undefined]])
  for (const reached of askedBy.keys()) {
    for (const { target } of tree.get(reached)?.imports ?? []) {
      if (target?.startsWith(within) && tree.has(target) && !askedBy.has(target)) askedBy.set(target, reached)
    }
  }
  return askedBy
}

/** The part of `src` that a file belongs to: its folder, or its own name when it lies at the top. */
export function partOf(path: string): string {
  return path.split('/')[1] ?? ''
}
