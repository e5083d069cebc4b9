/** A promise that the language makes, and the tests that fail when it is broken. */
export interface Sentence {
  readonly sentence: string
  /** `file below tests/ > title of the test`. */
  readonly tests: readonly string[]
  /** What is still to come before the whole of it holds; the tests show what holds today. */
  readonly pending?: string
}

export function says(sentence: string, ...tests: string[]): Sentence {
  return { sentence, tests }
}

export function awaits(pending: string, sentence: string, ...tests: string[]): Sentence {
  return { sentence, tests, pending }
}
