// npm test: sets the checkout up, then runs the tests on its own Node. `--nightly` asks every law of many more cases.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from '../bin/launch.js'
import { pinnedNode } from './pinned-node.js'
import { installPackage, isDebian, isOnPath, isRoot } from './debian.js'
import { installApart } from './install-apart.js'
import { setUp } from './setup.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
const isNightly = words.includes('--nightly')
/** Folders whose tests need packages of their own. */
const apart = ['tests/openapi-client', 'tests/inspect-v4']

try {
  await setUp(root)
  process.chdir(root)
  for (const folder of apart) installApart(join(root, folder))
  bringBrowser()
  if (isNightly) bringFaults()
  launch(
    pinnedNode(root),
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...words.filter(word => word !== '--nightly')],
    isNightly ? nightly() : process.env,
  )
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'SetupFailure') throw error
  console.error(`set-up: ${error.message}`)
  process.exitCode = 1
}

/** What a forge and our page draw is looked at in a real browser. */
function bringBrowser() {
  if (isOnPath('chromium')) return
  console.error('set-up: installing Chromium, in which pages are tested; this takes a minute.')
  if (isDebian && isRoot && installPackage('chromium')) return
  console.error('set-up: the tests of pages need Chromium; on Debian, as root: apt-get install chromium')
}

/** Disks that fail are played by `fiu-run`, which only the nightly tests need. */
function bringFaults() {
  if (isOnPath('fiu-run') || (isDebian && isRoot && installPackage('fiu-utils'))) return
  console.error('set-up: the tests of failing disks need fiu-run; on Debian, as root: apt-get install fiu-utils')
}

/** Ten times as many cases of each law, from a seed of its own that is said: what it finds can be found again. */
function nightly() {
  const seed = process.env.ORCHESTRATE_SEED ?? String(Math.floor(Math.random() * 2 ** 31))
  console.log(`ORCHESTRATE_SEED=${seed}`)
  return { ORCHESTRATE_TIMES: '10', ...process.env, ORCHESTRATE_SEED: seed }
}
