import type { Hunk } from './merge-lines.ts'

/** Whole lines of a merged text, and what each side has in their place. */
export interface Segment {
  readonly text: string
  readonly ours: string
  readonly theirs: string
  readonly isConflict: boolean
}

/** How conflicts are marked. */
export interface Markers {
  readonly size: number
  readonly ours: string
  readonly theirs: string
}

/** Lines that are settled. */
export function settled(text: string, ours: string, theirs: string): Segment {
  return { text, ours, theirs, isConflict: false }
}

/** Lines between which a person has to choose. */
export function conflict(ours: string, theirs: string): Segment {
  return { text: ours, ours, theirs, isConflict: true }
}

/** The segments of texts that were merged line by line. */
export function segmentsOf(hunks: readonly Hunk[]): Segment[] {
  return hunks.map(({ isConflict, merged, ours, theirs }) => ({
    text: merged.join(''),
    ours: ours.join(''),
    theirs: theirs.join(''),
    isConflict,
  }))
}

/** The merged text, with the two sides of each conflict between markers. */
export function render(segments: readonly Segment[], { size, ours, theirs }: Markers): string {
  const line = (mark: string, label: string): string => `${`${mark.repeat(size)} ${label}`.trimEnd()}\n`
  return segments
    .map(segment =>
      segment.isConflict
        ? line('<', ours) + segment.ours + line('=', '') + segment.theirs + line('>', theirs)
        : segment.text,
    )
    .join('')
}

/**
 * The segments of a step with the dash that its first line begins with; undefined where one side would have to do
 * without.
 */
export function dashed(segments: readonly Segment[], column: number): Segment[] | undefined {
  const index = segments.findIndex(({ ours, text, theirs, isConflict }) => {
    return isConflict ? isMore(ours) || isMore(theirs) : isMore(text)
  })
  const first = segments[index]
  if (!first) return undefined
  if (first.isConflict && !(isMore(first.ours) && isMore(first.theirs))) return undefined
  const [text, ours, theirs] = [first.text, first.ours, first.theirs].map(each => withDash(each, column))
  return segments.with(index, { ...first, text: text ?? '', ours: ours ?? '', theirs: theirs ?? '' })
}

/** True for a text that is more than comments. */
function isMore(text: string): boolean {
  return /^[ \t]*[^\s#]/m.test(text)
}

function withDash(text: string, column: number): string {
  const start = text.search(/^[ \t]*[^\s#]/m)
  return start === -1 ? text : `${text.slice(0, start + column)}-${text.slice(start + column + 1)}`
}
