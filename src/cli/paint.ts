import { styleText } from 'node:util'
import type { StatusWord } from '../model/glyph.ts'

export type Style = Parameters<typeof styleText>[0]

/** A text in a style, or as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

export const plainPaint: Paint = (_style, text) => text
export const colourPaint: Paint = (style, text) => styleText(style, text, { validateStream: false })

/** How to paint on a stream: FORCE_COLOR and NO_COLOR decide, then whether it is a terminal that knows colours. */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  return usesColour(stream.isTTY === true, environment) ? colourPaint : plainPaint
}

function usesColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = environment
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  // An empty NO_COLOR counts as absent: https://no-color.org
  if (refused) return false
  return isTerminal && terminal !== 'dumb'
}

/** The colour of each status; the glyph says the same without it. */
export const statusStyles: Readonly<Record<StatusWord, Style>> = {
  waiting: 'dim',
  running: 'yellow',
  succeeded: 'green',
  failed: 'red',
  retrying: 'yellow',
  paused: 'yellow',
  skipped: 'dim',
  asking: 'magenta',
  reused: 'green',
  cancelled: 'dim',
}
