import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { useRunStore } from '../live/run-store.ts'
import { firstToShow } from './run-view.ts'

export interface Selection {
  /** The execution that is shown everywhere; undefined where none is. */
  readonly path: string | undefined
  /** The attempt that was chosen; undefined means the last. */
  readonly attempt: number | undefined
  /** True when a person chose it, and not the page. */
  readonly isChosen: boolean
  select(path: string | undefined, attempt?: number): void
}

/** The one selection of a run's page, which the address holds: `?step=refine/2/judge&try=2`. */
export function useSelection(): Selection {
  const [search, setSearch] = useSearchParams()
  const first = useRunStore(({ live }) => live && firstToShow(live))
  const [step, attempt] = [search.get('step'), search.get('try')]
  return useMemo(
    () => ({
      path: step ?? first,
      attempt: attempt === null ? undefined : Number(attempt),
      isChosen: step !== null,
      select: (path, number) =>
        setSearch(
          before => {
            const next = new URLSearchParams(before)
            next.delete('step')
            next.delete('try')
            if (path !== undefined) next.set('step', path)
            if (number !== undefined) next.set('try', String(number))
            return next
          },
          { replace: true },
        ),
    }),
    [step, attempt, first, setSearch],
  )
}
