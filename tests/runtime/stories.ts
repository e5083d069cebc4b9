import fc from 'fast-check'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { sharedLaws } from '../generators/shared-laws.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { type Place, placesOf } from './places.ts'
import { soundProgram } from './sound-program.ts'

/** What decides a run: a workflow, a seed for answers and their order, and how many of 100 attempts fail. */
export type Story = readonly [source: WorkflowSource, seed: number, failing: number]

export const stories: fc.Arbitrary<Story> = fc.tuple(workflowSource, fc.nat(), fc.constantFrom(0, 10, 30, 60))

/** Runs a story to its end. */
export function told([source, seed, failing]: Story): Drive {
  const drive = new Drive(soundProgram(source)).start()
  return drive.toEnd(oracle(seed, failing, drive.sound.workflow), dice(seed))
}

type Law = (drive: Drive, places: ReadonlyMap<string, Place>) => void

/** Holds laws against the same runs, each with the places of its steps. */
export function lawsOfRuns(): (name: string, law: Law) => void {
  const holds = sharedLaws(stories, told, 1000)
  return (name, law) => holds(name, drive => law(drive, placesOf(drive.sound.workflow)))
}

/** True when nothing in a run failed, not even for a while, so that the order of answers can decide nothing. */
export function isSmooth({ events }: Drive): boolean {
  const isRough = bodiesOf(events, 'step-settled').some(({ status }) => status === 'failed' || status === 'cancelled')
  return !isRough && bodiesOf(events, 'failure-caught').length + bodiesOf(events, 'attempt-rejected').length === 0
}
