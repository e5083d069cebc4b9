export interface Selected {
  /** The execution that is shown everywhere; undefined where none is. */
  readonly path: string | undefined
  /** The attempt that was chosen; undefined means the last. */
  readonly attempt: number | undefined
  /** True when a person chose it, and not the page. */
  readonly isChosen: boolean
}

/**
 * What an address selects. One that names no step leaves it to the page, which shows `first`; an empty name says that a
 * person wants none, and sees the run itself.
 */
export function selectedIn(search: URLSearchParams, first: string | undefined): Selected {
  const [step, attempt] = [search.get('step'), search.get('try')]
  return {
    path: step === null ? first : step || undefined,
    attempt: attempt === null ? undefined : Number(attempt),
    isChosen: Boolean(step),
  }
}

/** The address that selects an execution, or one of its attempts, or nothing; all else in it stays. */
export function selecting(search: URLSearchParams, path: string | undefined, attempt?: number): URLSearchParams {
  const next = new URLSearchParams(search)
  next.set('step', path ?? '')
  next.delete('try')
  if (attempt !== undefined) next.set('try', String(attempt))
  return next
}
