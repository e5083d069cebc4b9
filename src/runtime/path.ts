import type { Program, StepEntry } from '../compiler/program.ts'

/** The id of the step that a path names an execution of. */
export function stepIdOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The id of a step in its own file: those of a template come after the id of its use, with a hyphen between them. */
export function writtenIdOf(stepId: string): string {
  return /[^-]+(-\d+)?$/.exec(stepId)?.[0] ?? stepId
}

/** The row of the step that a path names an execution of; none for the whole run. */
export function entryAt(program: Program, path: string): StepEntry | undefined {
  return program.steps[stepIdOf(path)]
}

/** The path of the step around an execution, or that it is attached to; undefined at the top. */
export function pathAround(program: Program, path: string): string | undefined {
  const entry = entryAt(program, path)
  if (entry?.parent === undefined) return undefined
  const counters = entry.frames.length - (program.steps[entry.parent]?.frames.length ?? 0)
  const before = path.split('/').slice(0, -1)
  // A block with counters stands in the path itself, `refine/2/judge`; others leave no mark.
  return counters > 0 ? before.slice(0, -counters).join('/') : [...before, entry.parent].join('/')
}

/** The counters of a path: `{ refine: 2 }` for `refine/2/judge`. */
export function turnsOf(program: Program, path: string): Readonly<Record<string, number>> {
  const numbers = path
    .split('/')
    .slice(0, -1)
    .filter(part => /^\d+$/.test(part))
  const frames = entryAt(program, path)?.frames ?? []
  return Object.fromEntries(frames.map(({ counter }, index) => [counter, Number(numbers[index])]))
}

/** Compares paths by where their steps stand in the file, blocks before what they hold, turn after turn: for `sort`. */
export function comparePaths(program: Program): (one: string, other: string) => number {
  const ranks = new Map(Object.keys(program.steps).map((id, rank) => [id, rank]))
  const rankOf = (part: string | undefined): number => (part === undefined ? -1 : (ranks.get(part) ?? Number(part)))
  return (one, other) => {
    const [parts, others] = [one.split('/'), other.split('/')]
    const place = parts.findIndex((part, index) => part !== others[index])
    return place === -1 ? parts.length - others.length : rankOf(parts[place]) - rankOf(others[place])
  }
}
