// npm run check: everything that must hold before a change is handed over, one line a stage. Name stages to run only those.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinnedNode } from './pinned-node.js'
import { setUp } from './setup.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const installed = (/** @type {string} */ path) => join(root, 'node_modules', path)

/** @type {readonly (readonly [name: string, words: readonly string[]])[]} */
const stages = [
  ['types', [installed('typescript/bin/tsc'), '-p', '.']],
  // The page knows a browser and no Node, the rest the other way round.
  ['types', [installed('typescript/bin/tsc'), '-p', join('src', 'ui')]],
  ['format', [installed('@biomejs/biome/bin/biome'), 'format']],
  [
    'lint',
    [installed('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', 'src', 'tests', 'bench', 'scripts', 'bin'],
  ],
  ['dead code', [installed('knip/bin/knip.js'), '--no-progress']],
  ['schemas', [join(root, 'scripts', 'schemas.ts'), '--check']],
  ['reference', [join(root, 'scripts', 'language-reference.ts'), '--check']],
  ['tests', [installed('vitest/vitest.mjs'), 'run']],
]

await setUp(root).catch(error => {
  console.error(`set-up: ${error.message}`)
  process.exit(1)
})
const wanted = process.argv.slice(2)
for (const [name, words] of stages) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  if (name === 'schemas' && !existsSync(join(root, 'scripts', 'schemas.ts'))) continue
  if (!runStage(name, words)) process.exitCode = 1
}

/**
 * Runs one stage; what it had to say is shown only when it failed.
 *
 * @param {string} name
 * @param {readonly string[]} words
 */
function runStage(name, words) {
  const started = performance.now()
  const stage = spawnSync(pinnedNode(root), words, { cwd: root, encoding: 'utf8', maxBuffer: Infinity })
  const isGreen = stage.status === 0
  console.log(`${isGreen ? '✓' : '✗'} ${name.padEnd(10)} ${((performance.now() - started) / 1000).toFixed(1)} s`)
  if (!isGreen) console.log(`${stage.stdout}${stage.stderr}`.trimEnd())
  return isGreen
}
