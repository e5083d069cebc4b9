import fc from 'fast-check'
import { test } from 'vitest'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { cases } from '../generators/cases.ts'
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

/**
 * Holds many laws against the same runs: a run costs more than to look at it. A law that a run breaks is asked again by
 * itself, so that what is shown is the least run that breaks it.
 */
export function lawsOfRuns(): (name: string, law: Law) => void {
  const laws = new Map<string, Law>()
  let broken: Map<string, unknown> | undefined
  return (name, law) => {
    laws.set(name, law)
    test(name, () => {
      broken ??= brokenLaws(laws)
      if (!broken.has(name)) return
      const property = fc.property(stories, story => check(law, told(story)))
      fc.assert(property, cases(1000))
      throw broken.get(name)
    })
  }
}

function brokenLaws(laws: ReadonlyMap<string, Law>): Map<string, unknown> {
  const broken = new Map<string, unknown>()
  for (const story of fc.sample(stories, cases(1000))) {
    let drive: Drive
    try {
      drive = told(story)
    } catch (problem) {
      // A run that does not come to its end breaks them all.
      return new Map([...laws.keys()].map(name => [name, problem]))
    }
    for (const [name, law] of laws) {
      try {
        if (!broken.has(name)) check(law, drive)
      } catch (problem) {
        broken.set(name, problem)
      }
    }
  }
  return broken
}

function check(law: Law, drive: Drive): void {
  law(drive, placesOf(drive.sound.workflow))
}

/** True when nothing in a run failed, not even for a while, so that the order of answers can decide nothing. */
export function isSmooth({ events }: Drive): boolean {
  const isRough = bodiesOf(events, 'step-settled').some(({ status }) => status === 'failed' || status === 'cancelled')
  return !isRough && bodiesOf(events, 'failure-caught').length + bodiesOf(events, 'attempt-rejected').length === 0
}
