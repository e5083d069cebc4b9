import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { checkAgent } from '../../src/checker/agent.ts'
import { check, type Checked } from '../../src/checker/check.ts'
import type { Library } from '../../src/checker/library.ts'
import { shelve } from '../../src/checker/shelf.ts'
import { FailureReason } from '../../src/model/failure.ts'
import { Json } from '../../src/model/json.ts'
import { parseAgent, parseWorkflow } from '../../src/parser/parse.ts'
import { generatedLibrary } from '../generators/workflow-source.ts'

/** A failure instead of an answer. */
const Failing = z.strictObject({ fails: FailureReason })

/** How an execution ends: what it answers with, or `{ fails: <reason> }`. */
export type Reply = z.infer<typeof Failing> | Json

/**
 * One way through a workflow. `answers` has, by the path or the id of a step, its reply; a list is one reply for each
 * execution in turn. What was sent first is answered first, but for the steps that are `slow`.
 */
const Way = z.strictObject({
  inputs: z.record(z.string(), Json).default({}),
  answers: z.record(z.string(), Json).default({}),
  slow: z.array(z.string()).default([]),
  /** These are never answered: they end by their timeout, or are cancelled. */
  silent: z.array(z.string()).default([]),
  /** Events that come for the run, each with its value: when what is not slow has been answered. */
  events: z.record(z.string(), Json).default({}),
  /** A person cancels the run when this path is under way. */
  'cancelled-at': z.string().optional(),
})
export type Way = z.infer<typeof Way>

export function isFailing(reply: Reply): reply is z.infer<typeof Failing> {
  return Failing.safeParse(reply).success
}

export const casesFolder = fileURLToPath(new URL('../cases/patterns/', import.meta.url))

/** The names of the folders, `<number>-<name>`. */
export const folders: readonly string[] = readdirSync(casesFolder).sort()

export function fileOf(folder: string, name: string): string {
  return readFileSync(join(casesFolder, folder, name), 'utf8')
}

/** The ways through the workflow of a folder, by name. */
export function waysOf(folder: string): Readonly<Record<string, Way>> {
  return z.record(z.string(), Way).parse(parse(fileOf(folder, 'answers.yaml')))
}

/** The workflow of a folder, checked beside its template or the workflow it calls, with the agents of the repository. */
export function checkedCase(folder: string): Checked {
  return check(parseWorkflow(fileOf(folder, 'workflow.yaml'), `workflows/${folder}.yaml`), libraryOf(folder))
}

const agentsFolder = fileURLToPath(new URL('../../agents/', import.meta.url))
const agents = readdirSync(agentsFolder).flatMap(name => {
  const document = parseAgent(readFileSync(join(agentsFolder, name), 'utf8'), `agents/${name}`)
  const { agent } = checkAgent(document)
  return agent ? [{ agent, document }] : []
})

function libraryOf(folder: string): Library {
  return {
    ...generatedLibrary,
    agents: shelve(agents, []).agents,
    templates: beside(folder, 'templates', 'workflows/templates'),
    workflows: beside(folder, 'workflows', 'workflows'),
  }
}

function beside(folder: string, kind: string, under: string): Library['workflows'] {
  const path = join(casesFolder, folder, kind)
  const names = existsSync(path) ? readdirSync(path) : []
  return new Map(
    names.map(name => [
      name.replace('.yaml', ''),
      parseWorkflow(readFileSync(join(path, name), 'utf8'), `${under}/${name}`),
    ]),
  )
}
