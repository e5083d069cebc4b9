import type { ReactElement } from 'react'
import { glyphs, type StatusWord } from '../../model/glyph.ts'
import { wordText } from './status-words.ts'

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
