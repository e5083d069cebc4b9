import { tryCounter } from '../compiler/frames.ts'
import type { Program, StepEntry, StepWork } from '../compiler/program.ts'
import type { Message } from '../model/journal-event.ts'
import { stepIdOf } from './path.ts'
import type { RunRecord, Turns } from './record.ts'
import { toText } from './scope.ts'

type Filter = (id: string) => boolean
type PromptWork = Extract<StepWork, { kind: 'prompt' }>

/**
 * The context rule: a prompt sees the outputs of the steps upstream in document order, whoever finished first, with the
 * earlier turns of the loops around it; as the assistant what the same agent said, as the user, under its id, the rest.
 */
export class EarlierMessages {
  readonly #step: PromptWork
  readonly #entry: StepEntry
  readonly #program: Program
  readonly #record: RunRecord
  readonly #turns: Turns
  readonly #messages: Message[] = []

  constructor(step: PromptWork, entry: StepEntry, program: Program, record: RunRecord, turns: Turns) {
    this.#step = step
    this.#entry = entry
    this.#program = program
    this.#record = record
    this.#turns = turns
  }

  collect(): readonly Message[] {
    const { upstream, frames } = this.#entry
    const showsTurns = this.#entry.showsTurns && frames.length > 0
    const shown = upstream === 'all' ? this.#settledBefore() : new Set(upstream)
    const lists = [this.#program.top, this.#program.finally?.steps ?? []]
    if (shown.size > 0 || showsTurns) for (const list of lists) this.#visit(list, '', id => shown.has(id))
    return this.#messages
  }

  /** What the step, and each block around it, has waited for in its list, and what that has waited for. */
  #settledBefore(): Set<string> {
    const found = new Set<string>()
    for (let entry: StepEntry | undefined = this.#entry; entry; entry = this.#program.steps[entry.parent ?? '']) {
      const open = [...entry.after]
      // A handler comes after the step that failed, what runs whatever happened after all steps.
      if (entry.role === 'handler' && entry.parent !== undefined) open.push(entry.parent)
      if (entry.role === 'finally') open.push(...this.#program.top)
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (found.has(id)) continue
        found.add(id)
        open.push(...(this.#program.steps[id]?.after ?? []))
      }
    }
    return found
  }

  /** Says what is shown of some lists; of a block that is shown, everything is. */
  #visit(ids: readonly string[], prefix: string, isShown: Filter): void {
    for (const id of ids) {
      const entry = this.#program.steps[id]
      if (!entry) continue
      const isInsideShown = isShown(id) ? () => true : isShown
      if (entry.lists.length === 0) {
        if (isShown(id)) this.#say(id, `${prefix}${id}`)
      } else this.#visitBlock(id, entry, prefix, isInsideShown)
      const isBlockHandler = entry.lists.length > 0 || this.#isInHandlerOf(id)
      if (entry.handler && isBlockHandler) this.#visit(entry.handler, prefix, isInsideShown)
    }
  }

  /** What a handler gave stands in for a leaf already; only the handler itself sees its own steps one by one. */
  #isInHandlerOf(id: string): boolean {
    for (let entry: StepEntry | undefined = this.#entry; entry; entry = this.#program.steps[entry.parent ?? '']) {
      if (entry.role === 'handler' && entry.parent === id) return true
    }
    return false
  }

  /** A loop around the step shows its earlier turns whole and the current one as far as it has come, an `each` its item. */
  #visitBlock(id: string, entry: StepEntry, prefix: string, isShown: Filter): void {
    const path = `${prefix}${id}`
    const inner = this.#innerFrames(entry)
    const isTried = inner.some(({ counter }) => counter !== id)
    // Inside an earlier turn of a loop around it, even a block around the step is one that has ended.
    const isOwn = this.#isOwnPlace(path)
    const ownTry = isOwn ? this.#turns[tryCounter(id)] : undefined
    const tried = isTried ? `${path}/${ownTry ?? this.#record.countOf(path) - 1}` : path
    const isRepeated = inner.some(({ counter }) => counter === id)
    if (!isRepeated) return this.#visitLists(entry, isTried ? `${tried}/` : prefix, isShown)
    const isEach = entry.work.kind === 'each'
    const isAround = isOwn && this.#entry.frames.some(({ counter }) => counter === id)
    const current = this.#turns[id] ?? 0
    const count = isEach ? this.#record.items(path).length : this.#record.countOf(tried)
    const isEarlierShown: Filter = isAround ? () => this.#entry.showsTurns : isShown
    const [first, end] = isAround ? [isEach ? current : 0, current] : [0, count]
    for (let turn = first; turn < end; turn += 1) this.#visitLists(entry, `${tried}/${turn}/`, isEarlierShown)
    if (isAround) this.#visitLists(entry, `${tried}/${current}/`, isShown)
  }

  /** True for the path of a block as the step itself stands in it, or beside it. */
  #isOwnPlace(path: string): boolean {
    return this.#record.pathOf(stepIdOf(path), this.#turns) === path
  }

  /** The counters that a block adds to the paths of what is inside it. */
  #innerFrames(entry: StepEntry): StepEntry['frames'] {
    const inside = this.#program.steps[entry.lists.flat()[0] ?? '']
    return inside?.frames.slice(entry.frames.length) ?? []
  }

  #visitLists(entry: StepEntry, prefix: string, isShown: Filter): void {
    for (const list of entry.lists) this.#visit(list, prefix, isShown)
  }

  #say(id: string, path: string): void {
    const settlement = this.#record.settlement(path)
    if (settlement?.status !== 'succeeded') return
    const work = this.#program.steps[id]?.work
    if (work?.kind === 'set' && work.isInternal) return
    const isOwn = work?.kind === 'prompt' && work.agent.name === this.#step.agent.name
    const text = toText(settlement.output)
    this.#messages.push(isOwn ? { role: 'assistant', content: text } : { role: 'user', content: `${id}:\n${text}` })
  }
}
