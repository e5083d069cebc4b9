/** The one status vocabulary of page, terminal and trace, and its glyphs. */
export const glyphs = {
  waiting: '·',
  running: '▶',
  succeeded: '✓',
  failed: '✗',
  retrying: '↻',
  paused: '‖',
  skipped: '–',
  asking: '?',
  reused: '♻',
  cancelled: '⊘',
} as const
export type StatusWord = keyof typeof glyphs
