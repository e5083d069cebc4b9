import type { Program } from '../compiler/program.ts'
import type { Cause } from '../model/journal-event.ts'
import { pathAround } from './path.ts'

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
  readonly #catches: (path: string, cause: Cause) => boolean
  /** By path, in the order of their beginning: blocks before what they hold. The number counts attempts, of a block tries. */
  readonly #open = new Map<string, number>()
  readonly #failures = new Map<string, Cause>()
  /** Failures whose handlers run. */
  readonly #held = new Map<string, Cause>()

  /** `catches` tells whether a step deals with its own failure: goes on, tries again or runs a handler. */
  constructor(program: Program, catches: (path: string, cause: Cause) => boolean) {
    this.#program = program
    this.#catches = catches
  }

  /** Notes that an execution, and so the blocks around it, are under way: at a further attempt, or at the one it is at. */
  open(path: string, attempt = this.#open.get(path) ?? 1): void {
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

  /** Notes that an execution failed: it and the blocks around it fail, up to one that deals with the failure. */
  fail(path: string, cause: Cause): void {
    let first = cause
    for (const ending of [path, ...this.#blocksAround(path)]) {
      // A handler that fails gives way to the failure that it was to handle.
      first = this.#held.get(ending) ?? first
      if (!this.#failures.has(ending)) this.#failures.set(ending, first)
      if (this.#catches(ending, first)) return
    }
    if (!this.#failures.has(wholeRun)) this.#failures.set(wholeRun, first)
  }

  /** The first failure of an execution or inside a block, or in the whole run. */
  causeOf(block: string = wholeRun): Cause | undefined {
    return this.#failures.get(block)
  }

  /** Takes back that a step has failed: it is tried again. */
  recover(path: string): void {
    this.#failures.delete(path)
  }

  /** Takes back that a step has failed, as long as its handler does not fail. */
  hold(path: string): Cause | undefined {
    const cause = this.#failures.get(path)
    if (cause) this.#held.set(path, cause)
    this.#failures.delete(path)
    return cause
  }

  /** True for a step whose handler has begun. */
  isHeld(path: string): boolean {
    return this.#held.has(path)
  }

  /** Forgets all failures: what comes now runs whatever happened. */
  forget(): void {
    this.#failures.clear()
  }

  /** True inside a block that has failed. */
  isEnding(path: string): boolean {
    return [...this.#blocksAround(path), wholeRun].some(block => this.#failures.has(block))
  }

  /** The paths of the blocks around an execution, innermost first. */
  #blocksAround(path: string): string[] {
    const blocks: string[] = []
    for (let around = pathAround(this.#program, path); around !== undefined; ) {
      blocks.push(around)
      around = pathAround(this.#program, around)
    }
    return blocks
  }
}
