import { allSteps } from '../model/step-lists.ts'
import type { Step } from '../model/step.ts'
import { expressionSites } from './sites.ts'

/** What a workflow asks to be allowed: all that reaches out of a run. Lists are sorted. */
export interface Permissions {
  readonly commands: boolean
  /** True where a command may use the network. */
  readonly network: boolean
  /** Hosts that are sent HTTP requests. */
  readonly hosts: readonly string[]
  /** MCP tools, `server.tool` or `server.*`: those that steps call, and those that agents may. */
  readonly tools: readonly string[]
  /** Modules whose functions are called. */
  readonly modules: readonly string[]
  readonly kilo: boolean
  readonly secrets: readonly string[]
}

/** The permissions that some steps ask for, all that is inside and attached to them included. */
export function permissionsOf(steps: readonly Step[]): Permissions {
  const all = allSteps(steps)
  return {
    commands: all.some(step => step.kind === 'run'),
    network: all.some(step => step.kind === 'run' && step.network),
    hosts: sorted(all.flatMap(step => (step.kind === 'http' ? [hostOf(step.url)] : []))),
    tools: sorted(all.flatMap(toolsOf)),
    modules: sorted(all.flatMap(step => (step.kind === 'code' ? [step.module] : []))),
    kilo: all.some(step => step.kind === 'kilo'),
    secrets: sorted(all.flatMap(secretsOf)),
  }
}

/** The host of an address, which is literal: what is computed comes after it. */
export function hostOf(url: string): string {
  return /^https?:\/\/([^/?#\s]+)/i.exec(url)?.[1]?.toLowerCase() ?? ''
}

function toolsOf(step: Step): readonly string[] {
  if (step.kind === 'tool') return [step.tool]
  return step.kind === 'prompt' ? (step.agent.tools.allow ?? []) : []
}

function secretsOf(step: Step): string[] {
  return expressionSites(step).flatMap(({ source }) => /^secrets\.(\w+)$/.exec(source)?.[1] ?? [])
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
