#!/usr/bin/env node
// Plain JavaScript for any Node from 20 on: finds the Node that Orchestrate needs and hands over to it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src', 'cli', 'main.ts')
const build = join(root, 'dist', 'cli', 'main.js')
const words = process.argv.slice(2)
const remedy = `this is ${process.versions.node}. Get a newer one from https://nodejs.org.`

if (existsSync(source)) await startCheckout()
else startPackage()

/** A checkout runs its TypeScript as it stands, on the Node that its packages bring. */
async function startCheckout() {
  if (!isAtLeast(20, 0)) return refuse(`A checkout needs Node 20 or newer to set itself up; ${remedy}`)
  // Only a checkout has scripts, so they cannot be imported at the top.
  const { setUp } = await import('../scripts/setup.js')
  const { pinnedNode } = await import('../scripts/pinned-node.js')
  try {
    await setUp(root)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SetupFailure') throw error
    return refuse(`Node 24, which a checkout runs on, is not ready. ${error.message}`)
  }
  launch(pinnedNode(root), [source, ...words], process.env, true)
}

/** The published package is compiled, and runs on whatever Node started it, if that is new enough. */
function startPackage() {
  if (!existsSync(build)) return refuse(`This installation is incomplete: ${build} is missing. Install it again.`)
  if (!isAtLeast(22, 13)) return refuse(`Orchestrate needs Node 22.13 or newer; ${remedy}`)
  launch(process.execPath, [build, ...words], process.env, true)
}

/**
 * @param {number} major
 * @param {number} minor
 */
function isAtLeast(major, minor) {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

/** @param {string} message */
function refuse(message) {
  console.error(`orchestrate: ${message}`)
  process.exitCode = 1
}
