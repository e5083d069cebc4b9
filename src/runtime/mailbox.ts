import type { Json } from '../model/json.ts'

/** Events that came for a run, by name, until a step that waits for one takes it: none is lost for coming early. */
export class Mailbox {
  readonly #letters = new Map<string, Json[]>()

  put(event: string, value: Json): void {
    this.#letters.set(event, [...(this.#letters.get(event) ?? []), value])
  }

  /** The oldest event of a name, which stays until it is taken. */
  first(event: string): { readonly value: Json } | undefined {
    const value = this.#letters.get(event)?.[0]
    return value === undefined ? undefined : { value }
  }

  take(event: string): void {
    const [, ...rest] = this.#letters.get(event) ?? []
    if (rest.length > 0) this.#letters.set(event, rest)
    else this.#letters.delete(event)
  }
}
