/** A fixed number of places; who finds none free waits in line. */
export interface Slots {
  readonly running: number
  readonly waiting: number
  /** Waits for a place, or rejects when the signal says that nobody needs it any more. */
  take(signal: AbortSignal): Promise<Disposable>
}

/** Places for a number of requests at once, given out first come, first served. */
export function createSlots(count: number): Slots {
  let running = 0
  const line: (() => void)[] = []
  const leave = (): void => {
    const next = line.shift()
    if (next) next()
    else running -= 1
  }
  const place = (): Disposable => ({ [Symbol.dispose]: once(leave) })
  return {
    get running() {
      return running
    },
    get waiting() {
      return line.length
    },
    take(signal) {
      if (running < count) {
        running += 1
        return Promise.resolve(place())
      }
      return new Promise((resolve, reject) => {
        const enter = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve(place())
        }
        const giveUp = (): void => {
          line.splice(line.indexOf(enter), 1)
          reject(signal.reason)
        }
        line.push(enter)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
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
