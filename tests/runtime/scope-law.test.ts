import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { bodyLists } from '../../src/model/step-lists.ts'
import type { Step } from '../../src/model/step.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from '../generators/cases.ts'
import { generatedLibrary, workflowSource } from '../generators/workflow-source.ts'
import { dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { soundProgram } from './sound-program.ts'

/** Every step as written, in whatever block. */
function writtenSteps(steps: readonly StepSource[]): StepSource[] {
  return steps.flatMap(step => {
    const branches = Array.isArray(step.switch) ? step.switch.map(branch => branch.steps) : []
    const lists = [
      step.parallel,
      step.steps,
      step.loop?.steps,
      step.default,
      ...Object.values(step.cases ?? {}),
      ...branches,
    ]
    return [step, ...lists.flatMap(list => writtenSteps(list ?? []))]
  })
}

/** The ids of the loops around each step, outermost first. */
function loopsAround(steps: readonly Step[], loops: readonly string[] = []): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const step of steps) {
    found.set(step.id, loops)
    const inner = step.kind === 'loop' ? [...loops, step.id] : loops
    for (const list of bodyLists(step)) for (const [id, around] of loopsAround(list, inner)) found.set(id, around)
  }
  return found
}

/** Lets some prompt read some step, whether it may or not. */
function withAnyRead(
  source: WorkflowSource,
  reader: number,
  target: number,
): { source: WorkflowSource; ids: [string, string] } | undefined {
  const copy = structuredClone(source)
  const steps = writtenSteps(copy.steps)
  const prompts = steps.filter(step => step.prompt !== undefined && step.id !== undefined)
  const [from, to] = [prompts[reader % prompts.length], steps[target % steps.length]]
  if (from?.id === undefined || to?.id === undefined) return undefined
  from.prompt = `${from.prompt} \${steps.${to.id}.status}`
  return { source: copy, ids: [from.id, to.id] }
}

test('what the checker lets a step read has settled when it is read, or never will', () => {
  let refused = 0
  let read = 0
  fc.assert(
    fc.property(workflowSource, fc.nat(), fc.nat(), fc.nat(), (sound, reader, target, seed) => {
      const changed = withAnyRead(sound, reader, target)
      if (!changed) return
      const { workflow } = check(parseWorkflow(JSON.stringify(changed.source), 'workflows/w.yaml'), generatedLibrary)
      if (!workflow) {
        refused += 1
        return
      }
      const drive = new Drive(soundProgram(changed.source)).start()
      drive.toEnd(oracle(seed, 15, workflow), dice(seed))
      read += 1
      expectNoLaterSettlement(drive, changed.ids)
    }),
    cases(500),
  )
  expect(Math.min(refused, read)).toBeGreaterThan(cases(500).numRuns / 20)
})

function expectNoLaterSettlement({ events, sound }: Drive, [reader, target]: [string, string]): void {
  const around = loopsAround(sound.workflow.steps)
  const [here, there] = [around.get(reader) ?? [], around.get(target) ?? []]
  const shared = here.findIndex((loop, index) => there[index] !== loop)
  const depth = 2 * (shared === -1 ? here.length : shared)
  const turnOf = (path: string): string => path.split('/').slice(0, depth).join('/')
  const begun = new Set<string>()
  for (const { body } of events) {
    if (body.type === 'attempt-started' && body.path.split('/').at(-1) === reader) begun.add(turnOf(body.path))
    if (body.type === 'step-settled' && body.path.split('/').at(-1) === target)
      expect(begun.has(turnOf(body.path)), `${target} settles after ${reader} has read it`).toBe(false)
  }
}
