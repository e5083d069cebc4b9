import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { useRunStore } from '../live/run-store.ts'
import { firstToShow } from './run-view.ts'
import { type Selected, selectedIn, selecting } from './selected.ts'

export interface Selection extends Selected {
  select(path: string | undefined, attempt?: number): void
}

/** The one selection of a run's page, which the address holds: `?step=refine/2/judge&try=2`. */
export function useSelection(): Selection {
  const [search, setSearch] = useSearchParams()
  const first = useRunStore(({ live }) => live && firstToShow(live))
  return useMemo(
    () => ({
      ...selectedIn(search, first),
      select: (path, attempt) => setSearch(before => selecting(before, path, attempt), { replace: true }),
    }),
    [search, first, setSearch],
  )
}
