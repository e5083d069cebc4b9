import type { Program } from '../compiler/program.ts'
import type { Cause } from '../model/journal-event.ts'

/** The run itself, where a block's path stands for a block. */
const wholeRun = ''

/**
 * Which executions are under way, and which blocks a failure has ended.
 *
 * A failure ends the blocks around it in the order of the journal, before their actors hear of it: what would begin
 * inside them in the meantime must not.
 */
export class Progress {
  readonly #program: Program
  /** By path, in the order of their beginning: blocks before what they hold. The number counts attempts. */
  readonly #open = new Map<string, number>()
  readonly #failures = new Map<string, Cause | undefined>()

  constructor(program: Program) {
    this.#program = program
  }

  /** Notes that an execution, and so the blocks around it, are under way. */
  open(path: string, attempt: number): void {
    for (const block of this.#blocksAround(path).toReversed()) if (!this.#open.has(block)) this.#open.set(block, 1)
    this.#open.set(path, attempt)
  }

  close(path: string): void {
    this.#open.delete(path)
  }

  /** The attempt that an execution is at; undefined when it is not under way. */
  attemptOf(path: string): number | undefined {
    return this.#open.get(path)
  }

  /** What is under way inside a block, or in the whole run: newest first, so that blocks come after what they hold. */
  openWithin(block?: string): string[] {
    const paths = [...this.#open.keys()].toReversed()
    return block === undefined ? paths : paths.filter(path => this.#blocksAround(path).includes(block))
  }

  /** Notes that an execution failed: the blocks around it fail with it, up to one that goes on after an error. */
  fail(path: string, cause: Cause | undefined): void {
    for (const ending of [path, ...this.#blocksAround(path)]) {
      if (ending !== path && !this.#failures.has(ending)) this.#failures.set(ending, cause)
      if (this.#stepAt(ending)?.work.onError === 'continue') return
    }
    if (!this.#failures.has(wholeRun)) this.#failures.set(wholeRun, cause)
  }

  /** The first failure inside a block, or in the whole run. */
  causeOf(block: string = wholeRun): Cause | undefined {
    return this.#failures.get(block)
  }

  /** True inside a block that has failed. */
  isEnding(path: string): boolean {
    return [...this.#blocksAround(path), wholeRun].some(block => this.#failures.has(block))
  }

  /** The paths of the blocks around an execution, innermost first. */
  #blocksAround(path: string): string[] {
    const blocks: string[] = []
    for (let block = this.#blockOf(path); block !== undefined; block = this.#blockOf(block)) blocks.push(block)
    return blocks
  }

  #blockOf(path: string): string | undefined {
    const parent = this.#stepAt(path)?.parent
    if (parent === undefined) return undefined
    const prefix = path.slice(0, path.lastIndexOf('/') + 1)
    // A loop's steps stand below its path and a turn, `refine/2/judge`; other blocks leave no mark in a path.
    return this.#program.steps[parent]?.work.kind === 'loop' ? prefix.replace(/\/\d+\/$/, '') : `${prefix}${parent}`
  }

  #stepAt(path: string): Program['steps'][string] | undefined {
    return this.#program.steps[path.slice(path.lastIndexOf('/') + 1)]
  }
}
