import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Evaluation, evaluate, workflowPaths } from '../../src/controller/evaluate.ts'
import { readShelf } from '../../src/controller/shelf.ts'
import { resolveInputs } from '../../src/controller/inputs.ts'
import { folderSources } from '../../src/git/sources.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { Configuration } from '../../src/model/configuration.ts'
import type { Json } from '../../src/model/json.ts'
import type { RunStatus } from '../../src/runtime/status.ts'
import { systemClock } from '../../src/system/clock.ts'
import { openWorkspace, type Workspace } from '../../src/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const sources = await folderSources(root)

/** Agents, schemas and configuration of this repository. */
export const shelf = await readShelf(sources)

/** The workflows of this repository, checked and compiled, by name. */
export const gallery: ReadonlyMap<string, Evaluation> = new Map(
  await Promise.all(
    workflowPaths(sources).map(async path => {
      const evaluation = await evaluate(sources, shelf.library, path)
      return [evaluation.workflow, evaluation] as const
    }),
  ),
)

/** A workflow of the gallery with its program. Throws where it does not compile. */
export function compiled(workflow: string): Evaluation & { readonly program: NonNullable<Evaluation['program']> } {
  const evaluation = gallery.get(workflow)
  if (!evaluation?.program) throw new Error(`workflow ${workflow} does not compile`)
  return { ...evaluation, program: evaluation.program }
}

/** Runs a workflow of the gallery to its end: in this process, but for the answers, which come over HTTP. */
export async function runGallery(workflow: string, seed: number, given: Record<string, Json> = {}): Promise<RunStatus> {
  const evaluation = compiled(workflow)
  const resolved = resolveInputs(evaluation.program, given)
  if (!resolved.ok) throw new Error(resolved.problems.join(' '))
  await using host = await startMockHost({ profile: 'instant', seed })
  const folder = await mkdtemp(join(tmpdir(), 'orchestrate-gallery-'))
  try {
    const configuration = Configuration.parse({
      hosts: { tower: { url: host.url } },
      models: { default: { on: ['tower'], name: 'simulated' } },
    })
    await using workspace = await openWorkspace(folder, configuration, { mock: false }, ports)
    const start = { id: 'run', evaluation, inputs: resolved.inputs, case: 'manual', trigger: 'manual' as const }
    await workspace.start({ ...start, isDirty: true })
    return await settled(workspace)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const ports = {
  clock: systemClock,
  random: () => 0.5,
  log: quiet,
  environment: {},
  policy: { 'unsafe-shell': false },
}

function settled(workspace: Workspace): Promise<RunStatus> {
  return new Promise(resolve => {
    const look = (): void => {
      const status = workspace.status('run')
      if (status?.endedMs === undefined) return
      stop()
      resolve(status)
    }
    const stop = workspace.keeper.listen({ onEvents: look })
    look()
  })
}
