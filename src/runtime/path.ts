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

/**
 * Compares paths by when their executions end if all end in the order of the file: turn after turn, and what a block
 * holds before the block. For `sort`.
 */
export function comparePaths({ steps }: Program): (one: string, other: string) => number {
  const inside = Map.groupBy(Object.keys(steps), id => steps[id]?.parent)
  const endsOf = (block?: string): string[] => (inside.get(block) ?? []).flatMap(id => [...endsOf(id), id])
  const ranks = new Map(endsOf().map((id, rank) => [id, rank]))
  const rankOf = (part = ''): number => ranks.get(part) ?? Number(part)
  return (one, other) => {
    const [parts, others] = [one.split('/'), other.split('/')]
    const place = parts.findIndex((part, index) => part !== others[index])
    const isAround = place === -1 || others[place] === undefined
    return isAround ? others.length - parts.length : rankOf(parts[place]) - rankOf(others[place])
  }
}
