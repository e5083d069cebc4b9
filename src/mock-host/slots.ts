/** A fixed number of places; who finds none free waits in line. */
export interface Slots {
  readonly running: number
  readonly waiting: number
  /** Waits for a place, or rejects when the signal says that nobody needs it any more. */
  take(signal: AbortSignal): Promise<Disposable>
}

/** Places for a number of requests at once, given out first come, first served. */
export function createSlots(count: number): Slots {
  return new Line(count)
}

class Line implements Slots {
  readonly #count: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(count: number) {
    this.#count = count
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async take(signal: AbortSignal): Promise<Disposable> {
    if (this.#running < this.#count) this.#running += 1
    else await this.#turn(signal)
    return { [Symbol.dispose]: once(() => this.#leave()) }
  }

  /** Resolves when a place is handed over; it stays counted as taken in between. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason)
      }
      this.#waiting.push(enter)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    action()
  }
}
