import type { ReactElement } from 'react'
import type { Condition } from '../api/answers.ts'

/** Of these it is good that they are not so, and no news. */
const exceptions: ReadonlySet<string> = new Set(['Suspended'])

/** What is true of a workflow, a line each; what is wrong is red. */
export function Conditions({ conditions }: { conditions: readonly Condition[] }): ReactElement {
  return (
    <ul>
      {conditions.map(({ type, status, reason, message }) => {
        const isTrue = status === 'True'
        if (exceptions.has(type)) return isTrue && <li key={type}>‖ {type}</li>
        return (
          <li key={type} title={message}>
            <span aria-hidden="true" className={isTrue ? 'text-good' : 'text-bad'}>
              {isTrue ? '✓' : '✗'}
            </span>{' '}
            <span className="font-semibold">{isTrue ? type : `not ${type}`}</span>{' '}
            <span className="text-dim">{reason}</span>
          </li>
        )
      })}
    </ul>
  )
}
