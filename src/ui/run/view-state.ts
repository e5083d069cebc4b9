import { create } from 'zustand'

interface ViewState {
  readonly mode: 'graph' | 'list'
  /** True while the selection goes where the work is. */
  readonly isFollowing: boolean
  readonly isOnlyFailed: boolean
  readonly isHelpOpen: boolean
}

/** How a run is looked at; it holds from one run to the next. */
export const useViewState = create<ViewState>(() => ({
  mode: 'graph',
  isFollowing: false,
  isOnlyFailed: false,
  isHelpOpen: false,
}))

/** Turns one of the switches. */
export function toggle(key: 'isFollowing' | 'isOnlyFailed' | 'isHelpOpen'): void {
  useViewState.setState(state => ({ [key]: !state[key] }))
}

export function switchMode(): void {
  useViewState.setState(({ mode }) => ({ mode: mode === 'graph' ? 'list' : 'graph' }))
}
