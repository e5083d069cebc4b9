import { type ReactElement, useState } from 'react'
import { logOut } from '../api/ask.ts'
import { useConnection } from '../live/live-events.ts'

/** Ends the login of this browser, and shows how one gets in again. */
export function LogOut(): ReactElement {
  const isSignedOut = useConnection(state => state.isSignedOut)
  const [problem, setProblem] = useState('')
  // The page is loaded anew: it then holds nothing of what was seen, and its socket is closed.
  const leave = (): void =>
    void logOut().then(
      () => location.replace('/runs'),
      (error: Error) => setProblem(error.message),
    )
  if (isSignedOut) return <></>
  return (
    <>
      {problem !== '' && (
        <span role="alert" className="text-bad">
          {problem}
        </span>
      )}
      <button type="button" className="button h-7 px-2 text-small" onClick={leave}>
        Log out
      </button>
    </>
  )
}
