import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from '../generators/cases.ts'
import { generatedLibrary, workflowSource } from '../generators/workflow-source.ts'
import { writtenSteps } from '../generators/written-steps.ts'
import { dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { idOf, placesOf } from './places.ts'
import { soundProgram } from './sound-program.ts'

/** Lets some prompt read some step, whether it may or not. */
function withAnyRead(
  source: WorkflowSource,
  reader: number,
  target: number,
): { source: WorkflowSource; ids: [string, string] } | undefined {
  const copy = structuredClone(source)
  const steps = writtenSteps([...copy.steps, ...(copy.finally ?? [])])
  const prompts = steps.filter(step => typeof step.prompt === 'string' && step.id !== undefined)
  const [from, to] = [prompts[reader % prompts.length], steps[target % steps.length]]
  if (from?.id === undefined || to?.id === undefined) return undefined
  from.prompt = `${String(from.prompt)} \${steps.${to.id}.status}`
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
    cases(1000),
  )
  expect(Math.min(refused, read)).toBeGreaterThan(cases(1000).numRuns / 20)
})

/** In the turns, items and tries that both steps are in, the one that is read never settles after the other began. */
function expectNoLaterSettlement({ events, sound }: Drive, [reader, target]: [string, string]): void {
  const places = placesOf(sound.workflow)
  const [here, there] = [reader, target].map(id => places.get(id))
  // A handler reads the step that has failed; that settles when the handler has ended.
  if (here?.around.some(place => place === there)) return
  const shared = here?.around.filter(place => there?.around.includes(place)).at(-1)
  const inside = shared && [here, there].map(place => place?.around[shared.around.length + 1] ?? place)
  const depth = inside ? Math.min(...inside.map(place => place?.depth ?? 0)) : 0
  const turnOf = (path: string): string => path.split('/').slice(0, depth).join('/')
  const begun = new Set<string>()
  for (const { body } of events) {
    if (body.type === 'attempt-started' && idOf(body.path) === reader) begun.add(turnOf(body.path))
    if (body.type === 'step-settled' && idOf(body.path) === target)
      expect(begun.has(turnOf(body.path)), `${target} settles after ${reader} has read it`).toBe(false)
  }
}
