// Builds the web page into dist/ui when its sources have changed. Plain JavaScript: it is part of the set-up.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinnedNode } from './pinned-node.js'

/** What the page is made of: itself, and the folders that it may import. */
const sources = [
  ...['src/ui', 'src/model', 'src/parser', 'src/checker', 'src/difference', 'src/compiler'],
  ...['vite.config.ts', 'package-lock.json'],
]

/**
 * Builds the page unless it is built as its sources are. A page that cannot be built does not keep anything else from
 * working: the daemon says at `/` that there is none.
 *
 * @param {string} root the checkout
 * @param {(line: string) => void} say hears what is done, one line each
 */
export function buildPage(root, say) {
  if (isBuilt(root)) return
  const started = performance.now()
  // Beside the old one, which a daemon may be serving, and then in its place.
  const folder = join(root, 'dist', 'ui')
  const fresh = `${folder}.${process.pid}`
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const words = [vite, 'build', '--logLevel', 'error', '--outDir', fresh]
  // Whoever runs tests has another word there, by which the page would come out twice as large.
  const env = { ...process.env, NODE_ENV: 'production' }
  const built = spawnSync(pinnedNode(root), words, { cwd: root, encoding: 'utf8', env })
  if (built.status !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    const why = `${built.stderr ?? ''}${built.stdout ?? ''}`.trim() || (built.error?.message ?? 'vite was stopped')
    say(`The web page could not be built, and will be missing: ${why}`)
    return
  }
  writeFileSync(join(fresh, stamp), sourcesHash(root))
  try {
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    // Somebody else has built the same, and was faster.
    if (!isBuilt(root)) throw error
  }
  say(`Built the web page in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
}

const stamp = '.built-from'

/**
 * True when the page is built from the sources as they are; also where there are none.
 *
 * @param {string} root
 */
export function isBuilt(root) {
  if (!existsSync(join(root, 'src', 'ui', 'index.html'))) return true
  const file = join(root, 'dist', 'ui', stamp)
  if (!existsSync(file)) return false
  // Every command asks: reading all sources takes a tenth of the time that a command has.
  const builtMs = statSync(file).mtimeMs
  if (sources.every(source => isOlder(join(root, source), builtMs))) return true
  if (readFileSync(file, 'utf8') !== sourcesHash(root)) return false
  // A branch was changed and changed back.
  utimesSync(file, new Date(), new Date())
  return true
}

/**
 * True when nothing at a path has been written, added or taken away since a time.
 *
 * @param {string} path
 * @param {number} timeMs
 * @returns {boolean}
 */
function isOlder(path, timeMs) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found || found.mtimeMs > timeMs) return false
  return !found.isDirectory() || readdirSync(path).every(name => isOlder(join(path, name), timeMs))
}

/** @param {string} root */
function sourcesHash(root) {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const path of filesIn(root, source))
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(root, path)))
        .update('\0')
  }
  return hash.digest('hex')
}

/**
 * A file, or all files in a folder, in the same order everywhere.
 *
 * @param {string} root
 * @param {string} source
 * @returns {string[]}
 */
function filesIn(root, source) {
  if (!existsSync(join(root, source))) return []
  if (/\.\w+$/.test(source)) return [source]
  return readdirSync(join(root, source), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => (entry.isDirectory() ? filesIn(root, `${source}/${entry.name}`) : [`${source}/${entry.name}`]))
}
