import { useEffect } from 'react'
import { useRunStore } from '../live/run-store.ts'
import { chosenAttempt, runningStep, shownSteps } from './run-view.ts'
import type { Selection } from './selection.ts'
import { switchMode, toggle, useViewState } from './view-state.ts'

/** What each key does, for the page of keys. */
export const keyList: readonly (readonly [keys: string, does: string])[] = [
  ['j  k', 'next and previous step'],
  ['[  ]', 'earlier and later attempt of the step'],
  ['G', 'graph or list'],
  ['F', 'follow what is running'],
  ['!', 'only what failed'],
  ['Esc', 'select nothing: the run itself is shown'],
  ['← ↑ → ↓', 'in the graph: to the step that lies there'],
  ['?', 'this page'],
]

/** Lets a run be read without a mouse; keys are left alone while somebody types. */
export function useRunKeys(selection: Selection): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      // What has been done with it already is a dialog that closed.
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (press(event.key, selection)) event.preventDefault()
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [selection])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
}

/** Does what a key means; false where it means nothing. */
function press(key: string, selection: Selection): boolean {
  if (key === 'j' || key === 'k') moveStep(selection, key === 'j' ? 1 : -1)
  else if (key === '[' || key === ']') moveAttempt(selection, key === ']' ? 1 : -1)
  else if (key === 'g' || key === 'G') switchMode()
  else if (key === 'f' || key === 'F') toggle('isFollowing')
  else if (key === '!') toggle('isOnlyFailed')
  else if (key === '?') toggle('isHelpOpen')
  else if (key === 'Escape') selectNothing(selection)
  else return false
  return true
}

/** Shows the run itself; what works is not followed any more, for that would select it again. */
export function selectNothing({ select }: Pick<Selection, 'select'>): void {
  useViewState.setState({ isFollowing: false })
  select(undefined)
}

function moveStep({ path, select }: Selection, by: number): void {
  const { live } = useRunStore.getState()
  if (!live) return
  useViewState.setState({ isFollowing: false })
  const steps = shownSteps(live, useViewState.getState().isOnlyFailed)
  const index = steps.findIndex(step => step.path === path)
  const next = index === -1 ? (by > 0 ? 0 : steps.length - 1) : Math.min(steps.length - 1, Math.max(0, index + by))
  const step = steps[next]
  if (step) select(step.path)
}

function moveAttempt({ path, attempt, select }: Selection, by: number): void {
  const step = path === undefined ? undefined : useRunStore.getState().live?.steps.get(path)
  const shown = step && chosenAttempt(step, attempt)
  if (!step || !shown) return
  const next = step.attempts[step.attempts.indexOf(shown) + by]
  if (next) select(step.path, next.attempt)
}

/** While it is followed, the selection goes to the step that works. */
export function useFollowing({ path, select }: Selection): void {
  const isFollowing = useViewState(state => state.isFollowing)
  const running = useRunStore(({ live }) => live && runningStep(live))
  useEffect(() => {
    if (isFollowing && running !== undefined && running !== path) select(running)
  }, [isFollowing, running, path, select])
}
