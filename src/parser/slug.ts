const longestId = 64

/**
 * The id that a heading gives a step; empty where it has no Latin letter.
 *
 * @example slugOf('1. Build it') // 'build_it'
 */
export function slugOf(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, longestId)
    .replace(/_$/, '')
}

/** A heading for an id; `slugOf` leads back, except from ids that no heading gives. */
export function titleOf(id: string): string {
  const words = id.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
