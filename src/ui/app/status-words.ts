import type { StatusWord } from '../../model/glyph.ts'
import type { Doing, Step } from '../api/answers.ts'

/** What people read for each status; everything else is its own word. */
const words: Readonly<Partial<Record<StatusWord, string>>> = { asking: 'waiting for a person' }

/** The word, and so the glyph and the colour, of a step. */
export function wordOfStep({ status, attempts, isReused }: Step): StatusWord {
  if (status === 'waiting' && attempts.at(-1)?.waiting?.for === 'answer') return 'asking'
  return status === 'succeeded' && isReused ? 'reused' : status
}

/** The word of a run that may wait for a person. */
export function wordOfRun(status: Doing, asksSomebody: boolean): StatusWord {
  return status === 'waiting' && asksSomebody ? 'asking' : status
}

/** What people read for a status. */
export function wordText(word: StatusWord): string {
  return words[word] ?? word
}
