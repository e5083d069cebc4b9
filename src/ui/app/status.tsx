import type { ReactElement } from 'react'
import { glyphs, type StatusWord } from '../../model/glyph.ts'
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

export function wordText(word: StatusWord): string {
  return words[word] ?? word
}

/** A glyph alone: beside a word, or where the label of its element says the word. */
export function Glyph({ word }: { word: StatusWord }): ReactElement {
  return (
    <span aria-hidden="true" className={`tone-${word} inline-block w-4 text-center`} style={{ color: 'var(--tone)' }}>
      {glyphs[word]}
    </span>
  )
}

/** A status as glyph and word, in a pill. */
export function StatusPill({ word }: { word: StatusWord }): ReactElement {
  return (
    <span
      className={`tone-${word} inline-flex items-center gap-1.5 rounded-full border px-2.5 text-small font-semibold whitespace-nowrap`}
      style={{ color: 'var(--tone)', background: 'var(--tone-bg)', borderColor: 'var(--tone-line)' }}
      data-status={word}
    >
      <span aria-hidden="true">{glyphs[word]}</span>
      {wordText(word)}
    </span>
  )
}
