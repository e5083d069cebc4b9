import type { Program, StepEntry } from '../compiler/program.ts'
import type { Message } from '../model/journal-event.ts'
import type { PromptStep } from '../model/step.ts'
import type { RunRecord, Turns } from './record.ts'
import { toText } from './scope.ts'

type Filter = (id: string) => boolean

/**
 * The context rule: a prompt sees the outputs of the steps upstream in document order, whoever finished first, with the
 * earlier turns of the loops around it; as the assistant what the same agent said, as the user, under its id, the rest.
 */
export class EarlierMessages {
  readonly #step: PromptStep
  readonly #entry: StepEntry
  readonly #program: Program
  readonly #record: RunRecord
  readonly #turns: Turns
  readonly #messages: Message[] = []

  constructor(step: PromptStep, entry: StepEntry, program: Program, record: RunRecord, turns: Turns) {
    this.#step = step
    this.#entry = entry
    this.#program = program
    this.#record = record
    this.#turns = turns
  }

  collect(): readonly Message[] {
    const { upstream, showsTurns } = this.#entry
    const shown = upstream === 'all' ? this.#settledBefore() : new Set(upstream)
    if (shown.size > 0 || showsTurns) this.#visit(this.#program.top, '', id => shown.has(id))
    return this.#messages
  }

  /** What the step, and each block around it, has waited for in its list, and what that has waited for. */
  #settledBefore(): Set<string> {
    const found = new Set<string>()
    for (let entry: StepEntry | undefined = this.#entry; entry; entry = this.#program.steps[entry.parent ?? '']) {
      const open = [...entry.after]
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
      if (entry.work.kind === 'loop') this.#visitLoop(id, entry, prefix, isInsideShown)
      else if (entry.lists.length > 0) for (const list of entry.lists) this.#visit(list, prefix, isInsideShown)
      else if (isShown(id)) this.#say(id, `${prefix}${id}`)
    }
  }

  /** A loop around the step shows its earlier turns whole and the current one as far as it has come. */
  #visitLoop(id: string, entry: StepEntry, prefix: string, isShown: Filter): void {
    const path = `${prefix}${id}`
    const isAround = this.#entry.loops.includes(id)
    const current = isAround ? (this.#turns[id] ?? 0) : this.#record.turnsOf(path)
    const isEarlierShown: Filter = isAround ? () => this.#entry.showsTurns : isShown
    for (let turn = 0; turn < current; turn += 1) this.#visitTurn(entry, `${path}/${turn}/`, isEarlierShown)
    if (isAround) this.#visitTurn(entry, `${path}/${current}/`, isShown)
  }

  #visitTurn(entry: StepEntry, prefix: string, isShown: Filter): void {
    for (const list of entry.lists) this.#visit(list, prefix, isShown)
  }

  #say(id: string, path: string): void {
    const settlement = this.#record.settlement(path)
    if (settlement?.status !== 'succeeded') return
    const work = this.#program.steps[id]?.work
    const isOwn = work?.kind === 'prompt' && work.agent.name === this.#step.agent.name
    const text = toText(settlement.output)
    this.#messages.push(isOwn ? { role: 'assistant', content: text } : { role: 'user', content: `${id}:\n${text}` })
  }
}
