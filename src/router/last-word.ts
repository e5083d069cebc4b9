import { type FailureReason, isTerminal } from '../model/failure.ts'
import type { CallState, FleetState, Problem } from './fleet-state.ts'

/** What a call that no host has answered is told: the most hopeful of its failures, and how often it was tried. */
export function lastWord(state: FleetState, call: CallState, now: number): { reason: FailureReason; message: string } {
  const { problems } = call
  const told = problems.findLast(problem => !isTerminal(problem.reason)) ?? problems.at(-1)
  if (told) return { reason: told.reason, message: told.message + allOf(call) }
  const known = knownProblem(state, call, now)
  if (known) return known
  if (now >= call.deadlineMs) return { reason: 'Timeout', message: `No host was free for ${modelsOf(call)} in time.` }
  const message = `None of the hosts declared for ${modelsOf(call)} serves it. Look at \`on:\` and the hosts' \`models:\` in orchestrate.yaml.`
  return { reason: 'ModelNotFound', message }
}

/** Why the hosts of a call that was never sent take no calls. */
function knownProblem(state: FleetState, call: CallState, now: number): Problem | undefined {
  const hosts = call.options.flatMap(({ target }) =>
    target.hosts
      .flatMap(name => state.hosts.get(name) ?? [])
      .filter(host => host.isOut || host.lostModels.has(target.servedAs) || host.closedUntilMs > now),
  )
  const problems = hosts.flatMap(host => host.lastProblem ?? [])
  return problems.find(problem => !isTerminal(problem.reason)) ?? problems[0]
}

function allOf({ problems }: CallState): string {
  if (problems.length < 2) return ''
  return ` (${problems.length} tries: ${problems.map(problem => `${problem.host} ${problem.reason}`).join(', ')}.)`
}

function modelsOf({ options }: CallState): string {
  return options.map(option => `\`${option.target.name}\``).join(', ')
}
